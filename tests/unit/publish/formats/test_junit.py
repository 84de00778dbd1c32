"""JUnit: a stack is a suite, a resource a case, and the text is always well-formed XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from upshot.model import Facts, Failure, Outcome, PolicyViolation, ResourceChange, UpdateKind
from upshot.publish.formats.junit import build_junit
from upshot.publish.interface import StackFacts

DENIED = Failure(
    message="AccessDenied: no\nRequestID: 1",
    headline="AccessDenied: no",
    type="aws:s3/bucket:Bucket",
    name="logs",
    operation="create",
    error_code="AccessDenied",
    is_resource=True,
)
TOPIC = ResourceChange("urn", "aws:sns/topic:Topic", "topic", "create")
FAILED = Facts(
    outcome=Outcome.FAILED,
    kind=UpdateKind.UPDATE,
    duration_s=12.5,
    failures=(DENIED,),
    changes=(TOPIC, ResourceChange("urn2", "aws:s3/bucket:Bucket", "logs", "create")),
)


def read(*stacks: StackFacts) -> ET.Element:
    return ET.fromstring(build_junit(stacks))


def test_a_failed_stack_is_a_suite_with_a_case_a_resource() -> None:
    root = read(StackFacts("acme/shop/prod", FAILED))
    (suite,) = root
    assert (suite.get("name"), suite.get("time")) == ("acme/shop/prod", "12.500")
    assert [(case.get("classname"), case.get("name")) for case in suite] == [
        ("pulumi", "update"),
        ("aws:s3/bucket:Bucket", "logs"),
        ("aws:sns/topic:Topic", "topic (create)"),
    ]
    failure = suite[1].find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("AccessDenied: no", "AccessDenied")
    assert failure.text == DENIED.message
    assert suite[2].find("failure") is None
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures")) == ("3", "2")


def test_a_stack_without_changes_has_one_case_that_passes() -> None:
    (suite,) = read(StackFacts("a", Facts(outcome=Outcome.SUCCEEDED, kind=UpdateKind.PREVIEW)))
    assert [case.get("name") for case in suite] == ["preview"]
    assert suite.get("failures") == "0"


def test_what_is_not_known_is_skipped_and_never_passes() -> None:
    (suite,) = read(StackFacts("a", Facts()))
    assert suite[0].find("skipped") is not None
    assert suite.get("skipped") == "1"


def test_a_mandatory_policy_fails_and_an_advisory_one_does_not() -> None:
    broken = [
        PolicyViolation(name, "acme", level, "No.", "urn::logs")
        for name, level in (("a", "mandatory"), ("b", "advisory"))
    ]
    (suite,) = read(StackFacts("a", Facts(policy_violations=tuple(broken))))
    found = {case.get("name"): case.find("failure") is not None for case in suite}
    assert found == {"unknown": False, "a logs": True, "b logs": False}


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_stays_well_formed_and_inside_of_its_element(name: str, message: str) -> None:
    failure = Failure(message=message, headline=message, name=name, is_resource=True)
    facts = Facts(outcome=Outcome.FAILED, failures=(failure,))
    (suite,) = read(StackFacts(name, facts))
    assert len(suite) == 2
    assert {child.tag for case in suite for child in case} == {"failure"}
