"""SARIF: what code scanning shows of a stack, where, and as which alert."""

from __future__ import annotations

from typing import Any

from upshot.model import (
    Facts,
    Failure,
    PolicyViolation,
    ResourceChange,
    SourceLocation,
)
from upshot.publish.formats.sarif import build_sarif
from upshot.publish.interface import StackFacts
from upshot.verdict.risk import load_rules

BUCKET = "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs"
DENIED = Failure(
    message="AccessDenied: no right to s3:CreateBucket\nRequestID: 1",
    headline="AccessDenied: no right to s3:CreateBucket",
    urn=BUCKET,
    type="aws:s3/bucket:Bucket",
    name="logs",
    operation="create",
    is_resource=True,
)
THROWN = Failure(
    message="TypeError: x is not a function",
    headline="TypeError: x is not a function",
    location=SourceLocation("index.ts", 5),
)
BROKEN = PolicyViolation("no-public", "acme", "mandatory", "It is public.", BUCKET)


def run_of(facts: Facts, name: str = "acme/shop/prod") -> dict[str, Any]:
    log = build_sarif(
        [StackFacts(name, facts)],
        rules=load_rules(),
        program="infra/Pulumi.yaml",
        relative_path=lambda path: None if path.startswith("/") else f"infra/{path}",
    )
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def place_of(result: dict[str, Any]) -> tuple[str, int]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def test_a_failure_is_an_error_at_its_place_in_the_program() -> None:
    resource, program = run_of(Facts(failures=(DENIED, THROWN)))["results"]
    assert (resource["ruleId"], resource["level"]) == ("failed/resource", "error")
    assert resource["message"]["text"].startswith(
        "create aws:s3/bucket:Bucket logs failed: AccessDenied"
    )
    assert "RequestID: 1" in resource["message"]["text"]
    assert place_of(resource) == ("infra/Pulumi.yaml", 1)
    assert resource["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == BUCKET
    assert program["ruleId"] == "failed/run"
    assert place_of(program) == ("infra/index.ts", 5)


def test_what_only_followed_is_left_out() -> None:
    assert run_of(Facts(failures=(Failure("m", "m", is_cascade=True),)))["results"] == []


def test_t40_a_path_outside_of_the_checkout_becomes_no_place() -> None:
    outside = Failure("m", "m", location=SourceLocation("/etc/passwd", 7))
    (result,) = run_of(Facts(failures=(outside,)))["results"]
    assert place_of(result) == ("infra/Pulumi.yaml", 1)


def test_a_policy_is_a_rule_of_its_pack() -> None:
    advice = PolicyViolation("tags", "acme", "advisory", "No tags.", BUCKET)
    run = run_of(Facts(policy_violations=(BROKEN, advice)))
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("policy/acme/no-public", "error"),
        ("policy/acme/tags", "warning"),
    ]
    assert run["results"][0]["message"]["text"] == "logs: It is public."
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "policy/acme/no-public",
        "policy/acme/tags",
    ]
    assert [one["ruleIndex"] for one in run["results"]] == [0, 1]


def test_a_risky_change_comes_under_its_worst_rule() -> None:
    table = ResourceChange(
        BUCKET, "aws:rds/instance:Instance", "db", "replace", stateful=True, protected=True
    )
    fine = ResourceChange(BUCKET, "aws:sns/topic:Topic", "topic", "create")
    (result,) = run_of(Facts(changes=(table, fine)))["results"]
    assert (result["ruleId"], result["level"]) == ("risk/stateful-replace", "error")
    assert "replaces a resource holding data" in result["message"]["text"]


def test_an_alert_stays_the_same_while_its_words_change() -> None:
    later = Failure("Other: words", "Other: words", urn=BUCKET, is_resource=True)
    first, second = (
        run_of(Facts(failures=(failure,)))["results"][0]["partialFingerprints"]
        for failure in (DENIED, later)
    )
    assert first == second
    other = run_of(Facts(failures=(DENIED,)), "acme/shop/dev")
    assert other["results"][0]["partialFingerprints"] != first
    assert other["automationDetails"]["id"] == "upshot/acme/shop/dev/"


def test_each_stack_is_a_run() -> None:
    stacks = [StackFacts("a", Facts()), StackFacts("b", Facts(failures=(DENIED,)))]
    log = build_sarif(stacks, rules=load_rules(), program="Pulumi.yaml", relative_path=str)
    assert [len(run["results"]) for run in log["runs"]] == [0, 1]
