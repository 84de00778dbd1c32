"""What policy makes of the facts: how risky the run is, what `fail-on` forbids.

Must not know how the facts were found or are shown. A model's output can raise the risk, and decides
nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from upshot.inputs.choices import FailOn
from upshot.inputs.values import PolicyInputs
from upshot.model import Breach, Facts, Meaning, Outcome, Reply, RiskLevel, Verdict, VerdictStatus
from upshot.verdict.risk import Risk, assess, load_rules, raise_by_reply


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
        breaches=tuple(breach for item in policy.fail_on if (breach := findings[item])),
    )


def _status(facts: Facts) -> VerdictStatus:
    if facts.is_running:
        return VerdictStatus.UNKNOWN
    if facts.outcome is Outcome.SUCCEEDED and facts.has_changes is False:
        return VerdictStatus.NO_CHANGES
    return VerdictStatus.read(facts.outcome)


def _findings(
    facts: Facts, status: VerdictStatus, risk: Risk, threshold: RiskLevel
) -> dict[FailOn, Breach | None]:
    """What each word of `fail-on` finds. What the list of changes may hide counts as found."""
    from upshot.verdict.gaps import count_unlisted  # decided after the AI was asked

    removed = [c for c in facts.changes if c.means in {Meaning.DELETE, Meaning.REPLACE}]
    replaced = [c for c in removed if c.means is Meaning.REPLACE]
    deleted = [c for c in removed if c.means is Meaning.DELETE]
    unlisted = {each: count_unlisted(facts, each) for each in (Meaning.DELETE, Meaning.REPLACE)}
    stateful = [c for c in replaced if c.stateful]
    protected = [*facts.protected, *(c.name for c in removed if c.protected)]
    policies = [v for v in facts.policy_violations if v.enforcement == "mandatory"]
    found = {
        FailOn.FAILURE: _Finding(
            status is VerdictStatus.FAILED,
            "the run failed",
            [f.name for f in facts.failed_resources if not f.is_cascade],
        ),
        FailOn.DELETE: _Finding(
            bool(facts.count(Meaning.DELETE)),
            f"deletes {_resources(facts.count(Meaning.DELETE))}",
            [c.name for c in deleted],
        ),
        FailOn.REPLACE: _Finding(
            bool(facts.count(Meaning.REPLACE)),
            f"replaces {_resources(facts.count(Meaning.REPLACE))}",
            [c.name for c in replaced],
        ),
        FailOn.STATEFUL_REPLACE: _Finding(
            bool(stateful), "replaces a resource that holds data", [c.name for c in stateful]
        )
        or _Finding(
            bool(unlisted[Meaning.REPLACE]),
            f"{_resources(unlisted[Meaning.REPLACE])} to replace are counted and not listed: one "
            "of them may hold data",
        ),
        FailOn.PROTECT: _Finding(
            bool(protected), "deletes or replaces a protected resource", protected
        )
        or _Finding(
            bool(sum(unlisted.values())),
            f"{_resources(sum(unlisted.values()))} to delete or replace are counted and not "
            "listed: one of them may be protected",
        ),
        FailOn.POLICY: _Finding(
            bool(policies), "violates a mandatory policy", [v.policy for v in policies]
        ),
        FailOn.CHANGES: _Finding(
            bool(facts.has_changes), "something changes", [c.name for c in facts.changes]
        ),
        FailOn.RISK: _Finding(
            risk.level.rank >= threshold.rank,
            f"the risk is {risk.level}, and risk-threshold is {threshold}",
        ),
    }
    return {
        rule: Breach(rule.value, finding.what, tuple(dict.fromkeys(filter(None, finding.names))))
        if finding
        else None
        for rule, finding in found.items()
    }


class _Finding(NamedTuple):
    holds: bool
    what: str
    names: Sequence[str] = ()

    def __bool__(self) -> bool:
        return self.holds


def _resources(number: int | None) -> str:
    return f"{number} resource{'' if number == 1 else 's'}"
