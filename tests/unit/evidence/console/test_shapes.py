"""Shapes of logs beside the plain display: quotations, digests, other hosts' errors, bystanders."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from upshot.evidence import facts_from_console
from upshot.evidence.text import iter_lines
from upshot.model import Facts, Outcome, SourceLocation, UpdateKind


def read(text: str) -> Facts:
    return facts_from_console([dedent(text).encode()])


QUEUE = """\
    Updating (dev):
         Type                 Name    Status                Info
         pulumi:pulumi:Stack  q-dev   **failed**            1 error
     +   └─ aws:sqs:Queue     jobs    **creating failed**   1 error

    Diagnostics:
      aws:sqs:Queue (jobs):
        error: creating SQS Queue (jobs): api error AccessDenied: no
    """


def test_a_quotation_is_read_as_what_it_quotes() -> None:
    log = dedent(QUEUE)
    quoted = "\n".join(f"> {line}".rstrip() for line in log.split("\n"))
    assert read(quoted) == read(log)


def test_a_quotation_within_other_text_is_read_too() -> None:
    quoted = "\n".join(f"> {line}".rstrip() for line in dedent(QUEUE).split("\n"))
    facts = read(f"I ran it and got\n{quoted}\nWhat now?\n")
    assert [found.name for found in facts.failed_resources] == ["jobs"]


def test_a_line_or_two_of_a_tool_are_no_quotation() -> None:
    lines = [b"> shop@1.0.0 build\n", b"> tsc\n", b"done\n", b"> x"]
    assert list(iter_lines(lines)) == ["> shop@1.0.0 build", "> tsc", "done", "> x"]


def digest(**parts: object) -> str:
    return json.dumps({"config": {}, "steps": [{"op": "create"}], **parts}, indent=4)


def test_a_digest_of_a_preview_gives_its_errors_and_counts() -> None:
    said = [
        {
            "urn": "urn:pulumi:dev::shop::aws:sqs/queue:Queue::jobs",
            "prefix": "error: ",
            "message": "aws:sqs/queue:Queue resource 'jobs' has a problem: \"name\" is wrong\n",
            "severity": "error",
        },
        {"message": "old CLI", "severity": "warning"},
    ]
    facts = read(digest(diagnostics=said, duration=1, changeSummary={"create": 2, "same": 1}))
    assert facts.outcome is Outcome.FAILED
    assert facts.kind is UpdateKind.PREVIEW
    assert [(f.type, f.name) for f in facts.failed_resources] == [("aws:sqs/queue:Queue", "jobs")]
    assert facts.root_cause
    assert facts.root_cause.headline.endswith('"name" is wrong')
    assert facts.counts == {"create": 2, "same": 1}
    assert [warning.message for warning in facts.warnings] == ["old CLI"]


def test_a_digest_without_errors_succeeded() -> None:
    facts = read(digest(changeSummary={"create": 2}))
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.counts == {"create": 2}


def test_a_digest_that_was_cut_gives_no_outcome() -> None:
    whole = digest(changeSummary={"create": 2})
    assert read(whole[: whole.index("changeSummary")]).outcome is Outcome.UNKNOWN


def test_an_opening_brace_of_something_else_is_left_alone() -> None:
    assert read("{\n{\nerror: no stack named 'acme/shop/dev' found\n").outcome is Outcome.FAILED


def test_an_error_of_the_yaml_host_fails_the_run() -> None:
    facts = read(
        """\
        Previewing update (dev)

        Diagnostics:
          pulumi:pulumi:Stack (site-dev):
            Error: Property websites does not exist on 'aws:s3:Bucket'

              on Pulumi.yaml line 12:
              12:       websites: {}
        """
    )
    assert facts.outcome is Outcome.FAILED
    assert facts.root_cause
    assert facts.root_cause.headline == "Property websites does not exist on 'aws:s3:Bucket'"
    assert facts.root_cause.location == SourceLocation("Pulumi.yaml", 12)


@pytest.mark.parametrize(
    "message",
    [
        "Error: could not read the optional file .env, going on",
        "Error handling is on; on Pulumi.yaml line 12",
    ],
)
def test_what_a_program_prints_about_errors_fails_nothing(message: str) -> None:
    log = f"Previewing update (dev):\nDiagnostics:\n  pulumi:pulumi:Stack (site-dev):\n    {message}\n\nResources:\n    3 unchanged\n"
    facts = read(log)
    assert facts.outcome is Outcome.SUCCEEDED
    assert not facts.failures


@pytest.mark.parametrize(
    "status",
    [
        "creating (5s) warning: retrying after error: 503 Service Unavailable",
        "creating (5s) Retrying, last error: connection reset by peer",
        "creating (5s) eslint: 0 errors, 2 warnings",
    ],
)
def test_an_error_that_was_overcome_fails_nothing(status: str) -> None:
    row = " +  azure-native:storage:Blob config"
    facts = read(
        f"Updating (dev):\n{row} {status}\n{row} created (9s)\nResources:\n    + 1 created\n"
    )
    assert facts.outcome is Outcome.SUCCEEDED
    assert not facts.failures


@pytest.mark.parametrize(
    "status",
    [
        "creating (5s) error: no",
        "**creating failed** error: no",
        "updating (2s) [diff: ~settings]; error: no",
        "error: no",
        "running error: no",
    ],
)
def test_an_error_on_a_row_stands_after_status_and_diff(status: str) -> None:
    facts = read(f"Updating (dev):\n +  gcp:sql:DatabaseInstance orders {status}\n")
    assert [found.headline for found in facts.failures] == ["no"]


@pytest.mark.parametrize(
    ("mark", "words", "operation"),
    [
        ("+", "creating", "create"),
        ("~", "updating", "update"),
        ("-", "deleting", "delete"),
        ("++", "creating replacement", "create-replacement"),
        ("--", "deleting original", "delete-replaced"),
        ("=", "importing", "import"),
        ("=>", "importing replacement", "import-replacement"),
        (">", "reading", "read"),
        (">~", "reading for replacement", "read-replacement"),
        ("<<", "discarding original", "discard-replaced"),
    ],
)
def test_a_row_names_the_step_that_failed(mark: str, words: str, operation: str) -> None:
    log = QUEUE.replace("creating failed", f"{words} failed").replace("+ ", f"{mark:2}")
    [queue] = read(log).failed_resources
    assert queue.operation == operation
    [row] = read(log.replace(f"**{words} failed**", "            ")).failed_resources
    assert row.operation == operation, "by the mark before it"


def test_what_the_engine_says_about_the_state_names_no_failed_resource() -> None:
    urn = "urn:pulumi:dev::shop::aws:sqs/queue:Queue::jobs"
    facts = read(
        f"error: snapshot integrity failure; refusing to use it: resource {urn} refers to x"
    )
    assert facts.outcome is Outcome.FAILED
    assert facts.failed_resources == ()


def test_a_cancelled_run_is_no_failure_of_the_root_stack() -> None:
    facts = read("Diagnostics:\n  pulumi:pulumi:Stack (shop-dev):\n    error: update canceled\n")
    assert facts.outcome is Outcome.CANCELLED
    assert facts.failed_resources == ()


def test_a_logged_error_without_a_resource_is_reported_once() -> None:
    facts = read(
        "error: sdk-v2/provider2.go:515: sdk.helper_schema: creating S3 Bucket (x): no: provider=aws@6.1.0\n"
        "error: 1 error occurred:\n\t* creating S3 Bucket (x): no\n"
    )
    assert [found.headline for found in facts.failures] == ["creating S3 Bucket (x): no"]


def test_a_warning_may_state_what_an_error_only_follows_from() -> None:
    facts = read(
        """\
        Diagnostics:
          kubernetes:core/v1:Service (page):
            warning: configured Kubernetes cluster is unreachable: unable to load Kubernetes client configuration from kubeconfig file. Make sure you have:
             context "kind-dev" does not exist
            error: Preview failed: failed to read resource state due to unreachable cluster. If the cluster was deleted, remove it
        """
    )
    assert facts.root_cause
    assert facts.root_cause.headline == 'context "kind-dev" does not exist'


def step(type_: str, operation: str, name: str) -> str:
    """A step as `--diff` prints it when it begins."""
    return f"    ~ {type_}: ({operation})\n        [urn=urn:pulumi:dev::shop::{type_}::{name}]\n"


FAILED_AFTER: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "an update": (("update",), []),
    "the first step of a replacement": (("create-replacement",), []),
    "the last step of a replacement": (
        ("create-replacement", "replace", "delete-replaced"),
        ["replace"],
    ),
    "the second step of a replacement that deletes first": (
        ("delete-replaced", "replace", "create-replacement"),
        ["delete-replaced"],
    ),
}


@pytest.mark.parametrize("case", FAILED_AFTER)
def test_a_step_of_a_diff_that_failed_is_no_change(case: str) -> None:
    operations, changed = FAILED_AFTER[case]
    steps = "".join(step("aws:sqs/queue:Queue", each, "jobs") for each in operations)
    other = step("aws:sqs/queue:Queue", "update", "mail")
    error = "Diagnostics:\n  aws:sqs:Queue (jobs):\n    error: AccessDenied: no\n"
    facts = facts_from_console([f"Updating (dev):\n{steps}{other}{error}".encode()])
    assert [found.name for found in facts.failed_resources] == ["jobs"]
    assert [c.operation for c in facts.changes if c.name == "jobs"] == changed
    assert [c.operation for c in facts.changes if c.name == "mail"] == ["update"]


def test_planned_changes_of_a_diff_name_their_properties() -> None:
    log = (
        "Previewing update (dev):\n"
        "  pulumi:pulumi:Stack: (same)\n"
        "    [urn=urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev]\n"
        "    +-aws:rds/instance:Instance: (replace)\n"
        "        [id=db-1]\n"
        "        [urn=urn:pulumi:dev::shop::aws:rds/instance:Instance::main]\n"
        '      ~ engine: "postgres" => "mysql"\n'
        "      ~ tags  : {\n"
        '          + error: "yes"\n'
        "        }\n"
        "Resources:\n    +-1 to replace\n    3 unchanged\n"
    )
    facts = read(log)
    [change] = facts.changes
    assert (change.name, change.operation, change.diffs) == ("main", "replace", ("engine", "tags"))
    assert facts.failures == ()


@pytest.mark.parametrize(
    "row",
    [
        " ~   └─ aws:rds:Instance  main  update     [diff: ~engine,+tags]",
        "~  aws:rds:Instance main update [diff: ~engine,+tags]",
        " +-  └─ aws:rds:Instance  main  replace     [diff: ~engine,+tags]; 1 warning",
    ],
)
def test_planned_changes_of_a_table_name_their_properties(row: str) -> None:
    log = f"Previewing update (dev):\n     Type  Name  Plan  Info\n{row}\n\nResources:\n    ~ 1 to update\n"
    [change] = facts_from_console([log.encode()]).changes
    assert (change.name, change.diffs) == ("main", ("engine", "tags"))
