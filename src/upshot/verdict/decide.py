"""Policy's word on the facts: how the run ended, how risky it is, and what `fail-on` forbids.

Knows nothing of how the facts were found or are shown. No output of a model decides anything but
a higher risk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from upshot.inputs.choices import FailOn, StepOutcome
from upshot.inputs.values import PolicyInputs
from upshot.model import Facts, Outcome, Reply, ResourceChange, Verdict, VerdictStatus
from upshot.verdict.risk import (
    LEVELS,
    Risk,
    assess,
    count_operation,
    load_rules,
    meaning_of,
    raise_by_reply,
)

_STATUS: Final = {
    Outcome.SUCCEEDED: VerdictStatus.SUCCEEDED,
    Outcome.FAILED: VerdictStatus.FAILED,
    Outcome.CANCELLED: VerdictStatus.CANCELLED,
    Outcome.UNKNOWN: VerdictStatus.UNKNOWN,
}
_OUTCOME: Final = {
    StepOutcome.SUCCESS: Outcome.SUCCEEDED,
    StepOutcome.FAILURE: Outcome.FAILED,
    StepOutcome.CANCELLED: Outcome.CANCELLED,
}


def settle_outcome(facts: Facts, outcome: StepOutcome | None) -> Facts:
    """The facts, with the step's outcome where the evidence does not tell how the run ended.

    Evidence wins: a step may fail after a deployment that succeeded. `skipped` tells nothing.
    """
    if facts.outcome is not Outcome.UNKNOWN or facts.is_running or outcome not in _OUTCOME:
        return facts
    return replace(facts, outcome=_OUTCOME[outcome])


def decide(facts: Facts, reply: Reply | None = None, *, policy: PolicyInputs) -> Verdict:
    """The verdict. `reply` None: nobody was asked."""
    risk = assess(facts, load_rules())
    risk = raise_by_reply(risk, reply) if reply else risk
    status = _status(facts)
    breaches = tuple(
        f"fail-on: {item}: {words}"
        for item in policy.fail_on
        if (words := _CHECKS[item](facts, status, risk, policy))
    )
    return Verdict(
        status=status, risk_level=risk.level, risk_reasons=risk.reasons, breaches=breaches
    )


def _status(facts: Facts) -> VerdictStatus:
    if facts.is_running:
        return VerdictStatus.UNKNOWN
    if facts.outcome is Outcome.SUCCEEDED and facts.has_changes is False:
        return VerdictStatus.NO_CHANGES
    return _STATUS[facts.outcome]


def _failure(_facts: Facts, status: VerdictStatus, _risk: Risk, _policy: PolicyInputs) -> str:
    return "the run failed" if status is VerdictStatus.FAILED else ""


def _operation(facts: Facts, operation: str) -> str:
    n = count_operation(facts, operation)
    return f"{n} resource{'' if n == 1 else 's'}" if n else ""


def _delete(facts: Facts, _status: VerdictStatus, _risk: Risk, _policy: PolicyInputs) -> str:
    words = _operation(facts, "delete")
    return f"deletes {words}" if words else ""


def _replace(facts: Facts, _status: VerdictStatus, _risk: Risk, _policy: PolicyInputs) -> str:
    words = _operation(facts, "replace")
    return f"replaces {words}" if words else ""


def _stateful_replace(
    facts: Facts, _status: VerdictStatus, _risk: Risk, _policy: PolicyInputs
) -> str:
    found = any(change.stateful and meaning_of(change) == "replace" for change in facts.changes)
    return "replaces a resource that holds data" if found else ""


def _protect(facts: Facts, _status: VerdictStatus, _risk: Risk, _policy: PolicyInputs) -> str:
    def breaks(change: ResourceChange) -> bool:
        return change.protected and meaning_of(change) in {"delete", "replace"}

    found = bool(facts.protected) or any(map(breaks, facts.changes))
    return "deletes or replaces a protected resource" if found else ""


def _policy(facts: Facts, _status: VerdictStatus, _risk: Risk, _policy: PolicyInputs) -> str:
    found = any(violation.enforcement == "mandatory" for violation in facts.policy_violations)
    return "violates a mandatory policy" if found else ""


def _changes(facts: Facts, _status: VerdictStatus, _risk: Risk, _policy: PolicyInputs) -> str:
    found = facts.has_changes or any(map(meaning_of, facts.changes))
    return "something changes" if found else ""


def _risk(_facts: Facts, _status: VerdictStatus, risk: Risk, policy: PolicyInputs) -> str:
    if LEVELS.index(risk.level) < LEVELS.index(policy.risk_threshold):
        return ""
    return f"the risk is {risk.level}, and risk-threshold is {policy.risk_threshold}"


_CHECKS: Final[dict[FailOn, Callable[[Facts, VerdictStatus, Risk, PolicyInputs], str]]] = {
    FailOn.FAILURE: _failure,
    FailOn.DELETE: _delete,
    FailOn.REPLACE: _replace,
    FailOn.STATEFUL_REPLACE: _stateful_replace,
    FailOn.PROTECT: _protect,
    FailOn.POLICY: _policy,
    FailOn.CHANGES: _changes,
    FailOn.RISK: _risk,
}
