"""Every pair of source and outcome: no source of a success outweighs another one of a failure."""

from __future__ import annotations

from itertools import product
from typing import Final

import pytest

from upshot.evidence.merge import merge_facts
from upshot.inputs.choices import StepOutcome
from upshot.model import Facts, Failure, Outcome, StackRef
from upshot.verdict import settle_outcome

SOURCES: Final = ("events-file", "pulumi-cloud", "log-file", "log", "job-log")
WORST: Final = {
    frozenset({Outcome.UNKNOWN}): Outcome.UNKNOWN,
    frozenset({Outcome.SUCCEEDED}): Outcome.SUCCEEDED,
    frozenset({Outcome.SUCCEEDED, Outcome.UNKNOWN}): Outcome.SUCCEEDED,
    frozenset({Outcome.CANCELLED}): Outcome.CANCELLED,
    frozenset({Outcome.CANCELLED, Outcome.UNKNOWN}): Outcome.CANCELLED,
    frozenset({Outcome.CANCELLED, Outcome.SUCCEEDED}): Outcome.CANCELLED,
    frozenset({Outcome.FAILED}): Outcome.FAILED,
    frozenset({Outcome.FAILED, Outcome.UNKNOWN}): Outcome.FAILED,
    frozenset({Outcome.FAILED, Outcome.SUCCEEDED}): Outcome.FAILED,
}
PAIRS: Final = [(a, b) for n, a in enumerate(SOURCES) for b in SOURCES[n + 1 :]]
STEP: Final = {
    StepOutcome.SUCCESS: None,
    StepOutcome.SKIPPED: None,
    StepOutcome.FAILURE: Outcome.FAILED,
    StepOutcome.CANCELLED: Outcome.CANCELLED,
}


def account(source: str, outcome: Outcome, stack: str = "dev") -> Facts:
    failures = (Failure("no", "no"),) if outcome is Outcome.FAILED else ()
    ref = StackRef("acme", "shop", stack)
    return Facts(outcome=outcome, sources=(source,), stack=ref, failures=failures)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_worst_of_two_sources_counts(pair: tuple[str, str]) -> None:
    better, lesser = pair
    for one, other in product(Outcome, repeat=2):
        merged = merge_facts([account(better, one), account(lesser, other)])
        if {one, other} == {Outcome.FAILED, Outcome.CANCELLED}:
            assert merged.outcome is one, "both went wrong: the better source says how"
            continue
        assert merged.outcome is WORST[frozenset({one, other})], (one, other)
        assert bool(merged.failures) is (merged.outcome is Outcome.FAILED), (one, other)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("step", StepOutcome)
@pytest.mark.parametrize("outcome", Outcome)
def test_the_step_is_the_floor_of_every_source(
    source: str, outcome: Outcome, step: StepOutcome
) -> None:
    settled = settle_outcome(account(source, outcome), step).outcome
    floor = STEP[step]
    if outcome in {Outcome.FAILED, Outcome.CANCELLED}:
        assert settled is outcome
    elif floor is not None:
        assert settled is floor
    else:
        assert settled in {outcome, Outcome.SUCCEEDED}
        is_known = outcome is Outcome.SUCCEEDED or step is StepOutcome.SUCCESS
        assert settled is not Outcome.SUCCEEDED or is_known


def test_another_stacks_failure_is_not_this_ones() -> None:
    good = account("events-file", Outcome.SUCCEEDED)
    assert merge_facts([good, account("log-file", Outcome.FAILED, "prod")]).outcome is good.outcome
