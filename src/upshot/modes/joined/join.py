"""The reports of many stacks as one: the worst verdict, sums, and all that failed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, TypeVar

from msgspec.structs import replace

from upshot.model import (
    BackendName,
    Facts,
    NoAnswer,
    Run,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.model.operations import fold_replacements
from upshot.report.content import Report

T = TypeVar("T")

MOST_ROWS: Final = 2_000
"""Of each list of the joined facts; the rest is counted."""


def join_reports(reports: Sequence[Report], *, run: Run, now: float) -> Report:
    """One report about all stacks, at least one; it is about no subject of its own."""
    first = sorted(reports, key=badness)
    verdict = first[0].verdict
    return Report(
        facts=_join_facts([report.facts for report in first], verdict.status),
        diagnosis=first[0].diagnosis,
        reply=NoAnswer(BackendName.LOCAL, calls=sum(report.reply.calls for report in reports)),
        verdict=Verdict(
            status=verdict.status,
            risk_level=max(
                (report.verdict.risk_level for report in reports), key=lambda level: level.rank
            ),
            risk_reasons=_unique(report.verdict.risk_reasons for report in first),
            breaches=tuple(
                replace(breach, stack=name_of(report))
                for report in first
                for breach in report.verdict.breaches
            ),
        ),
        run=run,
        made_at=now,
    )


def name_of(report: Report) -> str:
    """The stack's full name; empty when it is unknown."""
    stack = report.subject.stack if report.subject else report.facts.stack
    return str(stack or "")


def badness(report: Report) -> tuple[int, int]:
    """Sorts reports: failed ones first, of them those with the highest risk."""
    verdict = report.verdict
    return verdict.status.rank, -verdict.risk_level.rank


def _join_facts(facts: Sequence[Facts], status: VerdictStatus) -> Facts:
    counts: Counter[str] = Counter()
    for each in facts:
        counts.update(fold_replacements(each.counts or {}))
    failures = tuple(chain.from_iterable(each.failures for each in facts))
    changes = tuple(chain.from_iterable(each.changes for each in facts))
    kinds = {each.kind for each in facts}
    return Facts(
        outcome=status.shown.outcome,
        kind=kinds.pop() if len(kinds) == 1 else UpdateKind.UNKNOWN,
        is_running=any(each.is_running for each in facts) and status is VerdictStatus.UNKNOWN,
        is_incomplete=any(each.is_incomplete for each in facts),
        counts=dict(counts) if any(each.counts is not None for each in facts) else None,
        failures=failures[:MOST_ROWS],
        failures_omitted=sum(each.failures_omitted for each in facts)
        + max(0, len(failures) - MOST_ROWS),
        changes=changes[:MOST_ROWS],
        changes_omitted=sum(each.changes_omitted for each in facts)
        + max(0, len(changes) - MOST_ROWS),
        policy_violations=_first(each.policy_violations for each in facts),
        warnings=_first(each.warnings for each in facts),
        pending_operations=_first(each.pending_operations for each in facts),
        protected=_first(each.protected for each in facts),
        sources=_unique(each.sources for each in facts),
    )


def _first(lists: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(lists))[:MOST_ROWS]


def _unique(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(lists)))
