"""Equal failures share a row, and every name is there as long as names fit."""

from __future__ import annotations

from msgspec.structs import replace
from tests.golden.report.scenarios import NOTHING, RUN, failed_update

from upshot.model import BackendName, Facts, Failure, NoAnswer, Outcome, UpdateKind
from upshot.report.build import RunContext, build_report
from upshot.report.failures.groups import group_failures
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, Renderer

ROLE = "aws:iam/role:Role"


def denied(name: str, kind: str = ROLE, right: str = "iam:CreateRole") -> Failure:
    said = (
        f"creating {name}: AccessDenied: User: arn:aws:sts::111122223333:x/y is not authorized to "
        f"perform: {right} on resource: arn:aws:iam::111122223333:role/{name}"
    )
    return Failure(
        said,
        said,
        f"urn:pulumi:prod::shop::{kind}::{name}",
        kind,
        name,
        "create",
        "aws",
        error_code="AccessDenied",
        is_resource=True,
    )


def comment(*failures: Failure, omitted: int = 0) -> Rendered:
    facts = Facts(Outcome.FAILED, UpdateKind.UPDATE, failures=failures, failures_omitted=omitted)
    redactor = Redactor(())
    report = build_report(
        facts,
        NOTHING,
        reply=NoAnswer(BackendName.LOCAL),
        verdict=failed_update().verdict,
        subject=None,
        context=RunContext(RUN, 1.0),
        redactor=redactor,
    )
    return Renderer(redactor=redactor).comment(report)


def test_equal_failures_share_a_row_with_their_number_code_and_right() -> None:
    text = comment(
        *(denied(f"role-{n}") for n in range(240)), denied("other", right="iam:PassRole")
    ).text
    assert "| **240 resources**<br>`aws:iam/role:Role` | create |" in text
    assert "240 \N{MULTIPLICATION SIGN} <code>AccessDenied: iam:CreateRole</code>" in text
    assert "| **`other`**<br>`aws:iam/role:Role` | create |" in text
    assert all(f"`role-{n}`" in text for n in range(240))


def test_equal_errors_of_no_resource_are_errors_and_have_no_list_of_names() -> None:
    loose = [Failure(f"thing {n} is forbidden", f"thing {n} is forbidden") for n in range(200)]
    text = comment(*loose, omitted=12_345).text
    assert "| **200 errors** |" in text
    assert "200 resources" not in text
    assert ", ," not in text
    assert "| 12,345 more, not listed | | |" in text


def test_few_and_different_ones_keep_a_row_each() -> None:
    few = [denied(f"role-{n}") for n in range(4)]
    assert [len(group.members) for group in group_failures(few)] == [1] * 4
    mixed = [denied(f"r{n}", kind=f"aws:iam/kind{n}:Kind") for n in range(9)]
    assert [len(group.members) for group in group_failures(mixed)] == [1] * 9
    other = [
        replace(denied(f"r-{n}"), operation="delete" if n % 2 else "create") for n in range(12)
    ]
    assert [len(group.members) for group in group_failures(other)] == [6, 6]


def test_names_that_do_not_fit_are_counted() -> None:
    many = comment(*(denied(f"role-{n}-{'x' * 60}") for n in range(2_000)))
    assert many.truncated
    assert "names of failed resources" in many.omitted
    assert "more" in many.text.split("2,000 \N{MULTIPLICATION SIGN} ")[1]


def test_all_that_failed_are_named_where_only_the_first_messages_are_kept() -> None:
    bare = [
        replace(denied(f"late-{n}"), message="", headline="", error_code="") for n in range(403)
    ]
    text = comment(*(denied(f"role-{n}") for n in range(200)), *bare).text
    assert "**603 failed**" in text
    assert all(f"`late-{n}`" in text for n in range(403))
