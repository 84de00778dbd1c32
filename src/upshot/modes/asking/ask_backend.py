"""Asking an AI: which one, what, and with which memory of earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.backends.choose import choose_backend
from upshot.backends.interface import Backend, TaskObserver
from upshot.errors import ServiceError
from upshot.evidence.excerpt import Excerpt
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import (
    BackendName,
    NoAnswer,
    Outcome,
    Purpose,
    Question,
    ReasonCode,
    Reply,
    Stamp,
    TaskStatus,
)
from upshot.modes.shared.gather import Case
from upshot.modes.shared.token import Access
from upshot.registry import BACKENDS, load

if TYPE_CHECKING:  # loaded when the AI request is on its way, not before
    from upshot.publish.comment.thread import OwnComment


DEPENDABOT_SECRETS: Final = (
    "The repository's administrator must act: a run that Dependabot starts gets Dependabot's secrets "
    "alone. Under Settings > Secrets and variables > Dependabot, add PULUMI_ACCESS_TOKEN (`gh secret set PULUMI_ACCESS_TOKEN "
    "--app dependabot`)."
)


_SELF_MANAGED: Final = frozenset({"", "organization"})
"""What stands for the organization of a stack without Pulumi Cloud: no token is missing there."""


def build_question(
    job: Job, case: Case, earlier: OwnComment | None, purpose: Purpose = Purpose.EXPLAIN
) -> Question:
    """The question, with ids that were given explicitly before those of our `earlier` comment."""
    ask = job.inputs.ask
    memory = earlier.remembered(str(case.stack or job.unknown_stack)) if earlier else Stamp()
    return Question(
        prompt=job.redactor.redact(ask.prompt),
        organization=case.organization,
        subject=case.subject,
        outcome=case.facts.outcome,
        kind=case.facts.kind,
        evidence=Excerpt(case.facts, job.redactor.redact),
        conversation_id=ask.conversation_id or memory.conversation,
        task_id=ask.task_id or memory.task,
        is_task_given=bool(ask.task_id),
        purpose=purpose,
        stack=None if job.event.is_evidence_foreign else case.stack,
        console=job.console,
    )


def ask_backend(
    job: Job,
    question: Question,
    chosen: str | NoAnswer,
    *,
    cloud: ServiceClient | None,
    on_sent: Callable[[], None],
    progress: TaskObserver | None,
) -> Reply:
    """Asks the backend that `choose` has chosen.

    `on_sent` is called when a request is on its way. `progress` is called while a task works; only
    a backend that shows progress needs it.
    """
    name = BackendName.LOCAL if isinstance(chosen, NoAnswer) else chosen
    if BACKENDS[name].is_ai and cloud is None:
        name = BackendName.LOCAL
    spec = BACKENDS[name]
    words = f"Asking {spec.title}" if spec.is_ai else "Asking no AI: the offline rules explain"
    job.log.info(words)
    job.log.debug(describe_sent(question))
    size = len(question.prompt.encode())
    if spec.prompt_bytes is not None and size > spec.prompt_bytes:
        job.warnings.remark(
            f"Only the first {spec.prompt_bytes:,} bytes of the prompt went to {spec.title}.",
            hint="The workflow's author must act: shorten 'prompt', or set `backend: neo`, which takes "
            "all of it.",
            anchor="long-prompt",
        )
    backend: Backend
    if isinstance(chosen, NoAnswer):
        from upshot.backends.local import LocalBackend

        backend = LocalBackend(chosen)
    else:
        backend = load(spec.build)(job, cloud, progress)
    return backend.ask(question, on_sent=on_sent)


def choose(
    job: Job, case: Case, question: Question, *, choice: str, access: Access
) -> str | NoAnswer:
    """The backend to ask, or why none can be asked though an AI was wanted.

    `choice` is `auto` or a backend's name.
    """
    if job.inputs.run.dry_run:
        choice = BackendName.LOCAL
    is_asking = is_worth_asking(question, case)
    if choice != BackendName.LOCAL and is_asking:
        wanted = choice if choice in BACKENDS else BackendName.COPILOT
        if access.fault is not None:
            return _refused(wanted, access.fault)
        if case.is_refused:
            why = "Pulumi Cloud refused the access token"
            return NoAnswer(wanted, ReasonCode.AI_TOKEN, why=why, anchor="pulumi-token")
    chosen = choose_backend(
        choice,
        has_token=access.token is not None,
        organization=case.organization,
        is_asking=is_asking,
    )
    if access.token is None and job.event.is_by_dependabot:
        if isinstance(chosen, NoAnswer):
            return replace(chosen, hint=DEPENDABOT_SECRETS)
        if choice == "auto" and case.organization not in _SELF_MANAGED:
            notice = "There is no Pulumi access token in this run of Dependabot."
            job.warnings.remark(notice, hint=DEPENDABOT_SECRETS, anchor="pulumi-token")
    return chosen


def within_calls(job: Job, chosen: str | NoAnswer, *, spent: int) -> str | NoAnswer:
    """The same, unless `spent` requests to an AI are as many as `max-ai-calls` allows."""
    if isinstance(chosen, NoAnswer) or not BACKENDS[chosen].is_ai:
        return chosen
    most = job.inputs.ask.max_calls
    if spent < most:
        return chosen
    why = f"the {most:,} calls that 'max-ai-calls' allows went to stacks that are worse"
    return NoAnswer(chosen, ReasonCode.AI_DECLINED, why=why)


def most_urgent_first(cases: Sequence[Case]) -> list[Case]:
    """Failed ones, the most failures first, then those with changes: what is worst gets an answer."""

    def urgency(case: Case) -> tuple[int, int]:
        facts = case.facts
        return _URGENCY.get(facts.outcome, len(_URGENCY)), -len(facts.failed_resources)

    return sorted(cases, key=urgency)


def is_worth_asking(question: Question, case: Case) -> bool:
    """A person asked, something failed, or something changes; "no changes" explains itself."""
    if question.prompt or question.purpose is Purpose.TASK:
        return True
    facts = case.facts
    if not (facts.sources or case.subject):
        return False  # there is nothing to explain it from
    return facts.outcome in {Outcome.FAILED, Outcome.CANCELLED} or facts.has_changes is not False


def describe_sent(question: Question) -> str:
    """Which fields an AI is sent, without what is in them (threat T50)."""
    subject = "an update" if question.subject else "no update"
    asked = f"a prompt of {len(question.prompt):,} characters" if question.prompt else "our prompt"
    memory = "a conversation" if question.conversation_id or question.task_id else "no conversation"
    return (
        f"Sent to an AI: the organization, the address of {subject}, kind {question.kind}, outcome "
        f"{question.outcome}, {asked}, the redacted evidence, {memory} to continue"
    )


def note_reply(job: Job, question: Question, reply: Reply) -> None:
    """Warns about an answer that is missing, late, or about evidence that talks to an AI."""
    if reply.is_answered:
        note_injection(job, question)
        _warn_of_failed_task(job, reply)
    else:
        warn_of_missing_answer(job, reply)
    warn_if_timed_out(job, reply)


def _warn_of_failed_task(job: Job, reply: Reply) -> None:
    if reply.task_status is not TaskStatus.FAILED or reply.reason_code is None:
        return
    job.warnings.degraded_answer(
        reply.reason_code,
        f"{BACKENDS[reply.backend].title} did not finish its task: {reply.why}".rstrip(": "),
        hint="No action needed: the offline rules explain. The task's own page says more: "
        f"{reply.task_url}".rstrip(": "),
        anchor="pulumi-bad-reply",
    )


def warn_of_missing_answer(job: Job, reply: Reply) -> None:
    """An AI that was wanted and did not answer is a warning; one that declined a line in the log."""
    if reply.reason_code is None:
        return
    words = f"{BACKENDS[reply.backend].title} did not answer: {reply.why}"
    if reply.reason_code is ReasonCode.AI_DECLINED:
        job.log.info(words)
    else:
        job.warnings.degraded_answer(reply.reason_code, words, hint=reply.hint, anchor=reply.anchor)


def note_injection(job: Job, question: Question) -> None:
    """An answer about evidence that talks to an AI is shown with a notice (threat T23)."""
    from upshot.evidence.injection import LONGEST, NOTICE, looks_like_injection

    if looks_like_injection(question.evidence.cut(LONGEST)):
        job.warnings.note(NOTICE)


def warn_if_timed_out(job: Job, reply: Reply) -> None:
    """Warns if the deadline has passed and something was cut off by it."""
    if not job.deadline.passed:
        return
    is_cut = ReasonCode.PULUMI_UNAVAILABLE in job.warnings.codes
    if reply.is_answered:
        is_cut |= reply.task_status is TaskStatus.TIMED_OUT
    else:
        is_cut |= reply.reason_code is not None
    if is_cut:
        job.warnings.degraded(
            ReasonCode.TIMED_OUT,
            "The time that 'timeout' gives to Upshot is over: what was known by then is reported.",
            hint="Raise 'timeout', or lower 'max-wait'.",
            anchor="timeout",
        )


def _refused(backend: str, fault: ServiceError) -> NoAnswer:
    """The reason is a notice of the report already."""
    why = "there is no Pulumi access token"
    return NoAnswer(backend, ReasonCode.AI_TOKEN, why=why, hint=fault.hint, anchor=fault.anchor)


_URGENCY = {Outcome.FAILED: 0, Outcome.CANCELLED: 1, Outcome.UNKNOWN: 2}
