"""A whole report: what goes in, and the comment that comes out."""

from __future__ import annotations

import pytest

from upshot.model import (
    Answer,
    BackendName,
    Diagnosis,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    ResourceChange,
    Run,
    StackRef,
    Subject,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.report.build import RunContext, build_report
from upshot.report.content import Report
from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer
from upshot.report.words import count_failed, counted, headline
from upshot.secret import Secret

TOKEN = "pul-4f9a1c7e2b8d0653a1f4e9c87b2d6053e1a9f4c7"
STACK = StackRef("acme", "shop", "prod")
FACTS = Facts(
    outcome=Outcome.FAILED,
    kind=UpdateKind.UPDATE,
    stack=STACK,
    duration_s=42.0,
    counts={"create": 1, "same": 7},
    failures=(
        Failure(
            message=f"creating S3 Bucket (logs): BucketAlreadyExists, token {TOKEN}",
            headline="creating S3 Bucket (logs): BucketAlreadyExists",
            type="aws:s3/bucket:Bucket",
            name="logs",
            operation="create",
            status_code=409,
            is_resource=True,
        ),
    ),
    changes=(ResourceChange("urn", "aws:sqs/queue:Queue", "jobs", "create"),),
    sources=("log-file",),
)
DIAGNOSIS = Diagnosis(
    "already-exists",
    title="It exists already",
    next_steps=("Choose another name.", "Run `pulumi up` again."),
    documentation_url="https://www.pulumi.com/docs/iac/concepts/resources/names/",
    retry="unlikely",
)
ANSWER = "# Taken\n\nThe name is taken, see #12 or ask @admin.\n\n![x](https://evil.example/x.png)"
COMMENT = """\
### ❌ Update failed · [acme/shop/prod \\#41](https://app.pulumi.com/acme/shop/prod/updates/41)

**1 failed** · 1 created · 7 unchanged · took 42 s

> [!CAUTION]
> **What failed first:** **`logs`** (`aws:s3/bucket:Bucket`) could not be created (HTTP 409)
>
> ```
> creating S3 Bucket (logs): BucketAlreadyExists, token [redacted]
> ```

<details><summary>1 change</summary>

- `+` create **`jobs`** `aws:sqs/queue:Queue`

</details>

#### Explanation by Pulumi Copilot

> #### Taken
>
> The name is taken, see `#12` or ask `@admin`.
>
> \\[image: x\\]

<details><summary>What to do, by Upshot's offline rules</summary>

1. Choose another name.
2. Run `pulumi up` again.

Running it again without a change is unlikely to help. [Read more](https://www.pulumi.com/docs/iac/concepts/resources/names/)

</details>

<sub>Upshot 0.1.0 · explained by Pulumi Copilot · facts from `log-file` · commit [`3f9c2a7`](https://github.com/acme/shop/commit/3f9c2a71d5b84e60a1c7f2e8b9d0546372819fae) · 2026-11-21 22:54 UTC</sub>
"""


def test_facts_and_an_answer_become_this_comment() -> None:
    redactor = Redactor([Secret(TOKEN)])
    report = build_report(
        FACTS,
        DIAGNOSIS,
        reply=Answer(BackendName.COPILOT, ANSWER),
        verdict=Verdict(VerdictStatus.FAILED),
        subject=Subject(STACK, version=41, console="https://app.pulumi.com"),
        context=RunContext(
            Run("acme/shop", "https://github.com", "", sha="3f9c2a71d5b84e60a1c7f2e8b9d0546372819fae"),
            made_at=1_795_301_640.0,
        ),
        redactor=redactor,
    )  # fmt: skip
    assert Renderer(redactor=redactor).comment(report).text == COMMENT
    assert redactor.count == 1


@pytest.mark.parametrize(
    ("kind", "status", "operation", "words"),
    [
        (UpdateKind.PREVIEW, VerdictStatus.SUCCEEDED, "delete", "would be deleted"),
        (UpdateKind.UPDATE, VerdictStatus.SUCCEEDED, "delete", "was deleted"),
        (UpdateKind.UPDATE, VerdictStatus.FAILED, "delete", "was to be deleted"),
        (
            UpdateKind.UPDATE,
            VerdictStatus.FAILED,
            "delete-replaced",
            "was deleted, and its replacement was not made",
        ),
    ],
)
def test_lost_data_is_what_will_be_what_was_or_what_was_meant_to_be_deleted(
    kind: UpdateKind, status: VerdictStatus, operation: str, words: str
) -> None:
    change = ResourceChange("urn", "aws:rds/instance:Instance", "orders", operation, stateful=True)
    report = Report(
        Facts(kind=kind, changes=(change,)),
        Diagnosis(""),
        NoAnswer(BackendName.LOCAL),
        Verdict(status),
        Run("acme/shop", "https://github.com", "1"),
    )
    text = Renderer(redactor=Redactor(())).comment(report).text
    assert f"> - **`orders`** (`aws:rds/instance:Instance`) {words}\n" in text


def test_what_the_display_calls_errored_are_the_failed_resources() -> None:
    counts = {"create": 1, "errored": 2}
    assert count_failed(Facts(counts=counts)) == 2
    assert counted(counts, planned=False) == ["1 created"]


@pytest.mark.parametrize(
    ("kind", "planned", "phrase"),
    [
        (UpdateKind.UPDATE, None, "Update cancelled after 1 change"),
        (
            UpdateKind.UPDATE,
            {"create": 7, "same": 5, "delete": 2},
            "Update cancelled after 1 of 9 changes",
        ),
        (UpdateKind.UPDATE, {"same": 5}, "Update cancelled after 1 change"),
        (UpdateKind.PREVIEW, None, "Preview cancelled"),
    ],
)
def test_a_cancelled_run_says_what_it_had_done_and_a_preview_does_nothing(
    kind: UpdateKind, planned: dict[str, int] | None, phrase: str
) -> None:
    facts = Facts(outcome=Outcome.CANCELLED, kind=kind, counts={"create": 1}, planned=planned)
    report = build_report(
        facts,
        DIAGNOSIS,
        reply=NoAnswer(BackendName.LOCAL),
        verdict=Verdict(VerdictStatus.CANCELLED),
        subject=None,
        context=RunContext(Run("acme/shop", "https://github.com", "1"), made_at=1.0),
        redactor=Redactor(()),
    )
    assert headline(report)[1] == phrase
