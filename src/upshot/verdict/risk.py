"""How risky a run's changes are: rules as data (risk.toml), applied to the facts.

Reasons are fixed words with counts; no name or message of the evidence gets into them (threat T21).
A model can raise the level and never lower it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from msgspec import Struct

from upshot.model import (
    Facts,
    Meaning,
    Outcome,
    Reply,
    ResourceChange,
    RiskLevel,
    UpdateKind,
)

_LEVELS: Final = frozenset(RiskLevel)
_READ_OF_ANSWER = 200_000
_MARKER = "risk level:"
_CUT = " \t*_`>#-.|"


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    level: RiskLevel
    operations: tuple[Meaning, ...]
    reason: str
    drift: str = ""
    """The reason where a refresh found it, after "drift: "."""
    category: str = ""
    stateful: bool | None = None
    protected: bool | None = None
    at_least: int = 1


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    starts: tuple[str, ...]
    contains: tuple[str, ...]

    def holds(self, type_token: str) -> bool:
        """Whether a type belongs here, as events or as a log spell it."""
        token = type_token.lower().replace("/", ":") + ":"
        return token.startswith(self.starts) or any(part in token for part in self.contains)


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]
    category: dict[str, Category]


class Risk(Struct, frozen=True):
    level: RiskLevel
    reasons: tuple[str, ...]


@cache
def load_rules() -> Rules:
    """The rules that ship with Upshot, read once.

    Raises msgspec.ValidationError when they are malformed.
    """
    from msgspec import convert

    from upshot.evidence.rules import read_file  # not needed before the first AI request

    return convert(read_file("upshot.verdict", "risk.toml"), Rules)


def assess(facts: Facts, rules: Rules) -> Risk:
    """The level by the facts alone, with the reasons of the highest level first."""
    found = sorted((*_by_rules(facts, rules), *_by_run(facts)), key=lambda item: -item[0].rank)
    level = found[0][0] if found else RiskLevel.NONE
    return Risk(level, tuple(dict.fromkeys(reason for _, reason in found)))


def raise_by_reply(risk: Risk, reply: Reply) -> Risk:
    """The risk, raised where a model's answer has a line such as `Risk level: high`."""
    if not reply.is_explanation:
        return risk
    said = max(_levels_in(reply.text), key=lambda level: level.rank, default=RiskLevel.NONE)
    if said.rank <= risk.level.rank:
        return risk
    reason = f"raised from {risk.level} to {said} by {reply.backend_used}"
    return Risk(said, (reason, *risk.reasons))


def _by_rules(facts: Facts, rules: Rules) -> Iterator[tuple[RiskLevel, str]]:
    for rule in rules.rule:
        n = _matching(facts, rule, rules.category)
        if n >= rule.at_least:
            counted = f"{n} resource{'' if n == 1 else 's'}"
            is_drift = bool(rule.drift) and facts.kind is UpdateKind.REFRESH
            reason = f"drift: {rule.drift}" if is_drift else rule.reason
            yield rule.level, reason.replace("{n}", counted)


def _matching(facts: Facts, rule: Rule, categories: dict[str, Category]) -> int:
    if not rule.category and rule.stateful is None and rule.protected is None:
        drift = [c for c in facts.changes if c.is_drift and _meaning(c) in rule.operations]
        return max(sum(facts.count(meaning) or 0 for meaning in rule.operations), len(drift))
    found = (change for change in facts.changes if _covers(rule, change, categories))
    return len({change.urn or change.name for change in found})


def find_rules(change: ResourceChange, rules: Rules) -> Sequence[Rule]:
    """The rules that one change comes under, the riskiest first; those about many are left out."""
    found = [
        rule for rule in rules.rule if rule.at_least == 1 and _covers(rule, change, rules.category)
    ]
    return sorted(found, key=lambda rule: -rule.level.rank)


def _covers(rule: Rule, change: ResourceChange, categories: dict[str, Category]) -> bool:
    return (
        _meaning(change) in rule.operations
        and (rule.stateful is None or change.stateful is rule.stateful)
        and (rule.protected is None or change.protected is rule.protected)
        and (not rule.category or categories[rule.category].holds(change.type))
    )


def _meaning(change: ResourceChange) -> Meaning:
    """Drift weighs what the same change would weigh if Pulumi made it."""
    if change.is_drift:
        return Meaning.DELETE if change.is_gone else Meaning.UPDATE
    return change.means


def _by_run(facts: Facts) -> Iterator[tuple[RiskLevel, str]]:
    """Risks of the run as a whole, beside those of its single changes."""
    enforced = [violation.enforcement for violation in facts.policy_violations]
    if "mandatory" in enforced:
        yield RiskLevel.HIGH, "violates a mandatory policy"
    if any(violation.severity in {"high", "critical"} for violation in facts.policy_violations):
        yield RiskLevel.MEDIUM, "violates a policy of high severity"
    if facts.protected:
        yield RiskLevel.HIGH, "would delete a protected resource"
    if facts.kind is UpdateKind.DESTROY and facts.count(Meaning.DELETE):
        yield RiskLevel.HIGH, "destroys the stack"
    if facts.pending_operations:
        yield RiskLevel.MEDIUM, "left operations pending"
    stopped = facts.outcome in {Outcome.FAILED, Outcome.CANCELLED}
    if stopped and facts.kind is not UpdateKind.PREVIEW and facts.has_changes:
        yield RiskLevel.MEDIUM, "stopped halfway: some resources are changed, others are not"


def _levels_in(text: str) -> Sequence[RiskLevel]:
    found = []
    for line in text[:_READ_OF_ANSWER].splitlines():
        plain = line.strip(_CUT).lower()
        if plain.startswith(_MARKER):
            word = plain.removeprefix(_MARKER).strip(_CUT)
            if word in _LEVELS:
                found.append(RiskLevel(word))
    return found
