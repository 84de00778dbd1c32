"""Mode `explain`: one update or preview, one question, one report.

`explain` also serves the modes that differ only in the backend and the purpose of the question.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from upshot.inputs.choices import CommentMode, Conversation
from upshot.job import Job
from upshot.model import Purpose, TaskState
from upshot.modes.shared.ask_backend import ask_backend, build_question, choose, note_reply
from upshot.modes.shared.gather import gather_evidence
from upshot.modes.shared.lookup import PullRequestLookup, memory_of
from upshot.modes.shared.task_progress import TaskProgress
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.modes.shared.transcript import record, replayed

if TYPE_CHECKING:  # loaded when there is something to publish
    from upshot.result.run_result import RunResult


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    return explain(job, lookup, choice=job.inputs.ask.backend, needs_evidence=True)


def explain(
    job: Job,
    lookup: PullRequestLookup,
    *,
    choice: str,
    purpose: Purpose = Purpose.EXPLAIN,
    needs_evidence: bool = False,
) -> RunResult:
    """Gathers, asks, and publishes. `choice` is `auto` or a backend's name.

    The look-up on GitHub starts when the AI request is on its way. It comes first only where the
    question depends on the conversation that our comment keeps. `needs_evidence`: a run that finds
    nothing is worth a warning.
    """
    inputs = job.inputs
    reply = replayed(inputs.run.replay_file) if inputs.run.replay_file else None
    is_continued = inputs.ask.conversation is Conversation.CONTINUE
    memory = memory_of(lookup.result()) if is_continued else None
    access = obtain_access(job)
    with ExitStack() as stack:
        cloud = connect_cloud(job, access)
        if cloud is not None:
            stack.enter_context(cloud)
        case = gather_evidence(job, cloud, is_expected=needs_evidence)
        question = build_question(job, case, memory, purpose)

        def show(state: TaskState) -> None:
            """Edits the one comment that is kept up to date; other modes show the end only."""
            if inputs.publish.comment_mode is CommentMode.UPDATE:
                from upshot.modes.shared.report import show_progress

                show_progress(job, case, state, lookup.result())
                lookup.invalidate()

        if reply is None:
            chosen = choose(job, case, question, choice=choice, access=access)
            progress = stack.enter_context(TaskProgress(job, case.organization, show))
            reply = ask_backend(
                job, question, chosen, cloud=cloud, on_sent=lookup.start, progress=progress
            )
    note_reply(job, question, reply)
    record(job, question, reply)
    from upshot.modes.shared.report import publish_report  # not before: it loads the renderer

    return publish_report(job, case, reply, lookup.result())
