"""The story. Nothing is decided here and nothing is caught: steps decide, the ladder catches."""

from __future__ import annotations

from contextlib import ExitStack

from upshot.event import Event
from upshot.inputs import Inputs
from upshot.inputs.choices import Conversation, Mode
from upshot.model import ReasonCode
from upshot.modes.job import Job
from upshot.modes.shared.asking import ask_backend
from upshot.modes.shared.gather import gather_evidence
from upshot.modes.shared.lateness import warn_if_timed_out
from upshot.modes.shared.lookup import PullRequestLookup, actor_may_ask
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.modes.shared.told import Told, ended_early
from upshot.modes.shared.transcript import replayed


def run(inputs: Inputs, event: Event, job: Job) -> Told:
    """Does what `mode` says. Raises what the ladder in `__main__` explains, and nothing else."""
    visit = PullRequestLookup(inputs, event, job)
    if event.is_comment_triggered and not actor_may_ask(visit.result(), event):
        return refuse(event, job)
    if inputs.mode is Mode.COLLECT:
        from upshot.modes.collect import Collector  # not before: it loads all that publishes

        return Collector(inputs, event, job).collect(visit.result())
    return explain(inputs, event, job, visit)


def explain(inputs: Inputs, event: Event, job: Job, visit: PullRequestLookup) -> Told:
    """The case, one question, one report: modes `explain`, `ask` and `task`.

    The visit to GitHub starts when the AI request is on its way. Only where the question depends
    on the conversation that our comment keeps, it comes first.
    """
    replay = replayed(inputs.run.replay_file) if inputs.run.replay_file else None
    is_continued = inputs.ask.conversation is Conversation.CONTINUE
    memory = visit.result().memory if is_continued else None
    access = obtain_access(inputs, event, job)
    with ExitStack() as stack:
        cloud = connect_cloud(inputs, access, job)
        if cloud is not None:
            stack.enter_context(cloud)
        case = gather_evidence(inputs, event, cloud, job)
        reply = ask_backend(
            inputs,
            event,
            case,
            job,
            access=access,
            cloud=cloud,
            memory=memory,
            visit=visit,
            replay=replay,
        )
    warn_if_timed_out(reply, job)
    from upshot.modes.shared.publish_report import (
        ReportPublisher,  # not before: it loads all that publishes
    )

    return ReportPublisher(inputs, event, job).tell(case, reply, visit.result())


def refuse(event: Event, job: Job) -> Told:
    """Whoever may not write to the repository may not spend or post either (threat T25)."""
    job.warnings.remark(
        "Nothing was asked and nothing posted: the run was triggered by a comment of somebody "
        "without write access to this repository, or GitHub did not say.",
        anchor="not-allowed",
    )
    return Told(ended_early(ReasonCode.NOT_ALLOWED, run=event.run))
