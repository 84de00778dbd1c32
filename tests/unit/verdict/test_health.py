"""Whether a report needs a person."""

from __future__ import annotations

import pytest

from upshot.inputs.values import PolicyInputs
from upshot.model import Breach, Facts, Outcome, ResourceChange, UpdateKind, Verdict, VerdictStatus
from upshot.verdict.decide import decide
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
    gone = ResourceChange("", "aws:s3:Bucket", "b", "refresh", is_gone=True)
    assert has_drift(Facts(kind=UpdateKind.REFRESH, changes=(gone,)))
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


@pytest.mark.parametrize(
    ("type_token", "is_gone", "level", "reason"),
    [
        ("aws:rds/instance:Instance", True, "critical", "drift: 1 resource holding data gone"),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            True,
            "high",
            "drift: 1 resource of the network gone",
        ),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            False,
            "medium",
            "drift: 1 resource of the network changed",
        ),
        ("aws:sqs/queue:Queue", False, "low", "drift: 1 resource changed"),
    ],
)
def test_drift_weighs_what_the_same_change_by_pulumi_would(
    type_token: str,
    is_gone: bool,  # noqa: FBT001
    level: str,
    reason: str,
) -> None:
    change = ResourceChange(
        "urn:1", type_token, "x", "refresh", stateful="rds" in type_token, is_gone=is_gone
    )
    facts = Facts(Outcome.SUCCEEDED, UpdateKind.REFRESH, changes=(change,))
    verdict = decide(facts, policy=PolicyInputs())
    assert verdict.risk_level.value == level
    assert verdict.risk_reasons[0] == reason
