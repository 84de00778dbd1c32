"""Joins the facts of several sources about one run, and of several runs in one source.

Pure; must not know where facts come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from upshot.evidence.facts import (
    MAX_CHANGES,
    MAX_FAILURES,
    MAX_LIST,
    MAX_NAMED,
    MAX_POLICY_VIOLATIONS,
    MAX_WARNINGS,
)
from upshot.model import Facts, Failure, Outcome, UpdateKind

T = TypeVar("T")

_MOST_FAILURES = MAX_FAILURES + MAX_NAMED
_WRONG = frozenset({Outcome.FAILED, Outcome.CANCELLED})
# Worst last: the joined facts of several runs have the worst outcome.
_BADNESS = (Outcome.UNKNOWN, Outcome.SUCCEEDED, Outcome.CANCELLED, Outcome.FAILED)


def merge_facts(best_first: Sequence[Facts]) -> Facts:
    """The facts of one run from several sources, the most trusted source first.

    A less trusted source only fills in what the others leave open. An empty sequence gives empty
    facts.
    """
    merged = Facts()
    for facts in best_first:
        merged = _fill(merged, facts)
    return merged


def _fill(better: Facts, lesser: Facts) -> Facts:
    knows_outcome = better.outcome is not Outcome.UNKNOWN
    if better.outcome is Outcome.SUCCEEDED and _contradicts(better, lesser):
        knows_outcome = False
    use_lesser_failures = not better.failures and not (
        knows_outcome and better.outcome is Outcome.SUCCEEDED
    )
    return Facts(
        outcome=better.outcome if knows_outcome else lesser.outcome,
        kind=better.kind if better.kind is not UpdateKind.UNKNOWN else lesser.kind,
        stack=better.stack or lesser.stack,
        is_running=better.is_running if _says_anything(better) else lesser.is_running,
        is_incomplete=better.is_incomplete if _says_anything(better) else lesser.is_incomplete,
        duration_s=_known(better.duration_s, lesser.duration_s),
        started_at=_known(better.started_at, lesser.started_at),
        drifted_since=_known(better.drifted_since, lesser.drifted_since),
        counts=_known(better.counts, lesser.counts),
        planned=_known(better.planned, lesser.planned),
        failures=lesser.failures if use_lesser_failures else _enrich(better, lesser),
        failures_omitted=(
            lesser.failures_omitted if use_lesser_failures else better.failures_omitted
        ),
        changes=better.changes or lesser.changes,
        changes_omitted=better.changes_omitted if better.changes else lesser.changes_omitted,
        outputs=better.outputs or lesser.outputs,
        outputs_omitted=better.outputs_omitted if better.outputs else lesser.outputs_omitted,
        diagnostics=better.diagnostics or lesser.diagnostics,
        policy_violations=better.policy_violations or lesser.policy_violations,
        warnings=better.warnings or lesser.warnings,
        pending_operations=better.pending_operations or lesser.pending_operations,
        protected=better.protected or lesser.protected,
        links=_unique((*better.links, *lesser.links), MAX_LIST),
        sources=_unique((*better.sources, *lesser.sources), MAX_LIST),
        plans=better.plans or lesser.plans,
        failed_afterwards=better.failed_afterwards
        or (not knows_outcome and lesser.failed_afterwards),
        retried=max(better.retried, lesser.retried),
    )


def _agree(better: Facts, lesser: Facts) -> bool:
    """Whether both may be about the same stack."""
    return not (better.stack and lesser.stack) or better.stack.agrees(lesser.stack)


def _contradicts(better: Facts, lesser: Facts) -> bool:
    """Whether a success is none: never greener than the truth.

    Events end before the CLI's last word. Any other failure counts where it is surely this stack's,
    and where the better source does not know it: the display calls a resource failed for an error that
    was only logged.
    """
    if lesser.failed_afterwards:
        return _agree(better, lesser)
    if lesser.outcome is Outcome.FAILED and _knows(better, lesser.failures):
        return False
    is_same = better.stack is not None and lesser.stack is not None
    return is_same and _agree(better, lesser) and lesser.outcome in _WRONG


def _knows(better: Facts, failures: Sequence[Failure]) -> bool:
    """Whether the better source has each of these errors as a warning."""
    said = [warning.message for warning in better.warnings]
    return bool(failures) and all(
        failure.headline and any(failure.headline in text for text in said) for failure in failures
    )


def _says_anything(facts: Facts) -> bool:
    return facts != Facts(sources=facts.sources)


def _known(better: T | None, lesser: T | None) -> T | None:
    return lesser if better is None else better


def _enrich(better: Facts, lesser: Facts) -> tuple[Failure, ...]:
    """The better source's failures, with the source locations that only the other one has."""
    by_name = {(f.type, f.name): f for f in lesser.failures}
    return tuple(
        replace(failure, location=found.location)
        if failure.location is None
        and (found := by_name.get((failure.type, failure.name)))
        and found.headline == failure.headline
        else failure
        for failure in better.failures
    )


def join_runs(first: Facts, second: Facts) -> Facts:
    """Joins two runs of one log, in their order: the worst outcome, everything that happened.

    An update repeats what its own preview reported, so a preview that did not fail is replaced by
    the run after it.
    """
    if is_plan_of(first, second):
        links = _unique((*second.links, *first.links), MAX_LIST)
        planned = _known(second.planned, first.counts)
        return replace(second, stack=second.stack or first.stack, links=links, planned=planned)
    by_weight = sorted((second, first), key=_badness, reverse=True)
    worst = by_weight[0]
    return Facts(
        outcome=worst.outcome,
        kind=next((f.kind for f in by_weight if f.kind is not UpdateKind.UNKNOWN), worst.kind),
        stack=next((f.stack for f in by_weight if f.stack), None),
        is_running=first.is_running or second.is_running,
        is_incomplete=first.is_incomplete or second.is_incomplete,
        duration_s=_sum(first.duration_s, second.duration_s),
        started_at=_known(first.started_at, second.started_at),
        counts=_add(first.counts, second.counts),
        failures=(*first.failures, *second.failures)[:_MOST_FAILURES],
        failures_omitted=first.failures_omitted
        + second.failures_omitted
        + max(0, len(first.failures) + len(second.failures) - _MOST_FAILURES),
        changes=(*first.changes, *second.changes)[: 2 * MAX_CHANGES],
        changes_omitted=first.changes_omitted
        + second.changes_omitted
        + max(0, len(first.changes) + len(second.changes) - 2 * MAX_CHANGES),
        outputs=second.outputs or first.outputs,
        outputs_omitted=second.outputs_omitted if second.outputs else first.outputs_omitted,
        diagnostics=_add(first.diagnostics, second.diagnostics) or {},
        policy_violations=_unique(
            (*first.policy_violations, *second.policy_violations), MAX_POLICY_VIOLATIONS
        ),
        warnings=_unique((*first.warnings, *second.warnings), MAX_WARNINGS),
        pending_operations=_unique(
            (*first.pending_operations, *second.pending_operations), MAX_LIST
        ),
        protected=_unique((*first.protected, *second.protected), MAX_LIST),
        links=_unique((*worst.links, *first.links, *second.links), MAX_LIST),
        sources=_unique((*first.sources, *second.sources), MAX_LIST),
        plans=tuple(sorted({*first.plans, *second.plans})),
        failed_afterwards=first.failed_afterwards or second.failed_afterwards,
    )


def _badness(facts: Facts) -> int:
    return _BADNESS.index(facts.outcome)


def is_plan_of(first: Facts, second: Facts) -> bool:
    """Whether the first run is the preview, not a failed one, of the update that came after it."""
    if first.outcome in {Outcome.FAILED, Outcome.CANCELLED}:
        return False
    same_stack = first.stack == second.stack or first.stack is None
    return first.kind is UpdateKind.PREVIEW and second.kind is not UpdateKind.PREVIEW and same_stack


def _sum(one: float | None, other: float | None) -> float | None:
    return one if other is None else other if one is None else one + other


def _add(one: dict[str, int] | None, other: dict[str, int] | None) -> dict[str, int] | None:
    if one is None or other is None:
        return one if other is None else other
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}


def _unique(items: Iterable[T], limit: int) -> tuple[T, ...]:
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
        if len(found) >= limit:
            break
    return tuple(found)
