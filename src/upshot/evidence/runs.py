"""The engine's runs in one log become one account a stack. Pure.

A log may hold a preview and its update, a second try after a failure, and several stacks. What
counts of a stack is its last run; what came before is a note at most, and nothing is added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from msgspec.structs import replace

from upshot.evidence.merge import is_plan_of, join_runs
from upshot.model import Facts, Outcome, StackRef, UpdateKind

_WRONG = frozenset({Outcome.FAILED, Outcome.CANCELLED})


def by_stack(runs: Sequence[Facts]) -> tuple[Facts, ...]:
    """One account for each stack, in the order of their first runs; empty without a run.

    A run that names no stack belongs to the stack of the run before it.
    """
    groups: list[list[Facts]] = []
    for run in runs:
        group = _find_group(groups, run.stack)
        if group is None:
            groups.append([run])
        else:
            group.append(run)
    return tuple(map(_last_word, groups))


def join(accounts: Sequence[Facts]) -> Facts:
    """All accounts as one, for a reader that shows a single one: the worst outcome, every failure."""
    return reduce(join_runs, accounts) if accounts else Facts()


def _find_group(groups: list[list[Facts]], stack: StackRef | None) -> list[Facts] | None:
    if not groups:
        return None
    if stack is None:
        return groups[-1]
    for group in reversed(groups):
        names = [run.stack for run in group if run.stack]
        if all(name.agrees(stack) for name in names):
            return group
    return None


def _last_word(runs: list[Facts]) -> Facts:
    """The account of one stack: its last run, with what only the earlier ones know."""
    last = _pick_last(runs)
    stack = last.stack
    for run in runs:
        if run.stack:
            stack = stack.filled(run.stack) if stack else run.stack
    at = next(at for at, run in enumerate(runs) if run is last)
    earlier = runs[:at]
    failed = [run for run in earlier if run.outcome in _WRONG and _is_try_of(run, last)]
    is_fragment = last.counts is None and last.duration_s is None
    if failed and is_fragment and last.outcome is not Outcome.SUCCEEDED:
        return replace(failed[-1], stack=stack)  # what follows only quotes it, or says nothing
    tries = last.retried + sum(1 + run.retried for run in failed)
    before = earlier[-1] if earlier else Facts()
    planned = before.counts if is_plan_of(before, last) else None
    return replace(last, stack=stack, retried=tries, planned=planned)


def _pick_last(runs: list[Facts]) -> Facts:
    """The last run, but for a preview that only looks at what an update has done."""
    last = runs[-1]
    if last.kind is not UpdateKind.PREVIEW or last.outcome in _WRONG:
        return last
    other = {UpdateKind.PREVIEW, UpdateKind.UNKNOWN}
    updates = [run for run in runs if run.kind not in other]
    return updates[-1] if updates else last


def _is_try_of(run: Facts, last: Facts) -> bool:
    """Whether a run that failed was an earlier try of the last one.

    An update whose preview failed or that was refused after it has ended there, so an update that follows is
    another try. An update that failed is no try of a preview.
    """
    return run.kind is UpdateKind.PREVIEW or last.kind is not UpdateKind.PREVIEW
