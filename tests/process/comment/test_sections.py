"""Sections of one comment: of jobs whose stack nothing names, and of reports about several stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upshot.publish.comment.sections import parse_sections

if TYPE_CHECKING:
    from tests.process.conftest import Start

NAMELESS = b"""\
Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): AccessDenied: no
"""
SAME = b"""\
Updating (dev)

View Live: https://app.pulumi.com/acme/shop/dev/updates/7

    pulumi:pulumi:Stack shop-dev

Resources:
    3 unchanged

Duration: 1s
"""
OTHER = NAMELESS.replace(b"assets", b"receipts")
INPUTS = {"log-file": "up.log", "outcome": "failure", "stack-name": "", "pulumi-access-token": ""}


def names(body: str) -> list[str]:
    return [section.stack for section in parse_sections(body)]


def test_jobs_without_a_stack_name_are_kept_apart_by_job_and_matrix(start: Start) -> None:
    job = start("log-only")
    for job_id, matrix in [
        ("deploy", '{"region":"eu","size":1}'),
        ("deploy", '{"region":"us","size":1}'),
        ("other", "null"),
        ("deploy", '{"region":"eu","size":1}'),
    ]:
        result = job.run(
            inputs={**INPUTS, "matrix-values": matrix},
            env={"GITHUB_JOB": job_id},
            files={"up.log": NAMELESS},
        )
    [comment] = result.comments
    assert names(comment) == [
        "unknown-stack/deploy/eu.1",
        "unknown-stack/deploy/us.1",
        "unknown-stack/other",
    ]


def test_the_next_run_drops_what_had_no_name(start: Start) -> None:
    job = start("log-only")
    job.run(inputs=INPUTS, env={"GITHUB_JOB": "one"}, files={"up.log": NAMELESS})
    later = {"GITHUB_JOB": "two", "GITHUB_RUN_ID": "19283746999"}
    [comment] = job.run(inputs=INPUTS, env=later, files={"up.log": OTHER}).comments
    assert names(comment) == ["unknown-stack/two"]


def test_the_next_attempt_that_knows_its_stack_drops_what_had_no_name(start: Start) -> None:
    job = start("log-only")
    job.run(inputs=INPUTS, env={"GITHUB_JOB": "one"}, files={"up.log": NAMELESS})
    again = {"GITHUB_JOB": "one", "GITHUB_RUN_ATTEMPT": "2"}
    named = {**INPUTS, "stack-name": "acme/shop/prod"}
    [comment] = job.run(inputs=named, env=again, files={"up.log": NAMELESS}).comments
    assert names(comment) == ["acme/shop/prod"]


def two_stacks(first: str, second: str) -> bytes:
    runs = (
        f"Updating ({stack})\n\nView Live: https://app.pulumi.com/acme/shop/{stack}/updates/7\n\n"
        f" +  aws:sqs:Queue jobs creating (0s)\n +  aws:sqs:Queue jobs created (1s)\n\n"
        f"Resources:\n    + 1 created\n\nDuration: 3s\n\n"
        for stack in (first, second)
    )
    return "".join(runs).encode()


def test_a_report_about_several_stacks_leaves_other_workflows_sections_alone(start: Start) -> None:
    job = start("log-only")
    inputs = {**INPUTS, "outcome": "success"}
    job.run(inputs=inputs, files={"up.log": two_stacks("dev", "test")})
    later = {"GITHUB_RUN_ID": "19283746999"}
    other = job.run(inputs=inputs, env=later, files={"up.log": two_stacks("eu", "us")})
    [comment] = other.comments
    assert names(comment) == ["acme/shop/dev", "acme/shop/eu", "acme/shop/test", "acme/shop/us"]
    again = job.run(inputs=inputs, env=later, files={"up.log": two_stacks("eu", "us")})
    assert again.outputs["comment-action"] == "unchanged"
    assert len(again.to("github")) == 1


def test_a_report_that_cannot_be_read_has_a_row_and_is_not_nothing_changed(start: Start) -> None:
    job = start("collect")
    good = job.run(
        inputs={"mode": "explain", **INPUTS, "outcome": "success"}, files={"up.log": SAME}
    )
    report = (good.machine.temp / "upshot" / "default" / "report.json").read_bytes()
    files = {"all/good/report.json": report, "all/bad/report.json": b"{nope"}
    inputs = {"reports-folder": "all", "comment-key": "other"}
    result = job.run(inputs=inputs, files=files)
    assert result.outputs["verdict"] == "unknown"
    assert "`unknown-stack/bad`" in result.comments[-1]
    assert "cannot be used" in result.warnings[0]
