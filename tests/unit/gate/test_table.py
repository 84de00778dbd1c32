"""The verifier, case by case: what a gate finds, what it decides, and the fate of each vote."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.unit.gate.cases import Case
from tests.unit.gate.table import comments, counting, environments, people, pulls, reviews

from upshot.gate.decision import WHY, Rule, State
from upshot.gate.verify import verify

TABLES = (comments, people, reviews, environments, pulls, counting)
CASES: list[Case] = [case for table in TABLES for case in table.CASES]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case(case: Case) -> None:
    decision = verify(case.facts, case.policy, case.request)
    assert (decision.state, tuple(vote.rule for vote in decision.votes)) == (case.state, case.fates)
    assert decision.approved is (case.state in {State.APPROVED, State.NOT_NEEDED})
    if case.people is not None:
        assert decision.people == case.people


def test_there_are_enough_of_them_and_each_is_named_once() -> None:
    assert len(CASES) >= 250
    twice = [name for name, count in Counter(map(str, CASES)).items() if count > 1]
    assert twice == []


def test_every_rule_and_every_state_has_a_case() -> None:
    assert {rule for case in CASES for rule in case.fates} == set(Rule) == set(WHY)
    assert {case.state for case in CASES} == set(State)
