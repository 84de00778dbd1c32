"""When, where and how a report is published, as docs/publishing.md says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from upshot_sandbox.machine import ROOT
from upshot_sandbox.scenario import CopilotPlan, ReplyPlan, load_scenario, scenario_names

if TYPE_CHECKING:
    from tests.process.conftest import Job, Play, Start

SCHEMA = json.loads((ROOT / "docs" / "result.schema.json").read_text("utf-8"))
ANSWERS = CopilotPlan(replies=tuple(ReplyPlan(text=f"Answer {n}.") for n in range(1, 9)))


def run_number(number: int) -> dict[str, str]:
    return {"GITHUB_RUN_ID": str(19_283_746_500 + number)}


@pytest.mark.parametrize(
    ("mode", "actions", "bodies", "hidden"),
    [
        ("update", ["created", "updated"], ["2"], [False]),
        ("recreate", ["created", "recreated"], ["2"], [False]),
        ("hide-and-new", ["created", "created"], ["1", "2"], [True, False]),
        ("new", ["created", "created"], ["1", "2"], [False, False]),
        ("append", ["created", "updated"], ["12"], [False]),
        ("off", ["skipped", "skipped"], [], []),
    ],
)
def test_a_comment_mode_does_what_it_is_called(
    start: Start, mode: str, actions: list[str], bodies: list[str], hidden: list[bool]
) -> None:
    job = start("failed-update", copilot=ANSWERS)
    # The update is the first run's, whose answer the second one would show again.
    inputs = {"comment-mode": mode, "outcome": "", "ask-again": "true"}
    runs = [job.run(inputs=inputs, env=run_number(n)) for n in (1, 2)]
    assert [run.outputs["comment-action"] for run in runs] == actions
    comments = job.world.github.by_bot()
    found = ["".join(n for n in "12" if f"Answer {n}." in c.body) for c in comments]
    assert found == bodies
    assert [bool(comment.minimized) for comment in comments] == hidden


@pytest.mark.parametrize(
    ("comment_on", "scenario", "action"),
    [
        ("always", "no-changes", "created"),
        ("changes", "no-changes", "skipped"),
        ("changes", "replaces-database", "created"),
        ("changes", "failed-update", "created"),
        ("failure", "replaces-database", "skipped"),
        ("failure", "failed-update", "created"),
    ],
)
def test_comment_on_says_what_is_worth_a_comment(
    start: Start, comment_on: str, scenario: str, action: str
) -> None:
    result = start(scenario).run(inputs={"comment-on": comment_on})
    assert result.outputs["comment-action"] == action
    assert result.summary


class TestAFailureThatIsGone:
    def mended(self, start: Start, **inputs: str) -> Job:
        job = start("failed-update")
        job.run(inputs=inputs, env=run_number(1))
        job.world.cloud.updates = list(load_scenario("no-changes").cloud.updates)
        return job

    def test_the_comment_is_brought_up_to_date_whatever_comment_on_says(self, start: Start) -> None:
        job = self.mended(start, **{"comment-on": "failure"})
        inputs = {"comment-on": "failure", "outcome": "success"}
        result = job.run(inputs=inputs, env=run_number(2))
        assert result.outputs["comment-action"] == "updated"
        (comment,) = result.comments
        assert "Nothing changed" in comment
        assert "1 earlier run" in comment

    def test_one_short_line_announces_it_where_that_was_asked_for(self, start: Start) -> None:
        job = self.mended(start)
        inputs = {"notify-on": "verdict-change", "outcome": "success"}
        result = job.run(inputs=inputs, env=run_number(2))
        (line,) = [body for body in result.comments if "the previous run: failed" in body]
        assert len(line.split("-->")[-1].strip().splitlines()) == 1
        again = job.run(inputs=inputs, env=run_number(3))
        assert len(again.comments) == 2


def test_the_last_five_runs_are_kept_folded(start: Start) -> None:
    job = start("failed-update", copilot=ANSWERS)
    for number in range(1, 8):
        inputs = {"outcome": "", "ask-again": "true"}  # else the answer stays, and the comment too
        result = job.run(inputs=inputs, env=run_number(number))
    (comment,) = result.comments
    assert "<summary>5 earlier runs</summary>" in comment
    assert "19283746502" in comment
    assert "19283746501" not in comment


@pytest.mark.parametrize(
    ("scenario", "state"),
    [
        ("failed-update", "failure"),
        ("no-changes", "success"),
        ("neo-approval", "pending"),
        ("still-running", "error"),
    ],
)
def test_a_commit_status_is_set_where_one_is_named(start: Start, scenario: str, state: str) -> None:
    job = start(scenario)
    job.run(inputs={"commit-status": "pulumi / prod"})
    (status,) = job.world.github.statuses
    assert (status.context, status.state) == ("pulumi / prod", state)
    assert status.sha == job.world.github.head_sha
    assert status.target_url.endswith("/actions/runs/19283746501")


def test_summary_and_annotations_can_be_switched_off(start: Start) -> None:
    result = start("failed-update").run(inputs={"job-summary": "false", "annotations": "false"})
    assert (result.summary, result.errors) == ("", [])
    assert len(result.comments) == 1


@pytest.mark.parametrize("name", [n for n in scenario_names() if n != "neo-poll-only"])
def test_each_result_is_as_its_schema_says(play: Play, name: str) -> None:
    run = play(name)
    result = json.loads(run.outputs["result"])
    validator = jsonschema.validators.validator_for(SCHEMA)
    validator.check_schema(SCHEMA)
    validator(SCHEMA).validate(result)
    assert result["verdict"] == run.outputs["verdict"]
    assert result["reason_code"] == run.outputs["reason-code"]
    if result["reason_code"] == "not-allowed":
        assert run.outputs["result-file"] == "", "a stranger's run reports nothing"
        return
    path = run.machine.temp / run.outputs["result-file"]
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if not result["truncated"]:
        assert kept == result


@pytest.mark.parametrize("inputs", [{"timeout": "soon"}, {"mode": "ask", "prompt": ""}])
def test_a_run_that_was_not_started_has_a_result_too(start: Start, inputs: dict[str, str]) -> None:
    result = json.loads(start("failed-update").run(inputs=inputs).outputs["result"])
    jsonschema.validate(result, SCHEMA)


def test_the_report_file_is_the_report(start: Start) -> None:
    result = start("failed-update").run(inputs={"comment-key": "east"})
    assert result.outputs["report-file"] == "upshot/east/report.md"
    path = result.machine.temp / result.outputs["report-file"]
    assert path.read_text("utf-8").strip() == result.summary.strip()
