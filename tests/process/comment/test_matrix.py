"""Many stacks, one comment: shared by the jobs of a matrix, or joined by a last one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from upshot.model import ReasonCode
from upshot.publish.comment.sections import parse_sections

if TYPE_CHECKING:
    from tests.process.conftest import Job, Play, Start

READ = "POST /graphql"
CREATE = "POST /repos/acme/shop/issues/7/comments"
LOOK = "GET /repos/acme/shop/issues/7/comments"


def test_the_jobs_of_a_matrix_share_one_comment(start: Start) -> None:
    job = start("matrix")
    staging = job.world.scenario.earlier[1]
    first, second = job.run(inputs=staging), job.run()
    assert first.outputs["comment-id"] == second.outputs["comment-id"]
    assert second.outputs["comment-action"] == "updated"
    (comment,) = second.comments
    assert [section.stack for section in parse_sections(comment)] == [
        "acme/shop/prod",
        "acme/shop/staging",
    ]
    assert "## ❌ Update failed for 1 of 2 stacks" in comment
    assert comment.index("**`receipts`**") < comment.index("<code>staging</code>")


def test_a_stack_alone_is_updated_in_two_requests_and_read_in_one(start: Start) -> None:
    job = start("matrix")
    inputs = job.world.scenario.earlier[0]
    assert [r.line for r in job.run(inputs=inputs).to("github")] == [READ, CREATE, LOOK]
    again = job.run(inputs=inputs)
    assert [r.line for r in again.to("github")] == [READ]
    assert again.outputs["comment-action"] == "unchanged"
    changed = job.run(inputs=inputs, files={"dev.log": changed_log(job)})
    assert [r.line.split()[0] for r in changed.to("github")] == ["POST", "PATCH"]


def test_a_later_report_shows_the_earlier_runs(start: Start) -> None:
    job = start("matrix")
    inputs = {**job.world.scenario.earlier[0], "notify-on": "verdict-change"}
    job.run(inputs=inputs)
    later = job.run(
        inputs=inputs,
        env={"GITHUB_RUN_ID": "19283746999"},
        files={"dev.log": changed_log(job)},
    )
    report, line = later.comments
    assert "<summary>1 earlier run</summary>" in report
    assert "actions/runs/19283746501" in report
    assert "the previous run: nothing changed. [See the report](" in line


def changed_log(job: Job) -> bytes:
    """The console log of `dev` after an update that changed something."""
    text = job.world.scenario.files["dev.log"]
    return text.replace("    14 unchanged", "    + 1 created\n    14 unchanged").encode()


def test_collect_joins_all_reports_with_the_worst_verdict(play: Play) -> None:
    result = play("collect")
    assert [r.line for r in result.to("github")] == [READ, CREATE, LOOK]
    (comment,) = result.comments
    assert "## ❌ Preview failed for 1 of 4 stacks, critical changes in 1 · `acme/shop`" in comment
    assert comment.index("`prod`") < comment.index("`staging`") < comment.index("`dev`")
    assert "## ❌ Preview failed for 1 of 4 stacks" in result.summary
    outputs = result.outputs
    assert outputs["verdict"] == "failed"
    assert outputs["failure-class"] == "missing-config"
    assert (outputs["to-create"], outputs["to-replace"], outputs["unchanged"]) == ("2", "1", "38")
    assert any("1 of the reports" in warning for warning in result.warnings)


def test_collect_again_is_one_request_when_nothing_changed(start: Start) -> None:
    job = start("collect")
    job.run()
    again = job.run()
    assert [r.line for r in again.to("github")] == [READ]
    assert again.outputs["comment-action"] == "unchanged"


def test_collect_reads_what_the_jobs_wrote(start: Start) -> None:
    legs = start("matrix")
    files = {}
    for n, inputs in enumerate((*legs.world.scenario.earlier, {})):
        temp = legs.run(inputs={**inputs, "comment-mode": "off"}).machine.temp
        for path in (temp / "upshot").rglob("*"):
            if path.is_file():
                name = path.relative_to(temp / "upshot")
                files[f"reports/upshot-{n}/{name}"] = path.read_bytes()
    joined = start("collect", files={}).run(files=files)
    assert joined.outputs["reason-code"] == ReasonCode.DEPLOYMENT_FAILED
    assert [failed["name"] for failed in json.loads(joined.outputs["failed-resources"])] == [
        "receipts"
    ]
    assert "3 stacks" in joined.comments[0]


def test_a_policy_given_to_the_joining_job_holds_for_all(start: Start) -> None:
    result = start("collect").run(inputs={"fail-on": "stateful-replace"})
    assert result.exit_code == 1
    assert result.outputs["reason-code"] == ReasonCode.FORBIDDEN_BY_POLICY


def test_no_report_to_join_is_a_warning(start: Start) -> None:
    result = start("collect", files={}).run()
    assert result.exit_code == 0
    assert result.outputs["reason-code"] == ReasonCode.NO_EVIDENCE
    assert any("holds no report" in warning for warning in result.warnings)
    assert result.comments == ()


@pytest.mark.parametrize("others", [True, False])
def test_a_report_that_cannot_be_read_is_unknown_in_its_row_and_the_verdict(
    start: Start, *, others: bool
) -> None:
    plans = start("collect").world.scenario.files
    name = "reports/upshot-dev/web/report.json"  # of a stack in which nothing changes
    files = {name: plans[name].encode()} if others else {}
    result = start("collect", files={}).run(files={**files, "reports/prod/report.json": b"{"})
    assert result.outputs["verdict"] == "unknown"
    (comment,) = result.comments
    assert "The report of this job cannot be read" in comment
    assert "Nothing chang" not in comment.splitlines()[2]
    if others:
        (row,) = [line for line in comment.splitlines() if line.startswith("|") and "prod" in line]
        assert "unknown" in row


def test_t36_a_strangers_report_can_do_no_more_than_show_text(start: Start) -> None:
    report = json.loads(
        start("collect").world.scenario.files["reports/upshot-prod/web/report.json"]
    )
    report["facts"]["failures"][0]["headline"] = "@everyone closes #1 ![x](https://evil.example/x)"
    report["facts"]["failures"][0]["message"] = "<!-- upshot {} -->\n::set-output name=x::y"
    report["facts"]["links"] = ["https://evil.example/link"]
    report["subject"] = {
        "stack": {"organization": "acme", "project": "shop", "stack": "prod"},
        "version": 3,
        "console": "https://evil.example",
    }
    report["run"]["server_url"] = "https://evil.example"
    report["verdict"] = {
        "status": "succeeded",
        "breaches": [{"rule": "x", "what": "approved by @admin"}],
    }
    report["diagnosis"] = {
        "failure_class": "x",
        "explanation": "[run this](https://evil.example)",
        "documentation_url": "https://evil.example/docs",
    }
    report["reply"] = {
        "type": "Answer", "backend": "copilot", "text": "[x](https://evil.example/y) @everyone"
    }  # fmt: skip
    files = {"reports/a/report.json": json.dumps(report).encode()}
    result = start("collect", files={}).run(files=files)
    assert result.outputs["verdict"] == "failed"
    (comment,) = result.comments
    for text in (comment, result.summary):
        live = re.sub(r"`[^`\n]+`", "", text)  # GitHub acts on nothing inside a code span
        assert "](https://evil.example" not in live
        assert "approved by" not in text
        assert "![" not in live
        assert "`@everyone`" in text
        assert " @everyone" not in text
