"""What a user sees in each scenario of `make try`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.scenario import load_scenario, scenario_names

if TYPE_CHECKING:
    from tests.process.conftest import Play, Start

ASKING = "POST /api/ai/chat/preview"
COMMENT = "POST /repos/acme/shop/issues/7/comments"
PERMALINK = "https://app.pulumi.com/acme/shop/prod/updates"


# `neo-poll-only` waits as long as `neo-documented` does, and for the same reason.
@pytest.mark.parametrize("name", [n for n in scenario_names() if n != "neo-poll-only"])
def test_a_scenario_ends_as_it_says(play: Play, name: str) -> None:
    result = play(name)
    assert result.exit_code == load_scenario(name).exit_code
    assert result.outputs["verdict"] in {"succeeded", "no-changes", "failed", "unknown"}
    is_refused = result.outputs["reason-code"] == "not-allowed"
    assert len(result.summary) > 100 or is_refused
    answers = sum('"kind":"answer"' in comment for comment in result.comments)
    assert len(result.comments) - answers <= 1
    assert answers <= 1


def test_a_failed_update_shows_cause_error_and_explanation(play: Play) -> None:
    result = play("failed-update")
    (comment,) = result.comments
    assert "acme/shop/prod" in comment
    assert comment.index("`api-task`") < comment.index("`api-task-logs`")
    assert "iam:CreateRole" in comment
    assert "not allowed to create IAM roles" in comment
    assert result.outputs["update-url"] == f"{PERMALINK}/41"
    assert result.outputs["failure-class"] == "permission-denied"
    assert result.outputs["backend-used"] == "copilot"
    failed = json.loads(result.outputs["failed-resources"])
    assert failed[0] == {
        "urn": "urn:pulumi:prod::shop::aws:iam/role:Role::api-task",
        "type": "aws:iam/role:Role",
        "name": "api-task",
        "operation": "create",
    }
    assert len(failed) == int(result.outputs["failed-count"]) == 4


def test_a_failed_preview_shows_the_programs_error(play: Play) -> None:
    result = play("failed-preview")
    assert "queue.arn.split is not a function" in result.comments[0]
    assert "is an `Output`, not a string" in result.comments[0]
    (note,) = [a for a in result.annotations if a.level == "error"]
    assert (note.file, note.line) == ("index.ts", "5")
    assert result.outputs["verdict"] == "failed"


def test_a_preview_that_loses_data_is_risky(play: Play) -> None:
    result = play("replaces-database")
    assert result.outputs["verdict"] == "succeeded"
    assert result.outputs["risk-level"] in {"high", "critical"}
    assert [result.outputs[f"to-{op}"] for op in ("create", "update", "delete", "replace")] == [
        "1",
        "1",
        "2",
        "1",
    ]
    assert "orders-db" in result.comments[0]
    assert "sessions" in result.comments[0]


def test_nothing_changed_asks_no_ai(play: Play) -> None:
    result = play("no-changes")
    assert result.outputs["verdict"] == "no-changes"
    assert result.outputs["unchanged"] == "14"
    assert ASKING not in result.lines


def test_a_used_up_limit_leaves_the_local_diagnosis(play: Play) -> None:
    result = play("copilot-limit")
    assert result.outputs["reason-code"] == "ai-usage-limit"
    assert result.outputs["backend-used"] == "local"
    assert result.lines.count(ASKING) == 1
    assert any("Usage limit reached" in warning for warning in result.warnings)
    assert result.comments[0].count("Usage limit reached") == 1
    assert "already-exists" in result.outputs["failure-class"]


def test_copilots_outage_leaves_the_local_diagnosis(play: Play) -> None:
    result = play("copilot-down")
    assert result.outputs["reason-code"] == "ai-unavailable"
    assert result.outputs["backend-used"] == "local"
    assert 1 < result.lines.count(ASKING) <= 8
    assert "`receipts`" in result.comments[0]


def test_an_expired_token_leaves_the_log(play: Play) -> None:
    result = play("expired-token")
    assert result.outputs["backend-used"] == "local"
    assert any("401" in warning for warning in result.warnings)
    assert "BucketAlreadyExists" in result.comments[0]


def test_a_fork_gets_summary_and_outputs(play: Play) -> None:
    result = play("fork")
    assert result.comments == ()
    assert "BucketAlreadyExists" in result.summary
    assert result.outputs["comment-id"] == ""
    assert any("workflow_run" in warning for warning in result.warnings)


def test_a_failure_without_a_pull_request_opens_one_issue(play: Play) -> None:
    result = play("issue-opened")
    (issue,) = result.issues
    assert (issue.state, issue.labels) == ("open", ("pulumi", "ops"))
    assert "`orders-db`" in issue.body
    assert "rds:ModifyDBInstance" in issue.body
    assert not any("/issues/101" in line for line in result.lines), "another author's issue"


def test_the_first_good_run_closes_the_issue_with_a_last_word(play: Play) -> None:
    result = play("issue-closed")
    (issue,) = result.issues
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert "Update succeeded" in issue.body
    (word,) = issue.comments
    assert "All is well again" in word.body


def test_drift_is_a_report_of_its_own(play: Play) -> None:
    summary = play("fleet-drift").summary
    assert "### ⚠️ Drift in 2 resources, 1 resource with data gone · acme/app-0000/eu" in summary
    assert "1 changed outside of Pulumi · 1 gone" in summary
    assert re.search(r"since \d{4}-\d\d-\d\d \d\d:\d\d UTC at the latest", summary)
    assert "**`api-logs`** (`aws:cloudwatch/logGroup:LogGroup`) is gone" in summary
    assert "**Risk: critical** · drift: 1 resource holding data gone" in summary
    assert '! ingress: ["10.0.0.0/8"] → ["0.0.0.0/0"]' in summary


def test_slack_and_a_webhook_get_the_failure(play: Play) -> None:
    result = play("slack")
    slack, webhook = result.messages
    assert (slack.to, webhook.to) == ("slack", "webhook")
    text = json.dumps(slack.body)
    assert "rds:ModifyDBInstance" in text
    assert "&lt;!channel&gt;" in text
    assert f"{PERMALINK}/71" in text
    assert webhook.body["verdict"] == "failed"
    assert webhook.headers["x-upshot-signature-256"].startswith("sha256=")
    assert "T0SANDBOX" not in result.log.replace("::add-mask::", "", 1).split("Upshot 0")[1]


def test_a_question_from_a_chat_is_answered_there(play: Play) -> None:
    result = play("teams")
    (message,) = result.messages
    text = json.dumps(message.body)
    assert "Why did the last update take so long?" in text
    assert "was resized in place" in text
    assert "evil.example" not in text
    assert "{{DATE" not in text


@pytest.mark.parametrize("name", ["no-pull-request", "nightly"])
def test_without_a_pull_request_there_is_no_comment_and_no_complaint(play: Play, name: str) -> None:
    result = play(name)
    assert not any("/comments" in line for line in result.lines)
    assert result.outputs["comment-action"] == "skipped"
    assert result.outputs["comment-id"] == ""
    assert not any("comment" in warning.lower() for warning in result.warnings)
    assert result.summary


def test_on_a_long_thread_the_comment_is_found_and_updated(start: Start) -> None:
    job = start("long-thread")
    first = job.run()
    job.world.github.comments.insert(0, job.world.github.comments.pop())
    second = job.run()
    assert first.outputs["comment-action"] == "created"
    assert second.outputs["comment-action"] == "updated"
    assert second.outputs["comment-id"] == first.outputs["comment-id"]
    assert len(second.to("github")) == 2
    assert len(job.world.github.by_bot()) == 1


def test_five_thousand_events_hide_nothing(play: Play) -> None:
    result = play("many-events")
    assert sum(line.endswith("/events") for line in result.lines) == 50
    assert "LimitExceeded" in result.comments[0]
    assert result.outputs["to-create"] == "115"


def test_a_follow_up_question_continues_the_conversation(start: Start) -> None:
    job = start("ask")
    first = job.run(inputs=dict(job.world.scenario.earlier[0]))
    second = job.run()
    conversation = first.outputs["conversation-id"]
    assert conversation
    (asked,) = [r for r in second.requests if r.line == ASKING]
    assert asked.json["conversationId"] == conversation
    assert "suffix" in asked.json["query"]
    assert "keeps it in the state" in second.comments[0]
    assert second.outputs["conversation-id"] == conversation


def test_a_console_log_alone_needs_no_network_but_githubs(play: Play) -> None:
    result = play("log-only")
    assert result.to("cloud") == []
    assert "BucketAlreadyExists" in result.comments[0]
    assert result.outputs["failed-count"] == "1"


def test_a_running_update_is_said_to_be_running(play: Play) -> None:
    result = play("still-running")
    assert result.outputs["reason-code"] == "still-running"
    assert "running" in result.comments[0].lower()


def test_an_exchanged_token_is_masked_before_it_is_used(play: Play) -> None:
    result = play("oidc")
    assert result.exit_code == 0
    (exchange,) = [r for r in result.requests if r.path == "/api/oauth/token"]
    assert exchange.json["audience"] == "urn:pulumi:org:acme"
    assert exchange.json["requested_token_type"].endswith(":organization")
    masked = {command.data for command in result.commands if command.name == "add-mask"}
    assert exchange.json["subject_token"] in masked
    (asked,) = [r for r in result.requests if r.line == ASKING]
    assert asked.headers["authorization"].removeprefix("token ") in masked


def test_github_down_leaves_summary_and_outputs(play: Play) -> None:
    result = play("github-down")
    assert result.outputs["comment-action"] == "failed"
    assert result.outputs["reason-code"] == "comment-failed"
    assert "BucketAlreadyExists" in result.summary
    assert any("comment" in warning for warning in result.warnings)


def test_a_mandatory_policy_is_named(play: Play) -> None:
    result = play("policy-violation")
    assert "s3-no-public-read" in result.comments[0]
    assert result.outputs["verdict"] == "failed"


def test_every_comment_says_commit_run_and_backend(play: Play) -> None:
    result = play("failed-update")
    (footer,) = [line for line in result.comments[0].splitlines() if line.startswith("<sub>Upshot")]
    assert re.search(r"explained by .*Copilot.*commit .*run \d+", footer)


def test_a_question_in_a_comment_is_answered_in_a_new_one(play: Play) -> None:
    result = play("chat-ask")
    report, answer = result.comments
    assert "Would the random suffix change" not in report
    assert "Would the random suffix change" in answer
    assert "Pulumi chooses the suffix once" in answer
    assert (result.outputs["command"], result.outputs["reason-code"]) == (
        "ask",
        "deployment-failed",
    )


def test_why_asks_no_ai(play: Play) -> None:
    result = play("chat-why")
    assert ASKING not in result.lines
    assert "**`receipts`** (`aws:s3/bucket:Bucket`) could not be created." in result.comments[-1]


def test_a_command_by_a_stranger_costs_nothing(play: Play) -> None:
    result = play("chat-not-allowed")
    assert len(result.comments) == 1  # the report of the run before
    assert [line.split(" ")[0] for line in result.lines] == ["GET", "POST"]
    assert result.outputs["reason-code"] == "not-allowed"


def test_what_neo_asks_is_approved_by_a_comment(play: Play) -> None:
    result = play("neo-approve-by-comment")
    assert "/upshot approve approval-task-0001-7" in result.comments[-1]
    assert result.outputs["task-status"] == "finished"
