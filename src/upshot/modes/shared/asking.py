"""The asking: whom, what, and with which memory of earlier runs."""

from __future__ import annotations

from typing import Final

from upshot.backends.choose import choose_backend
from upshot.backends.interface import Backend
from upshot.backends.local import LocalBackend
from upshot.errors import ServiceError
from upshot.event import Event
from upshot.http.client import ServiceClient
from upshot.inputs import Inputs
from upshot.inputs.choices import BackendChoice, Mode
from upshot.model import BackendName, NoAnswer, Outcome, Question, ReasonCode, Reply
from upshot.modes.job import Job
from upshot.modes.shared.gather import Case
from upshot.modes.shared.lookup import Memory, PullRequestLookup
from upshot.modes.shared.redacted import RedactedEvidence
from upshot.modes.shared.token import Access
from upshot.modes.shared.transcript import record

COPILOT_WAIT_S = 120.0
"""Copilot answers within seconds or not at all; `max-wait` can only shorten this."""


_ANCHORS: Final = {
    ReasonCode.AI_SELF_HOSTED: "self-hosted",
    ReasonCode.AI_TOKEN: "pulumi-token",
    ReasonCode.AI_FORBIDDEN: "pulumi-forbidden",
    ReasonCode.AI_USAGE_LIMIT: "ai-usage-limit",
    ReasonCode.AI_RATE_LIMITED: "pulumi-rate-limit",
    ReasonCode.AI_UNREACHABLE: "pulumi-unreachable",
    ReasonCode.AI_UNAVAILABLE: "pulumi-unavailable",
    ReasonCode.AI_TIMED_OUT: "pulumi-unreachable",
    ReasonCode.AI_NOT_FOUND: "pulumi-not-found",
    ReasonCode.AI_BAD_REPLY: "pulumi-bad-reply",
}


def ask_backend(
    inputs: Inputs,
    event: Event,
    case: Case,
    job: Job,
    *,
    access: Access,
    cloud: ServiceClient | None,
    memory: Memory | None,
    visit: PullRequestLookup,
    replay: Reply | None = None,
) -> Reply:
    """Asks whom the inputs and the case name; the visit starts when the request is on its way.

    With `replay`, a reply that was recorded, nobody is asked.
    """
    question = build_question(inputs, case, memory, job)
    reply = replay
    if reply is None:
        chosen = choose(inputs, case, access)
        job.log.info(_tell_chosen(chosen))
        job.log.debug(_tell_sent(question))
        tell_cut(question, chosen, job)
        if chosen is BackendName.NEO and cloud is not None:
            from upshot.modes.task import ask_neo

            reply = ask_neo(inputs, event, case, job, cloud=cloud, question=question, visit=visit)
        else:
            backend = build_backend(chosen, inputs, cloud, job)
            reply = backend.ask(question, on_sent=visit.start)
    tell_degraded(reply, job)
    tell_suspicion(question, reply, job)
    record(inputs.run.transcript_file, question, reply, job)
    return reply


def _tell_sent(question: Question) -> str:
    """The allow-list of what an AI is sent, without what is in it (threat T50)."""
    subject = "an update" if question.subject else "no update"
    asked = f"a prompt of {len(question.prompt):,} characters" if question.prompt else "our prompt"
    memory = "a conversation" if question.conversation_id or question.task_id else "no conversation"
    return (
        f"Sent to an AI: the organization, the address of {subject}, kind {question.kind}, outcome "
        f"{question.outcome}, {asked}, the redacted evidence, {memory} to continue"
    )


def tell_cut(question: Question, chosen: BackendName | NoAnswer, job: Job) -> None:
    """Whoever asked must know that only the beginning was read."""
    if chosen is not BackendName.COPILOT:
        return
    from upshot.backends.questions import PROMPT_BUDGET_BYTES

    if len(question.prompt.encode()) > PROMPT_BUDGET_BYTES:
        job.warnings.remark(
            f"Only the first {PROMPT_BUDGET_BYTES:,} bytes of the prompt went to Pulumi Copilot."
        )


def _tell_chosen(chosen: BackendName | NoAnswer) -> str:
    match chosen:
        case BackendName.COPILOT | BackendName.NEO:
            return f"Asking Pulumi {chosen.capitalize()}"
        case _:
            return "Asking no AI: the offline rules explain"


def build_question(inputs: Inputs, case: Case, memory: Memory | None, job: Job) -> Question:
    """The question, with ids that were given explicitly before remembered ones."""
    ask = inputs.ask
    memory = (memory or Memory()).of(str(case.stack or ""))
    return Question(
        prompt=job.redactor.redact(ask.prompt),
        organization=case.organization,
        subject=case.subject,
        outcome=case.facts.outcome,
        kind=case.facts.kind,
        evidence=RedactedEvidence(case.facts, job.redactor.redact),
        conversation_id=ask.conversation_id or memory.conversation_id,
        task_id=ask.task_id or memory.task_id,
    )


def is_worth_asking(inputs: Inputs, case: Case) -> bool:
    """A person asked, something failed, or something changes; nobody explains "no changes"."""
    if inputs.ask.prompt or inputs.mode is Mode.TASK:
        return True
    facts = case.facts
    if not (facts.sources or case.subject):
        return False  # there is nothing to explain it from
    return facts.outcome in {Outcome.FAILED, Outcome.CANCELLED} or facts.has_changes is not False


def choose(inputs: Inputs, case: Case, access: Access) -> BackendName | NoAnswer:
    """Whom to ask, or why nobody can be asked though an AI was wanted."""
    choice = inputs.ask.backend
    if inputs.mode is Mode.TASK:
        choice = BackendChoice.NEO
    if inputs.mode is Mode.ASK and choice is BackendChoice.AUTO:
        choice = BackendChoice.COPILOT  # a question that nobody can answer is told, not passed over
    if inputs.run.dry_run:
        choice = BackendChoice.LOCAL
    if choice is not BackendChoice.LOCAL and is_worth_asking(inputs, case):
        if access.fault is not None:
            return _refused(choice, access.fault)
        if case.is_refused:
            return NoAnswer(
                _named(choice), ReasonCode.AI_TOKEN, why="Pulumi Cloud refused the access token"
            )
    return choose_backend(
        choice,
        has_token=access.token is not None,
        organization=case.organization,
        is_asking=is_worth_asking(inputs, case),
    )


def build_backend(
    chosen: BackendName | NoAnswer, inputs: Inputs, cloud: ServiceClient | None, job: Job
) -> Backend:
    """Copilot, or nobody."""
    if isinstance(chosen, NoAnswer):
        return LocalBackend(chosen)
    if chosen is BackendName.LOCAL or cloud is None:
        return LocalBackend()
    from upshot.backends.copilot import CopilotBackend

    return CopilotBackend(
        cloud,
        console=job.console,
        dialect=inputs.ask.api_dialect,
        max_wait_s=min(inputs.ask.max_wait_s, COPILOT_WAIT_S),
    )


def tell_degraded(reply: Reply, job: Job) -> None:
    """An AI that was wanted and did not answer is a warning; one that declined a line in the log."""
    if not isinstance(reply, NoAnswer) or reply.reason_code is None:
        return
    told = f"Pulumi {reply.backend.capitalize()} did not answer: {reply.why}"
    if reply.reason_code is ReasonCode.AI_DECLINED:
        job.log.info(told)
    else:
        anchor = _ANCHORS.get(reply.reason_code, "pulumi-cloud")
        job.warnings.degraded_answer(reply.reason_code, told, hint=reply.hint, anchor=anchor)


def tell_suspicion(question: Question, reply: Reply, job: Job) -> None:
    """An answer about evidence that talks to an AI is shown with a notice (threat T23)."""
    if isinstance(reply, NoAnswer):
        return
    from upshot.evidence.injection import (  # not before the request
        LONGEST,
        NOTICE,
        looks_like_injection,
    )

    if looks_like_injection(question.evidence.cut(LONGEST)):
        job.warnings.note(NOTICE)


def _refused(choice: BackendChoice, fault: ServiceError) -> NoAnswer:
    return NoAnswer(_named(choice), ReasonCode.AI_TOKEN, why=fault.message, hint=fault.hint)


def _named(choice: BackendChoice) -> BackendName:
    return BackendName.NEO if choice is BackendChoice.NEO else BackendName.COPILOT
