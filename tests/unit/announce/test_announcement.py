"""A report in short, as plain text."""

from __future__ import annotations

from upshot.model import (
    BackendName,
    Breach,
    Diagnosis,
    Facts,
    Failure,
    NoAnswer,
    Outcome,
    Run,
    StackRef,
    Subject,
    UpdateKind,
    Verdict,
    VerdictStatus,
)
from upshot.report.announcement.build import (
    MOST_ROWS,
    announce_fleet,
    announce_joined,
    announce_report,
    plain_text,
)
from upshot.report.content import Report
from upshot.report.fleet.page import FleetPage, Row

RUN = Run("acme/shop", "https://github.com", "1")
CAUSE = Failure(
    "1 error occurred:\n\t* creating: name taken",
    "creating: name taken",
    type="aws:s3:Bucket",
    name="b",
    operation="create",
    status_code=409,
    error_code="BucketAlreadyExists",
    is_resource=True,
)


def report(*failures: Failure, kind: UpdateKind = UpdateKind.UPDATE, **verdict: object) -> Report:
    status = VerdictStatus.FAILED if failures else VerdictStatus.SUCCEEDED
    ref = StackRef("acme", "shop", "prod")
    outcome = Outcome.FAILED if failures else Outcome.SUCCEEDED
    counts = {"create": 2, "same": 3}
    return Report(
        facts=Facts(outcome, kind, ref, failures=failures, counts=counts, duration_s=9.0),
        diagnosis=Diagnosis("already-exists", "The name is taken", next_steps=("Take `another`.",)),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=Verdict(status, **verdict),  # type: ignore[arg-type]
        run=RUN,
        subject=Subject(ref, version=7, console="https://app.pulumi.com"),
    )


def test_a_failure_is_told_with_its_cause_its_codes_and_its_steps() -> None:
    told = announce_report(report(CAUSE))
    assert (told.icon, told.title, told.where) == ("❌", "Update failed", "acme/shop/prod #7")
    assert told.failed == ("b (aws:s3:Bucket) could not be created (BucketAlreadyExists, HTTP 409)")
    assert told.error == "creating: name taken"
    assert told.counts == ("1 failed", "2 created", "3 unchanged", "took 9 s")
    assert (told.why, told.steps) == ("The name is taken", ("Take another.",))
    urls = [url for _, url in told.links]
    assert urls == ["https://app.pulumi.com/acme/shop/prod/updates/7", RUN.url]


def test_a_success_has_no_advice() -> None:
    told = announce_report(report())
    assert (told.failed, told.error, told.steps) == ("", "", ())


def test_broken_rules_and_drift_are_reasons() -> None:
    broken = Breach("delete", "deletes 1 resource", ("db",))
    told = announce_report(report(kind=UpdateKind.REFRESH, breaches=(broken,)))
    assert told.reasons == (
        "fail-on: delete: deletes 1 resource (db)",
        "Changed outside of Pulumi",
    )


def test_many_stacks_are_told_the_worst_first_and_the_rest_is_counted() -> None:
    named = [(f"acme/shop/s{n:02}", report(CAUSE)) for n in range(15)]
    named += [("acme/shop/well", report())]
    told = announce_joined(report(CAUSE), named)
    assert told.title == "15 of 16 stacks need a person"
    assert len(told.rows) == MOST_ROWS
    assert told.rows_omitted == 3
    assert told.rows[0][0] == "acme/shop/s00"
    assert "could not be created" in told.rows[0][1]
    assert told.error == "creating: name taken"


def test_where_none_needs_a_person_that_is_said() -> None:
    told = announce_joined(report(), [("a", report()), ("b", report())])
    assert told.title == "2 stacks looked at, none needs a person"
    assert (told.rows, told.error) == ((), "")


def test_a_fleet_is_told_by_stack_and_state() -> None:
    page = FleetPage(
        organization="acme",
        selection="failed",
        listed=40,
        rows=(Row("acme/shop/prod", ("failed", "drifted")),),
    )
    told = announce_fleet(page, url=RUN.url)
    assert told.title == "1 of 40 stacks in acme needs a look"
    assert told.rows == (("acme/shop/prod", "failed, drifted"),)


def test_plain_text_has_no_address_and_no_mark() -> None:
    text = (
        "## Why\n\n**It** failed: [see](https://evil.example) ![x](https://evil.example/p) `code`"
    )
    assert plain_text(text) == "Why\n\nIt failed: see x code"
