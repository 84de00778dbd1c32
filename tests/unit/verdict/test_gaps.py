"""Counts and list of a run: where they disagree the report says so."""

from __future__ import annotations

import pytest

from upshot.inputs.choices import FailOn
from upshot.inputs.values import PolicyInputs
from upshot.model import Facts, Outcome, ResourceChange, UpdateKind
from upshot.verdict.decide import decide
from upshot.verdict.gaps import describe_gap

DELETED = ResourceChange("", "aws:sqs:Queue", "jobs", "delete")


def facts(**changes: object) -> Facts:
    base = {"outcome": Outcome.SUCCEEDED, "kind": UpdateKind.PREVIEW, "changes": (DELETED,)}
    return Facts(**{**base, **changes})  # type: ignore[arg-type]


def test_what_is_counted_and_not_listed_is_said() -> None:
    said = describe_gap(facts(counts={"delete": 3, "replace": 2}))
    assert "3 to delete, of which 1 are named" in said
    assert "2 to replace, of which 0 are named" in said


@pytest.mark.parametrize(
    "agreeing",
    [
        facts(counts={"delete": 1, "same": 4}),
        facts(counts=None),
        facts(counts={"delete": 2}, kind=UpdateKind.DESTROY),
        facts(counts={"delete": 3}, kind=UpdateKind.REFRESH),
        facts(counts={"delete": 3}, outcome=Outcome.FAILED),
        facts(counts={"delete": 3}, changes_omitted=2),
    ],
    ids=["equal", "no counts", "the stack of a destroy", "refresh", "failed", "cut list"],
)
def test_where_they_agree_nothing_is_said(agreeing: Facts) -> None:
    assert describe_gap(agreeing) == ""


def test_a_rule_that_might_be_broken_counts_as_broken() -> None:
    policy = PolicyInputs(fail_on=(FailOn.PROTECT, FailOn.STATEFUL_REPLACE))
    hidden = facts(counts={"replace": 2}, changes=())
    assert [b.rule for b in decide(hidden, policy=policy).breaches] == [
        "protect",
        "stateful-replace",
    ]
    destroyed = facts(counts={"delete": 2}, kind=UpdateKind.DESTROY)
    assert decide(destroyed, policy=policy).breaches == ()
