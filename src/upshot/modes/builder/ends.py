"""Ends of a run about a workflow that are no change: a fault, a refusal, an answer that is not there."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
)
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.builder.outcome import Outcome
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.wire.turn import Turn
from upshot.runner.warnings import format_message

_AUTHOR_ACTS: Final = (ServiceAuthError, ServiceForbidden, ServiceNotFound, ServiceBadRequest)
_LATE: Final = "The Copilot has not answered yet"


def explain(
    job: Job, fault: ServiceError, outcome: Outcome | None = None, *, exit_code: int = 0
) -> Outcome:
    """A fault of the service. A person must act: exit code 1; an outage leaves something unsaid: 0."""
    found = replace(outcome or Outcome(), fault=fault.message, hint=fault.hint)
    if exit_code or isinstance(fault, _AUTHOR_ACTS):
        job.log.error(format_message(fault.message, fault.hint, fault.anchor), title="Upshot")
        return replace(found, exit_code=1, reason=ReasonCode.NOT_DONE)
    words = "Powabase did not answer as it should"
    job.warnings.degraded_by(fault.reason, words, fault)
    return replace(found, reason=fault.reason)


def unanswered(job: Job, turn: Turn) -> Outcome:
    """A turn of an earlier run that has no answer yet."""
    job.warnings.degraded(
        ReasonCode.AI_TIMED_OUT,
        f"{_LATE}; it is not asked twice.",
        hint="No action needed: run again in a few minutes.",
        anchor="powabase",
    )
    return Outcome(turn=turn, session_id=turn.session_id, fault=f"{_LATE}.")


def end(job: Job, message: str, hint: str, reason: ReasonCode) -> Outcome:
    """A run that did nothing: the person that the hint names must act."""
    job.log.error(format_message(message, hint, "powabase"), title="Upshot")
    return Outcome(exit_code=1, reason=reason, fault=message, hint=hint)


def unusable(job: Job, invalid: InvalidWorkflow) -> Outcome:
    """A graph or a file that cannot be used, with every finding."""
    found = end(job, invalid.message, invalid.hint, ReasonCode.NOT_DONE)
    return replace(found, findings=invalid.findings)
