"""Whether what a report shows needs a person: what an issue and an announcement depend on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from upshot.model import Facts, UpdateKind, Verdict, VerdictStatus

_WRONG: Final = frozenset({VerdictStatus.FAILED, VerdictStatus.CANCELLED})


def has_drift(facts: Facts) -> bool:
    """Whether a refresh found that something was changed outside of Pulumi."""
    is_listed = any(change.is_drift for change in facts.changes)
    return facts.kind is UpdateKind.REFRESH and (is_listed or facts.has_changes is True)


def is_well(facts: Facts, verdict: Verdict) -> bool | None:
    """False: it failed, was cancelled, breaks a rule of `fail-on`, or found drift.

    None where that is not known: nothing was found, or the update has not ended.
    """
    if verdict.status in _WRONG or verdict.breaches or has_drift(facts):
        return False
    return None if verdict.status is VerdictStatus.UNKNOWN else True


def are_well(each: Iterable[bool | None]) -> bool | None:
    """The same of several reports, at least one: one that needs a person outweighs all others."""
    found = list(each)
    if False in found:
        return False
    return None if None in found or not found else True
