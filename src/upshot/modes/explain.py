"""Mode `explain`: one update or preview, one question, one report.

`explain` also serves the modes that differ only in the backend and the purpose of the question.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from msgspec.structs import replace

from upshot.errors import NothingGiven
from upshot.http.client import ServiceClient
from upshot.inputs.choices import CommentMode, Conversation
from upshot.job import Job
from upshot.model import BackendName, NoAnswer, Purpose, Question, Reply, TaskState
from upshot.modes.asking.ask_backend import (
    ask_backend,
    build_question,
    choose,
    most_urgent_first,
    note_reply,
    within_calls,
)
from upshot.modes.asking.facts_first import FactsFirst
from upshot.modes.shared.gather import Case, gather_evidence, keep_cases
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.registry import BACKENDS
from upshot.runner.signals import Interrupted

if TYPE_CHECKING:  # loaded when there is something to publish
    from upshot.modes.asking.task_progress import TaskProgress
    from upshot.result.run_result import RunResult

_GIVE = """\
Write the log in the step that runs Pulumi (`pulumi up 2>&1 | tee pulumi.log`), and give it here:

with:
  log-file: pulumi.log
  outcome: ${{ steps.up.outcome }}

With a Pulumi access token, `stack-name` alone is enough."""


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Raises NothingGiven when neither an input nor the event says what to look at."""
    if not has_something_to_explain(job):
        raise NothingGiven(
            "There is nothing to look at: no log, no event log, no stack and no update is given",
            hint=_GIVE,
        )
    return explain(job, lookup, choice=job.inputs.ask.backend, needs_evidence=True)


def has_something_to_explain(job: Job) -> bool:
    subject = job.inputs.subject
    given = (
        subject.update,
        subject.name,
        subject.events_file,
        subject.log_file,
        subject.log,
        subject.log_from,
        subject.stacks,
        subject.deployment,
        job.inputs.run.replay_file,
    )
    return any(given)


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
    reply = _replayed(inputs.run.replay_file) if inputs.run.replay_file else None
    is_continued = inputs.ask.conversation is Conversation.CONTINUE
    earlier = lookup.result().latest if is_continued else None
    access = obtain_access(job)
    with ExitStack() as stack:
        cloud = connect_cloud(job, access)
        if cloud is not None:
            stack.enter_context(cloud)
        if inputs.subject.stacks:
            from upshot.modes.fleets.gather import gather_stacks

            cases = gather_stacks(job, access)
        elif inputs.subject.deployment:
            from upshot.modes.shared.deployment import gather_deployment

            cases = gather_deployment(job, cloud)
        else:
            cases = gather_evidence(
                job,
                cloud,
                is_expected=needs_evidence,
                attempt_start=lambda: _attempt_start(job, lookup),
            )
        keep_cases(job, cases)
        answered = [(case, reply) for case in cases] if reply else []
        for case in () if reply else most_urgent_first(cases):
            question = build_question(job, case, earlier, purpose)
            chosen = choose(job, case, question, choice=choice, access=access)
            chosen = within_calls(job, chosen, spent=sum(reply.calls for _, reply in answered))
            show = show_live(job, case, lookup) if len(cases) == 1 else None
            watched = Watched()
            try:
                answer = _find_earlier(job, case, question, chosen, lookup) or ask_one(
                    job, case, question, chosen, watched, cloud=cloud, lookup=lookup, show=show
                )
            except Interrupted as cancelled:
                cancelled.take()
                from upshot.modes.asking.cancelled import end_cancelled

                return end_cancelled(
                    job,
                    case,
                    lookup,
                    progress=watched.progress,
                    early=watched.early,
                    exit_code=cancelled.exit_code,
                )
            note_reply(job, question, answer)
            if inputs.run.transcript_file:
                from upshot.modes.asking.transcript import record

                record(job, question, answer)
            answered.append((_with_question(job, case, question, chosen), answer))
    from upshot.modes.joined.publish import publish_reports  # not before: it loads the renderer

    return publish_reports(job, answered, lookup.result())


class Watched:
    """What a question that is interrupted has come to."""

    progress: TaskProgress | None = None
    early: FactsFirst | None = None


def ask_one(
    job: Job,
    case: Case,
    question: Question,
    chosen: str | NoAnswer,
    watched: Watched | None = None,
    *,
    cloud: ServiceClient | None,
    lookup: PullRequestLookup,
    show: Callable[[TaskState], None] | None,
) -> Reply:
    """One question. `watched` is filled, for a run that is interrupted.

    `show` is None where several stacks share the report: no early one then.
    """
    watched = watched or Watched()
    name = chosen if isinstance(chosen, str) else BackendName.LOCAL
    with ExitStack() as stack:
        progress = None
        if BACKENDS[name].shows_progress:
            from upshot.modes.asking.task_progress import TaskProgress

            progress = stack.enter_context(TaskProgress(job, case.organization, show))
            watched.progress = progress
        shown = name if show else BackendName.LOCAL
        watch = watched.early = stack.enter_context(FactsFirst(job, case, shown, lookup))
        return ask_backend(
            job, question, chosen, cloud=cloud, on_sent=watch.on_sent, progress=progress
        )


def _find_earlier(
    job: Job, case: Case, question: Question, chosen: str | NoAnswer, lookup: PullRequestLookup
) -> Reply | None:
    """The answer of an earlier run to the same question, where there may be one.

    Our comment is read first only then: the first run about a commit asks at once.
    """
    is_continued = job.inputs.ask.conversation is Conversation.CONTINUE
    may_be_asked = (
        is_continued
        or job.event.may_be_repeated
        or case.is_of_other_run
        or job.workspace.has_result(job.inputs.publish.comment_key)
    )
    if job.inputs.ask.ask_again or not may_be_asked:
        return None
    if not (isinstance(chosen, str) and BACKENDS[chosen].is_ai):
        return None
    from upshot.modes.asking.earlier import find_earlier

    case = _with_question(job, case, question, chosen)
    reply = find_earlier(job, case, question, chosen, lookup.result())
    if reply is not None:
        job.log.info(f"No AI is asked: our comment has {BACKENDS[chosen].title}'s answer already")
    return reply


def _with_question(job: Job, case: Case, question: Question, chosen: str | NoAnswer) -> Case:
    """The case with what the question comes to, for the next run."""
    if not (isinstance(chosen, str) and BACKENDS[chosen].is_ai):
        return case
    from upshot.modes.asking.earlier import digest_of

    return replace(case, asked=digest_of(job, question, chosen))


def _attempt_start(job: Job, lookup: PullRequestLookup) -> float | None:
    from upshot.modes.shared.attempt import find_attempt_start

    return find_attempt_start(job, lookup)


def _replayed(path: str) -> Reply:
    from upshot.modes.asking.transcript import replayed

    return replayed(path)


def show_live(job: Job, case: Case, lookup: PullRequestLookup) -> Callable[[TaskState], None]:
    """Edits the one comment that is kept up to date; other modes show the end only."""

    def show(state: TaskState) -> None:
        if job.inputs.publish.comment_mode is CommentMode.UPDATE:
            from upshot.modes.shared.report import show_progress

            receipt = show_progress(job, case, state, lookup.result())
            lookup.invalidate(early_action=receipt.action if receipt else "")

    return show
