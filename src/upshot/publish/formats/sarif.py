"""Failures, broken policies and risky changes as SARIF 2.1.0, for GitHub's code scanning.

Shape: OASIS SARIF 2.1.0; what GitHub reads of it: its page on SARIF support (one location a result,
relative to the repository; `automationDetails.id` keeps several stacks apart; an alert stays the same
one while rule and `primaryLocationLineHash` do). Pure; texts are redacted already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from upshot import __version__
from upshot.model import Facts, Failure, PolicyViolation, ResourceChange, RiskLevel
from upshot.publish.interface import StackFacts
from upshot.verdict.risk import Rules, find_rules

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME: Final = "https://www.pulumi.com/docs/"
_MOST_TEXT: Final = 4_000
_MOST: Final = 5_000
"""Results of a run; GitHub shows no more of one."""
_LEVELS: Final = {
    RiskLevel.CRITICAL: "error",
    RiskLevel.HIGH: "warning",
    RiskLevel.MEDIUM: "note",
}
"""Of a risky change; lower risks are left out."""


class _Found(NamedTuple):
    """One result, and the rule that it is of."""

    rule: str
    about: str
    """What the rule says, without anything of this run."""
    level: str
    text: str
    urn: str = ""
    name: str = ""
    file: str = ""
    line: int = 1


def build_sarif(
    stacks: Sequence[StackFacts],
    *,
    rules: Rules,
    program: str,
    relative_path: Callable[[str], str | None],
) -> dict[str, Any]:
    """A log with one run for each stack.

    `program`: the project's file relative to the repository, where what has no place of its own is
    shown. `relative_path` gives a path inside the checkout, None for any other (threat T40).
    """
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [_run(stack, rules, program, relative_path) for stack in stacks],
    }


def _run(
    stack: StackFacts, rules: Rules, program: str, relative_path: Callable[[str], str | None]
) -> dict[str, Any]:
    found = [*_failures(stack.facts), *_policies(stack.facts), *_risks(stack.facts, rules)][:_MOST]
    known: dict[str, str] = {one.rule: one.about for one in found}
    places = {rule: place for place, rule in enumerate(known)}
    driver = {
        "name": "Upshot",
        "version": __version__,
        "informationUri": _HOME,
        "rules": [_rule(rule, about) for rule, about in known.items()],
    }
    results = []
    for one in found:
        file = (relative_path(one.file) if one.file else None) or ""
        results.append(
            {
                "ruleId": one.rule,
                "ruleIndex": places[one.rule],
                "level": one.level,
                "message": {"text": one.text[:_MOST_TEXT]},
                "locations": [_location(one, file or program, one.line if file else 1)],
                "partialFingerprints": {"primaryLocationLineHash": _fingerprint(one, stack.name)},
            }
        )
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"upshot/{stack.name}/"},
        "results": results,
    }


def _rule(rule: str, about: str) -> dict[str, Any]:
    """What GitHub demands of a rule; the run's own report says more than any help could."""
    text = {"text": f"{about}."}
    return {
        "id": rule,
        "shortDescription": text,
        "fullDescription": text,
        "help": {
            "text": f"{about}. The pull request's comment and the job summary say what to do."
        },
    }


def _location(one: _Found, file: str, line: int) -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _as_uri(file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": max(line, 1)},
        }
    }
    if one.urn or one.name:
        logical = {"fullyQualifiedName": one.urn or one.name, "kind": "resource"}
        place["logicalLocations"] = [logical]
    return place


def _failures(facts: Facts) -> Iterator[_Found]:
    for failure in facts.failures:
        if not failure.is_cascade:
            yield _failure(failure)


def _failure(failure: Failure) -> _Found:
    where = failure.location
    if failure.is_resource:
        rule, about = "failed/resource", "A resource could not be changed as planned"
        what = " ".join(filter(None, (failure.operation, failure.type, failure.name)))
        head = f"{what} failed: {failure.headline}"
    else:
        rule, about = "failed/run", "Pulumi's run failed, by no resource of its own"
        head = failure.headline
    more = failure.message.strip()
    text = head if more in {"", failure.headline} else f"{head}\n\n{more}"
    return _Found(
        rule,
        about,
        "error",
        text or about,
        failure.urn,
        failure.name,
        where.file if where else "",
        where.line if where else 1,
    )


def _policies(facts: Facts) -> Iterator[_Found]:
    for broken in facts.policy_violations:
        yield _Found(
            f"policy/{broken.pack}/{broken.policy}",
            f"Policy {broken.policy} of the policy pack {broken.pack}",
            "error" if broken.enforcement == "mandatory" else "warning",
            _policy_text(broken),
            broken.urn,
        )


def _policy_text(broken: PolicyViolation) -> str:
    name = broken.urn.rpartition("::")[2]
    return f"{name}: {broken.message}" if name else broken.message or broken.policy


def _risks(facts: Facts, rules: Rules) -> Iterator[_Found]:
    """The riskiest rule that a change comes under; a plan in a preview, what was done in an update."""
    for change in facts.changes:
        rule = next(iter(find_rules(change, rules)), None)
        if rule is None or rule.level not in _LEVELS:
            continue
        reason = rule.reason.replace("{n}", "a resource")
        yield _Found(
            f"risk/{rule.id}",
            f"A change that {reason}",
            _LEVELS[rule.level],
            f"{_change(change)}: this {reason}",
            change.urn,
            change.name,
        )


def _change(change: ResourceChange) -> str:
    return " ".join(filter(None, (change.operation, change.type, change.name)))


def _fingerprint(one: _Found, stack: str) -> str:
    """The same for the same finding in a later run: without its words, which change."""
    parts = "\0".join((stack, one.rule, one.urn or one.name, one.file))
    return f"{sha256(parts.encode('utf-8', 'replace')).hexdigest()[:32]}:1"


def _as_uri(path: str) -> str:
    return quote(path.replace("\\", "/"))
