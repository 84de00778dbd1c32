"""Console output to facts, form by form. The logs are written for these tests."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from upshot.evidence import facts_from_console
from upshot.model import Facts, Outcome, StackRef, UpdateKind


def read(text: str) -> Facts:
    return facts_from_console([dedent(text).encode()])


FAILED = """\
    Updating (acme/prod)

    View in Browser (Ctrl+O): https://app.pulumi.com/acme/shop/prod/updates/41

         Type                 Name       Status                  Info
         pulumi:pulumi:Stack  shop-prod  **failed**              1 error
     +   ├─ aws:sqs:Queue     orders     **creating failed**     1 error
     +-  ├─ aws:rds:Instance  main       replaced (63s)          [diff: ~engine]
     ~   └─ aws:iam:Role      worker     updated (2s)            [diff: ~tags]

    Diagnostics:
      pulumi:pulumi:Stack (shop-prod):
        error: update failed

      aws:sqs:Queue (orders):
        warning: fifo is deprecated
        error: 1 error occurred:
        \t* creating urn:pulumi:prod::shop::aws:sqs/queue:Queue::orders: 1 error occurred:
        \t* creating SQS Queue (orders): https response error StatusCode: 403, RequestID: 1, AccessDenied: not allowed

    Resources:
        ~ 1 updated
        +-1 replaced
        2 changes. 5 unchanged

    Duration: 1m6s
    """


def test_a_failed_update() -> None:
    facts = read(FAILED)
    assert facts.outcome is Outcome.FAILED
    assert facts.kind is UpdateKind.UPDATE
    assert facts.stack == StackRef("acme", "shop", "prod")
    assert facts.links == ("https://app.pulumi.com/acme/shop/prod/updates/41",)
    assert facts.duration_s == 66
    assert facts.counts == {"update": 1, "replace": 1, "same": 5}
    [queue] = facts.failed_resources
    assert facts.root_cause == queue
    assert (queue.type, queue.name, queue.operation) == ("aws:sqs:Queue", "orders", "create")
    assert queue.urn == "urn:pulumi:prod::shop::aws:sqs/queue:Queue::orders"
    assert queue.headline.startswith("creating SQS Queue (orders): https response error")
    assert (queue.status_code, queue.error_code) == (403, "AccessDenied")
    assert [f.name for f in facts.failures if f.is_cascade] == ["shop-prod"]
    assert next((c.operation, c.stateful) for c in facts.changes) == ("replace", True)
    assert facts.warnings[0].is_deprecation


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "".join(f"2026-11-21T10:00:00.1234567Z {line}\n" for line in text.split("\n")),
        lambda text: "".join(f"up\tRun\t2026-11-21T10:00:00.1Z {x}\n" for x in text.split("\n")),
        lambda text: text.replace("error:", "\x1b[31merror:\x1b[0m"),
        lambda text: text.replace("error:", "<{%fg 1%}>error:<{%reset%}>"),
        lambda text: "".join(f"    {line}\n" for line in text.split("\n")),
        lambda text: "npm noise, error: none of ours\n" * 50 + text,
        lambda text: text + "\nerror: another tool failed later\n",
    ],
    ids=["crlf", "runner", "downloaded", "ansi", "tags", "indented", "before", "after"],
)
def test_decorations_change_nothing(disguise: Callable[[str], str]) -> None:
    plain, disguised = read(FAILED), facts_from_console([disguise(dedent(FAILED)).encode()])
    assert disguised.failures == plain.failures
    assert disguised.outcome is plain.outcome
    assert disguised.counts == plain.counts


def test_utf_16_and_broken_bytes_are_read() -> None:
    text = dedent(FAILED)
    assert facts_from_console([b"\xff\xfe" + text.encode("utf-16-le")]) == read(FAILED)
    broken = text.encode().replace(b"not allowed", b"not \xff\xfe allowed")
    assert len(facts_from_console([broken]).failed_resources) == 1


def test_lines_without_a_table_in_the_non_interactive_form() -> None:
    facts = read("""\
        Destroying (prod):
        @ destroying....
         -  aws:s3:Bucket assets deleting (0s)
         -  aws:s3:Bucket assets deleting (1s) error: api error BucketNotEmpty: it is not empty
         -  aws:s3:Bucket assets **deleting failed** error: api error BucketNotEmpty: it is not empty
            pulumi:pulumi:Stack shop-prod **failed** 1 error
        """)
    [bucket] = facts.failed_resources
    assert (bucket.name, bucket.operation, bucket.error_code) == (
        "assets",
        "delete",
        "BucketNotEmpty",
    )
    assert bucket.headline == "api error BucketNotEmpty: it is not empty"
    assert facts.kind is UpdateKind.DESTROY


def test_a_redrawn_table_is_read_from_its_last_state() -> None:
    redraw = "\x1b[1A\x1b[2K +  └─ aws:s3:Bucket  assets  {}\x1b[1B"
    log = "Updating (dev)\n" + redraw.format("creating") + redraw.format("created")
    facts = facts_from_console([(log + "\nResources:\n    + 1 created\nDuration: 2s\n").encode()])
    assert facts.outcome is Outcome.SUCCEEDED
    assert [c.operation for c in facts.changes] == ["create"]


def test_the_word_error_in_names_messages_and_outputs_is_no_error() -> None:
    facts = read("""\
        Updating (acme/prod)
             Type                 Name           Status       Info
             pulumi:pulumi:Stack  errors-prod                 1 message
         +   └─ aws:sns:Topic     error-failed   created (1s)

        Diagnostics:
          pulumi:pulumi:Stack (errors-prod):
            error: this line was printed by the program

        Outputs:
            error    : "error: update failed"
            errorLog : "first
        error: update failed
        "

        Resources:
            + 1 created
            1 unchanged

        Duration: 2s
        """)
    assert facts.outcome is Outcome.SUCCEEDED
    assert facts.failures == ()


@pytest.mark.parametrize(
    ("log", "outcome"),
    [
        ("Updating (dev)\n +  aws:s3:Bucket a creating (3s)\n", Outcome.UNKNOWN),
        ("Updating (dev)\n##[error]The operation was canceled.\n", Outcome.CANCELLED),
        ("^C received; cancelling. If you would like to terminate", Outcome.CANCELLED),
        ("Updating (dev)\n +  aws:s3:Bucket  a  creating (interrupted)\n", Outcome.CANCELLED),
        ("Updating (dev)\n +  aws:s3:Bucket  a  **creating fail", Outcome.FAILED),
        (
            " +   ├─ aws:s3:Bucket  a  created\n +   └─ aws:s3:Bucket  b  created\n",
            Outcome.UNKNOWN,
        ),
        (
            " +   ├─ aws:s3:Bucket  a  created\n +   └─ aws:s3:Bucket  b  creating\n",
            Outcome.UNKNOWN,
        ),
        ("npm install\nadded 12 packages\n", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
        ("error: no stack named 'dev' found\n", Outcome.FAILED),
    ],
)
def test_outcome(log: str, outcome: Outcome) -> None:
    assert facts_from_console([log.encode()]).outcome is outcome


def test_several_stacks_give_the_worst_outcome_and_every_failure() -> None:
    facts = read("""\
        Updating (acme/one)
             pulumi:pulumi:Stack  shop-one  **failed**  1 error
        Diagnostics:
          aws:s3:Bucket (a):
            error: api error AccessDenied: no
        Resources:
            1 unchanged
        Updating (acme/two)
             pulumi:pulumi:Stack  shop-two
        Resources:
            2 unchanged
        Duration: 1s
        """)
    assert facts.outcome is Outcome.FAILED
    assert facts.stack == StackRef("acme", "shop", "one")
    assert facts.counts == {"same": 3}


def test_an_update_takes_the_place_of_its_preview() -> None:
    facts = read("""\
        Previewing update (dev)
         +   aws:s3:Bucket  a  create
        Resources:
            + 1 to create
        Updating (dev)
         +   aws:s3:Bucket  a  created
        Resources:
            + 1 created
        Duration: 1s
        """)
    assert (facts.kind, facts.counts) == (UpdateKind.UPDATE, {"create": 1})


def test_policies() -> None:
    facts = read("""\
        Policies:
            ❌ guardrails@v1.2.0
                - [mandatory]  no-public-buckets  (aws:s3:Bucket: assets)
                  Buckets must be private.
                - [advisory]  tags  (aws:s3:Bucket: logs)
                  Tag it.

        Diagnostics:
          pulumi:pulumi:Stack (shop-prod):
            error: preview failed
        """)
    assert [(v.policy, v.pack, v.enforcement) for v in facts.policy_violations] == [
        ("no-public-buckets", "guardrails", "mandatory"),
        ("tags", "guardrails", "advisory"),
    ]
    assert [f.name for f in facts.failed_resources] == ["assets"]


def test_an_automation_api_error_holds_the_console_of_the_run() -> None:
    facts = read("""\
        Traceback (most recent call last):
          File "/app/deploy.py", line 22, in main
            stack.up()
        pulumi.automation.errors.CommandError:
         code: 255
         stdout: Updating (dev):
         +  aws:s3:Bucket site **creating failed** error: api error AccessDenied: no

         stderr: error: update failed
        """)
    assert [f.name for f in facts.failed_resources] == ["site"]
    assert facts.root_cause
    assert facts.root_cause.error_code == "AccessDenied"


@pytest.mark.parametrize(
    ("error", "type_", "name"),
    [
        (
            "error: deleting urn:pulumi:p::s::net:Net$aws:ec2/vpc:Vpc::main: DependencyViolation: x",
            "aws:ec2/vpc:Vpc",
            "main",
        ),
        (
            "error: aws:eks/cluster:Cluster resource 'main' has a problem: missing",
            "aws:eks/cluster:Cluster",
            "main",
        ),
        (
            'error: resource "kubernetes:core/v1:Service::web" was not successfully created',
            "kubernetes:core/v1:Service",
            "web",
        ),
    ],
)
def test_an_error_without_a_block_may_name_its_resource(error: str, type_: str, name: str) -> None:
    [failure] = read(error).failures
    assert (failure.type, failure.name, failure.is_resource) == (type_, name, True)


def test_what_a_program_printed_states_the_cause_of_its_exit() -> None:
    facts = read("""\
        Diagnostics:
          pulumi:pulumi:Stack (shop-dev):
            ./main.go:17:9: undefined: s3.NewBuckett
            error: error in compiling Go: unable to run `go build`: exit status 1
        """)
    [failure] = facts.failures
    assert failure.headline == "./main.go:17:9: undefined: s3.NewBuckett"
    assert failure.location
    assert (failure.location.file, failure.location.line) == ("main.go", 17)


def test_only_addresses_of_updates_and_previews_are_links() -> None:
    facts = read("""\
        View Live: https://app.pulumi.com/claim/abc123
        View Live: https://app.pulumi.com/acme/shop/prod/deployments/3
        Permalink: file:///tmp/state
        View Live: https://pulumi.example.com/acme/shop/prod/updates/7
        """)
    assert facts.links == ("https://pulumi.example.com/acme/shop/prod/updates/7",)
