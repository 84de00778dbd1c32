"""Whether a report needs a person."""

from __future__ import annotations

import pytest

from upshot.model import Breach, Facts, UpdateKind, Verdict, VerdictStatus
from upshot.verdict.health import are_well, has_drift, is_well


@pytest.mark.parametrize(
    ("status", "well"),
    [
        ("failed", False),
        ("cancelled", False),
        ("unknown", None),
        ("succeeded", True),
        ("no-changes", True),
    ],
)
def test_by_how_it_ended(status: str, well: bool | None) -> None:  # noqa: FBT001
    assert is_well(Facts(), Verdict(VerdictStatus(status))) is well


def test_a_broken_rule_needs_a_person_whatever_the_end() -> None:
    verdict = Verdict(VerdictStatus.SUCCEEDED, breaches=(Breach("delete", "deletes 1 resource"),))
    assert is_well(Facts(), verdict) is False


def test_drift_does_too() -> None:
    drifted = Facts(kind=UpdateKind.REFRESH, counts={"update": 1, "same": 3})
    assert has_drift(drifted)
    assert is_well(drifted, Verdict(VerdictStatus.SUCCEEDED)) is False
    assert not has_drift(Facts(kind=UpdateKind.REFRESH, counts={"same": 3}))
    assert not has_drift(Facts(kind=UpdateKind.UPDATE, counts={"update": 1}))


@pytest.mark.parametrize(
    ("each", "well"),
    [
        ([True, True], True),
        ([True, None], None),
        ([None, False, True], False),
        ([], None),
    ],
)
def test_of_several_one_that_needs_a_person_outweighs_all(
    each: list[bool | None],
    well: bool | None,  # noqa: FBT001
) -> None:
    assert are_well(each) is well
