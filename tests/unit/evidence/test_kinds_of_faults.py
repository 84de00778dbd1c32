"""Whole kinds of faults: each rule on words of its own, not on those of one log."""

from __future__ import annotations

import json

import pytest

from upshot.evidence import diagnose, facts_from_console, facts_from_events, merge_facts
from upshot.model import Facts, Outcome, UpdateKind

FAILED_STACK = """\
Updating (dev):

     Type                 Name      Status                  Info
     pulumi:pulumi:Stack  shop-dev  **failed**              1 error

Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
{text}

Resources:
    3 unchanged

Duration: 4s
"""
FAILED_QUEUE = """\
Updating (dev):

     Type                 Name      Status                  Info
     pulumi:pulumi:Stack  shop-dev  **failed**              1 error
 +   └─ aws:sqs:Queue     jobs      **creating failed**     1 error

Diagnostics:
  aws:sqs:Queue (jobs):
{text}
  pulumi:pulumi:Stack (shop-dev):
    error: update failed

Resources:
    3 unchanged

Duration: 4s
"""
GOOD = """\
Updating (dev):

 +  pulumi:pulumi:Stack shop-dev created (1s)
Resources:
    + 1 created

Duration: 1s
"""


def read(log: str) -> Facts:
    return facts_from_console([log.encode()])


def of_stack(text: str) -> Facts:
    return read(FAILED_STACK.format(text="\n".join(f"    {line}" for line in text.split("\n"))))


def of_queue(text: str) -> Facts:
    return read(FAILED_QUEUE.format(text="\n".join(f"    {line}" for line in text.split("\n"))))


def headline(facts: Facts) -> str:
    assert facts.root_cause
    return facts.root_cause.headline


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        (
            (
                "error: failed to discover plugin requirements: exit status 1\n"
                "[ERROR] /srv/src/main/java/App.java:[14,9] cannot find symbol"
            ),
            "cannot find symbol",
            ("/srv/src/main/java/App.java", 14),
        ),
        (
            (
                "error: failed to discover plugin requirements: unable to compile:\n# shop/infra\n"
                "./net.go:22:7: undefined: vpcs"
            ),
            "undefined: vpcs",
            ("net.go", 22),
        ),
        (
            (
                "/srv/MyStack.cs(12,34): error CS1002: ; expected [/srv/Infra.csproj]\n"
                "The build failed. Fix the build errors and run again.\n"
                "error: failed to execute program: exit status 1"
            ),
            "error CS1002: ; expected",
            ("/srv/MyStack.cs", 12),
        ),
    ],
)
def test_the_compiler_s_own_line_is_the_cause(text: str, line: str, place: object) -> None:
    facts = of_stack(text)
    assert line in headline(facts)
    assert facts.root_cause
    assert facts.root_cause.location
    assert (facts.root_cause.location.file, facts.root_cause.location.line) == place
    assert diagnose(facts).failure_class == "program-build"


@pytest.mark.parametrize(
    ("log", "failure_class"),
    [
        ("src/index.ts(4,7): error TS2322: Type 'a' is not assignable to 'b'.", "program-build"),
        ("go build ./...\n./net.go:22:7: undefined: vpcs", "program-build"),
        ("/tmp/run.sh: line 1:  2047 Killed                  pulumi up --yes", "out-of-resources"),
        ("creating SQS Queue (q): api error AccessDenied: no: provider=aws@7.9.0", "permission-denied"),
        ("googleapi: Error 404: The resource 'net' was not found, notFound", "not-found"),
        ("rpc error: code = AlreadyExists desc = topic exists", "already-exists"),
    ],
)  # fmt: skip
def test_an_error_needs_no_word_for_it(log: str, failure_class: str) -> None:
    facts = read(f"Updating (dev):\n{log}\n")
    assert facts.outcome is Outcome.FAILED
    assert diagnose(facts).failure_class == failure_class
    after = read(f"{GOOD}\n{log}\n")
    assert after.outcome is Outcome.SUCCEEDED, "after a good run, another tool's"


@pytest.mark.parametrize(
    "log",
    [
        "Error: Command failed with exit code 255: pulumi up",
        "Error: Command failed: /usr/bin/pulumi destroy --yes",
    ],
)
def test_the_name_of_the_command_states_nothing(log: str) -> None:
    for facts in (read(log), read(f"{GOOD}{log}\n")):
        assert facts.outcome is Outcome.FAILED
        assert diagnose(facts).failure_class == ""


def test_the_resource_is_read_from_the_urn_before_a_list() -> None:
    facts = read(
        "Updating (dev):\nerror: deleting urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net: 1 error occurred:\n"
        "\t* deleting EC2 VPC (vpc-1): api error DependencyViolation: it has dependencies\n"
    )
    [failure] = facts.failed_resources
    assert (failure.type, failure.name, failure.operation) == ("aws:ec2/vpc:Vpc", "net", "delete")
    assert "DependencyViolation" in failure.headline


def test_a_status_is_read_across_a_wrapped_line() -> None:
    facts = of_queue("error: the call was answered with googleapi: Error\n403: it is forbidden")
    assert facts.root_cause
    assert facts.root_cause.status_code == 403


def test_the_operation_of_a_failed_preview_is_that_of_its_step() -> None:
    urn = "urn:pulumi:dev::shop::aws:sqs/queue:Queue::jobs"
    step = {"metadata": {"op": "update", "urn": urn}, "planning": True}
    said = {"urn": urn, "message": "no such queue", "severity": "error"}
    lines = [json.dumps({"resourcePreEvent": step}), json.dumps({"diagnosticEvent": said})]
    facts = facts_from_events([line.encode() for line in lines])
    assert [(f.name, f.operation) for f in facts.failed_resources] == [("jobs", "update")]


@pytest.mark.parametrize(
    "text",
    [
        "error: rpc error: code = Unknown desc = panic: nil map\n\t/build/queue.go:77 +0x1d",
        (
            "error: Detected that the plugin exited prematurely. These are the STDOUT and STDERR streams of "
            "the plugin:panic: nil map\n\ngoroutine 7 [running]:\n\t/build/queue.go:77 +0x1d"
        ),
    ],
)
def test_a_place_in_a_provider_s_source_is_none_in_the_program(text: str) -> None:
    for facts in (of_queue(text), of_stack(text) if "exited" in text else of_queue(text)):
        assert facts.root_cause
        assert "panic: nil map" in facts.root_cause.headline
        assert facts.root_cause.location is None


def test_name_and_type_may_come_in_either_order() -> None:
    facts = read("  jobs (aws:sqs/queue:Queue)\n    error: api error AccessDenied: no\n")
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:sqs/queue:Queue", "jobs")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("error: 1 error occurred:\n\t* Failed:\n\t* 1 error occurred:\n\t* api error OverLimit: no", "api error OverLimit: no"),
        ("error: aws:sqs/queue:Queue resource 'jobs' has a problem:\nInvalid or unknown key.", "Invalid or unknown key."),
        ("error: unable to validate AWS credentials.\nDetails: api error ExpiredToken: it expired", "ExpiredToken"),
        ("error: Timeout occurred for 'web'\n\t* [Pod web-1]: [CrashLoopBackOff] back-off 5m0s", "[CrashLoopBackOff]"),
        ("error: Minimum number of live Pods was not attained\n\t* [Pod web-1]: [Unschedulable] 0/3 nodes", "[Unschedulable]"),
    ],
)  # fmt: skip
def test_a_heading_that_says_nothing_yields_to_the_statement(text: str, line: str) -> None:
    assert line in headline(of_queue(text))


def test_an_error_of_the_cli_after_a_good_summary_fails_the_run() -> None:
    facts = read(f"{GOOD}\nerror: could not write the plan: disk is read-only\n")
    assert facts.outcome is Outcome.FAILED
    events = facts_from_events([b'{"summaryEvent": {"result": "succeeded"}}'])
    assert merge_facts([events, facts]).outcome is Outcome.FAILED
    assert "disk is read-only" in headline(merge_facts([events, facts]))


def test_an_error_of_the_next_step_does_not() -> None:
    assert read(f"{GOOD}\n$ npm publish\nerror: need auth\n").outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_preview_s_digest_on_one_line(end: str) -> None:
    facts = read(
        '{"steps":[{"op":"create","urn":"urn:pulumi:dev::shop::aws:sqs/queue:Queue::jobs"},'
        '{"op":"delete","urn":"urn:pulumi:dev::shop::aws:rds/instance:Instance::db"}],'
        '"changeSummary":{"create":1,"delete":1,"same":2}}' + end
    )
    assert (facts.kind, facts.outcome) == (UpdateKind.PREVIEW, Outcome.SUCCEEDED)
    assert facts.counts == {"create": 1, "delete": 1, "same": 2}
    assert [(c.operation, c.name) for c in facts.changes] == [("delete", "db"), ("create", "jobs")]


def test_a_row_s_message_is_no_count_of_errors() -> None:
    row = " +  aws:sqs:Queue jobs creating (1s) warning: 9 of 10 errors are ignored"
    facts = read(
        f"Updating (dev):\n{row}\n +  aws:sqs:Queue jobs created (2s)\nResources:\n    + 1 created\n\nDuration: 1s\n"
    )
    assert facts.outcome is Outcome.SUCCEEDED


def test_a_policy_pack_that_does_not_start_is_no_violation() -> None:
    facts = read(
        'Updating (dev):\nerror: could not start policy pack "guard": no plugin for its runtime\n'
    )
    assert diagnose(facts).failure_class == "plugin-unavailable"
