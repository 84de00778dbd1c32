"""What policy makes of the facts: how the run ended, how risky it is, what `fail-on` forbids.

Must not know how the facts were found or are shown. A model's output can raise the risk, and decides
nothing else.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.inputs.choices import FailOn, StepOutcome
from upshot.inputs.values import PolicyInputs
from upshot.model import Facts, Meaning, Outcome, Reply, RiskLevel, Verdict, VerdictStatus
from upshot.verdict.risk import Risk, assess, load_rules, raise_by_reply

_FLOOR: Final = {
    StepOutcome.FAILURE: Outcome.FAILED,
    StepOutcome.CANCELLED: Outcome.CANCELLED,
}


def settle_outcome(facts: Facts, outcome: StepOutcome | None) -> Facts:
    """The facts, with the outcome of the step that ran Pulumi as their floor.

    No evidence of a success outweighs a step that failed or was cancelled; a failure in the
    evidence stands whatever the step says. A step's success alone, without evidence, proves
    nothing, and `skipped` says nothing of the deployment.
    """
    floor = _FLOOR.get(outcome) if outcome else None
    if floor is None:
        is_open = facts.outcome is Outcome.UNKNOWN and not facts.is_running
        if outcome is StepOutcome.SUCCESS and is_open and facts.sources:
            return replace(facts, outcome=Outcome.SUCCEEDED)
        return facts
    if facts.outcome in {Outcome.FAILED, Outcome.CANCELLED}:
        return facts
    return replace(facts, outcome=floor, is_running=False)


def decide(facts: Facts, reply: Reply | None = None, *, policy: PolicyInputs) -> Verdict:
    """The verdict. `reply` is None when no AI was asked."""
    risk = assess(facts, load_rules())
    risk = raise_by_reply(risk, reply) if reply else risk
    status = _status(facts)
    findings = _findings(facts, status, risk, policy.risk_threshold)
    return Verdict(
        status=status,
        risk_level=risk.level,
        risk_reasons=risk.reasons,
        breaches=tuple(
            f"fail-on: {item}: {findings[item]}" for item in policy.fail_on if findings[item]
        ),
    )


def _status(facts: Facts) -> VerdictStatus:
    if facts.is_running:
        return VerdictStatus.UNKNOWN
    if facts.outcome is Outcome.SUCCEEDED and facts.has_changes is False:
        return VerdictStatus.NO_CHANGES
    return VerdictStatus.read(facts.outcome)


def _findings(
    facts: Facts, status: VerdictStatus, risk: Risk, threshold: RiskLevel
) -> dict[FailOn, str]:
    """What each word of `fail-on` finds, in words; empty where it finds nothing."""
    deleted, replaced = facts.count(Meaning.DELETE), facts.count(Meaning.REPLACE)
    removed = [c for c in facts.changes if c.means in {Meaning.DELETE, Meaning.REPLACE}]
    found: dict[FailOn, tuple[object, str]] = {
        FailOn.FAILURE: (status is VerdictStatus.FAILED, "the run failed"),
        FailOn.DELETE: (deleted, f"deletes {_resources(deleted)}"),
        FailOn.REPLACE: (replaced, f"replaces {_resources(replaced)}"),
        FailOn.STATEFUL_REPLACE: (
            any(c.stateful and c.means is Meaning.REPLACE for c in removed),
            "replaces a resource that holds data",
        ),
        FailOn.PROTECT: (
            facts.protected or any(c.protected for c in removed),
            "deletes or replaces a protected resource",
        ),
        FailOn.POLICY: (
            any(violation.enforcement == "mandatory" for violation in facts.policy_violations),
            "violates a mandatory policy",
        ),
        FailOn.CHANGES: (facts.has_changes, "something changes"),
        FailOn.RISK: (
            risk.level.rank >= threshold.rank,
            f"the risk is {risk.level}, and risk-threshold is {threshold}",
        ),
    }
    return {item: words if holds else "" for item, (holds, words) in found.items()}


def _resources(number: int | None) -> str:
    return f"{number} resource{'' if number == 1 else 's'}"
