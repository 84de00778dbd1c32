"""Mode `gate`, run as a step: every state with its outputs, exit code, status and report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator
from tests.process.gate.gates import (
    ERROR,
    OPEN,
    REJECTED,
    STALE,
    WAITING,
    Gate,
    audit_of,
    state_of,
)

from upshot_sandbox.github.people.history import EnvironmentReview
from upshot_sandbox.scenario import EventPlan

if TYPE_CHECKING:
    from tests.process.conftest import Play, Start

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[3] / "docs/audit.schema.json").read_text("utf-8"))
)


def test_it_waits_and_shows_the_line_to_paste(start: Start) -> None:
    gate = Gate(start)
    result = gate.run()
    assert state_of(result) == WAITING
    assert result.outputs["approved-by"] == result.outputs["approved-sha"] == ""
    assert result.outputs["reason-code"] == "not-approved"
    line = f"/upshot approve {result.outputs['approval-request-id']}"
    assert f"```\n{line}\n```" in result.comments[0]
    assert f"```\n{line}\n```" in result.summary
    assert line in result.errors[0]
    assert gate.status == ("pending", "Waiting: 0 of 1 approvals.")
    assert len(result.requests) <= 8


def test_the_line_as_it_stands_in_the_report_opens_it(start: Start) -> None:
    gate = Gate(start)
    report = gate.run().comments[0]
    pasted = report.partition("```\n")[2].partition("\n```")[0]
    gate.say("tomas-b", pasted)
    assert state_of(gate.run()) == OPEN


def test_an_approval_opens_it(start: Start) -> None:
    gate = Gate(start)
    gate.approve(more=" --reason Checked  with finance")
    result = gate.run()
    assert state_of(result) == OPEN
    assert result.outputs["approved-by"] == "tomas-b"
    assert result.outputs["approved-sha"] == gate.world.github.head_sha
    assert result.outputs["approval-reason"] == "Checked with finance"
    assert gate.status == ("success", "Approved: Approved by tomas-b.")
    record = audit_of(result)
    SCHEMA.validate(record)
    (vote,) = record["votes"]
    assert (vote["login"], vote["permission"], vote["rule"]) == ("tomas-b", "write", "counts")
    assert "approved · request" in result.comments[0]


@pytest.mark.parametrize("text", ["/upshot approve {ID}", "/upshot approve {flat} abcdef1x no"])
def test_any_spelling_of_the_id_is_read(start: Start, text: str) -> None:
    gate = Gate(start)
    made = gate.id
    gate.say("tomas-b", text.replace("{ID}", made.upper()).replace("{flat}", made.replace("-", "")))
    assert state_of(gate.run()) == OPEN


def test_while_it_waits_the_step_may_be_green(start: Start) -> None:
    gate = Gate(start, on_waiting="report")
    result = gate.run()
    assert state_of(result) == ("waiting", "false", 0)
    assert gate.status[0] == "pending"
    gate.say("ines-k", "/upshot reject {id} no")
    assert state_of(gate.run()) == REJECTED


def test_a_rejection_closes_it_until_the_same_person_approves(start: Start) -> None:
    gate = Gate(start)
    gate.approve()
    gate.say("ines-k", "/upshot reject {id} Not before the freeze ends.")
    result = gate.run()
    assert state_of(result) == REJECTED
    assert result.outputs["approval-reason"] == "Not before the freeze ends."
    assert gate.status == ("failure", "Rejected: Rejected by ines-k.")
    later = gate.approve("ines-k")
    later.created_at += 1
    later.updated_at += 1
    result = gate.run()
    assert state_of(result) == OPEN
    assert result.outputs["approved-by"] == "ines-k,tomas-b"


def test_two_people_are_two_people(start: Start) -> None:
    gate = Gate(start, required_approvals="2")
    gate.approve()
    gate.approve()
    assert state_of(gate.run()) == WAITING
    assert gate.status == ("pending", "Waiting: 1 of 2 approvals, by tomas-b.")
    gate.approve("ines-k")
    assert state_of(gate.run()) == OPEN


@pytest.mark.parametrize("by", ["reader-r", "stranger", "ci-x[bot]", "maria-lopez"])
def test_t52_t56_not_everybody_opens_it(start: Start, by: str) -> None:
    gate = Gate(start)
    gate.approve(by)
    assert state_of(gate.run()) == WAITING


def test_own_changes_may_be_approved_where_that_is_allowed(start: Start) -> None:
    gate = Gate(start, allow_self_approval="true")
    gate.approve("maria-lopez")
    assert state_of(gate.run()) == OPEN


def test_t51_edited_hidden_deleted_and_not_first_lines_count_for_nothing(start: Start) -> None:
    gate = Gate(start)
    edited = gate.approve()
    gate.world.github.edit(edited, edited.body)
    edited.updated_at += 1
    hidden = gate.approve("ines-k")
    hidden.minimized = "outdated"
    deleted = gate.approve("zoe-z")
    gate.world.github.comments.remove(deleted)
    gate.say("pete-p", "> /upshot approve {id}")
    gate.say("pete-p", "I think\n/upshot approve {id}")
    result = gate.run()
    assert state_of(result) == WAITING
    rules = {vote["login"]: vote["rule"] for vote in audit_of(result)["votes"]}
    assert rules == {"tomas-b": "edited", "ines-k": "minimised"}


def test_t52_what_an_app_writes_for_a_person_counts_for_nothing(start: Start) -> None:
    gate = Gate(start)
    gate.approve().app = "some-app"
    assert state_of(gate.run()) == WAITING


def test_t53_an_approval_of_something_else_counts_for_nothing(start: Start) -> None:
    gate = Gate(start)
    gate.say("tomas-b", "/upshot approve aaaa-bbbb-cccc-dddd")
    gate.approve("ines-k", more=" 1234567")
    result = gate.run()
    assert state_of(result) == WAITING
    assert [vote["rule"] for vote in audit_of(result)["votes"]] == ["other-request", "other-commit"]
    other = Gate(start, stack_name="acme/shop/dev")
    assert other.id != gate.id


def test_t55_a_right_that_was_lost_counts_no_more(start: Start) -> None:
    gate = Gate(start)
    gate.approve()
    assert state_of(gate.run()) == OPEN
    gate.world.github.permissions["tomas-b"] = "read"
    assert state_of(gate.run()) == WAITING


def test_t56_a_co_author_is_an_author_also_by_a_private_address(start: Start) -> None:
    gate = Gate(start)
    gate.history.push("maria-lopez", co_authors={"coco@home.example": "coco-c"})
    gate.run()
    gate.approve("coco-c")
    result = gate.run()
    assert state_of(result) == WAITING
    assert audit_of(result)["votes"][-1]["rule"] == "co-author"
    gate.approve()
    assert state_of(gate.run()) == OPEN


@pytest.mark.parametrize("action", ["synchronize", "opened"])
def test_t56_who_pushed_is_no_approver(start: Start, action: str) -> None:
    """By the event's own word, else by the repository's activity."""
    event = EventPlan(action=action, actor="pete-p" if action == "synchronize" else "maria-lopez")
    gate = Gate(start, event)
    gate.history.push("pete-p", author="maria-lopez")
    gate.run()
    gate.approve("pete-p")
    result = gate.run()
    assert state_of(result) == WAITING
    assert audit_of(result)["votes"][-1]["rule"] == "own-push"
    asked = any(line.endswith("/activity") for line in result.lines)
    assert asked is (action == "opened")


def test_t54_a_new_commit_needs_a_new_approval(start: Start) -> None:
    gate = Gate(start)
    gate.approve()
    before = gate.payload()
    gate.history.push("maria-lopez")
    result = gate.run()
    assert state_of(result) == WAITING
    assert result.outputs["approved-sha"] == ""
    again = gate.rerun(before)
    assert state_of(again) == STALE
    assert gate.world.github.statuses[-1].sha == before["pull_request"]["head"]["sha"]


def test_a_rebase_that_changes_no_file_keeps_an_approval_of_the_files(start: Start) -> None:
    gate = Gate(start, approval_binding="tree")
    gate.approve()
    tree = gate.history.commits[gate.world.github.head_sha].tree
    gate.history.push("maria-lopez", tree=tree, force=True)
    result = gate.run()
    assert state_of(result) == OPEN
    assert result.outputs["approved-sha"] == gate.world.github.head_sha
    gate.history.push("maria-lopez")
    assert state_of(gate.run()) == WAITING


@pytest.mark.parametrize("what", ["locked", "closed"])
def test_a_locked_or_closed_pull_request_is_out_of_date(start: Start, what: str) -> None:
    gate = Gate(start)
    gate.approve()
    gate.world.github.locked = what == "locked"
    gate.world.github.state = "closed" if what == "closed" else "open"
    assert state_of(gate.run()) == STALE


def test_approvals_expire(start: Start) -> None:
    gate = Gate(start, approval_expires="2d")
    old = gate.approve()
    old.created_at -= 3 * 86_400
    old.updated_at = old.created_at
    result = gate.run()
    assert state_of(result) == ("expired", "false", 1)
    assert gate.status[0] == "pending"


def test_reviews_count_for_their_commit(start: Start) -> None:
    gate = Gate(start, approval_from="review")
    review = gate.history.review("tomas-b", "APPROVED", "Looks right.")
    result = gate.run()
    assert state_of(result) == OPEN
    assert result.outputs["approval-reason"] == "Looks right."
    assert not any(line.endswith("/comments") for line in result.lines[:6])
    review.state = "DISMISSED"
    assert state_of(gate.run()) == WAITING
    gate.history.review("ines-k", "CHANGES_REQUESTED", "No.")
    assert state_of(gate.run()) == REJECTED
    gate.history.push("maria-lopez")
    assert state_of(gate.run()) == WAITING


def test_an_environments_approval_counts_in_its_own_run(start: Start) -> None:
    gate = Gate(start, approval_from="environment", approval_environment="production")
    assert state_of(gate.run()) == WAITING
    user = gate.world.github.user
    reviews = gate.history.environment_reviews
    reviews.append(EnvironmentReview(user("ines-k"), "approved", "staging"))
    reviews.append(EnvironmentReview(user("maria-lopez"), "approved", "production"))
    assert state_of(gate.run()) == WAITING
    reviews.append(EnvironmentReview(user("ines-k"), "approved", "production", "Go."))
    result = gate.run()
    assert state_of(result) == OPEN
    assert result.outputs["approved-by"] == "ines-k"


@pytest.mark.parametrize("token", ["app", "write"])
def test_a_team_needs_a_token_that_sees_it(start: Start, token: str) -> None:
    """A job's own token does not: then that is said, and nothing is open."""
    gate = Gate(start, plan={"token": token}, approvers="@acme/platform")
    gate.history.teams["platform"] = {"tomas-b"}
    gate.approve()
    result = gate.run()
    assert state_of(result) == (OPEN if token == "app" else ERROR)
    if token == "app":
        gate.history.teams["platform"].clear()
        assert state_of(gate.run()) == WAITING


def test_only_approvers_count(start: Start) -> None:
    gate = Gate(start, approvers="Ines-K, zoe-z")
    gate.approve("tomas-b")
    result = gate.run()
    assert state_of(result) == WAITING
    assert not any("/permission" in line for line in result.lines)
    gate.approve("ines-k")
    assert state_of(gate.run()) == OPEN


def test_a_comment_starts_it_and_is_read_again(start: Start) -> None:
    event = EventPlan(name="issue_comment", actor="tomas-b", comment="/upshot status")
    gate = Gate(start, event)
    gate.approve()
    result = gate.run()
    assert state_of(result) == OPEN
    assert result.outputs["approved-sha"] == gate.world.github.head_sha
    assert len(result.lines) <= 8, "\n".join(result.lines)
    asked = [line for line in result.lines if "tomas-b/permission" in line]
    assert len(asked) == 1, "whoever wrote the comment is a voter, too: asked once"


def test_t25_t58_a_strangers_comment_asks_and_posts_nothing(start: Start) -> None:
    event = EventPlan(name="issue_comment", actor="stranger", comment="/upshot approve x")
    gate = Gate(start, event)
    result = gate.run()
    assert state_of(result) == ERROR
    assert result.comments == ()
    assert len(result.lines) == 1


def test_a_push_finds_the_pull_request_that_it_merges(start: Start) -> None:
    gate = Gate(start)
    gate.approve()
    gate.history.merge("zoe-z")
    github = gate.world.github
    env = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": github.merge_sha}
    event: dict[str, object] = {
        "ref": "refs/heads/main", "before": github.base_sha, "after": github.merge_sha,
        "sender": {"login": "zoe-z", "id": github.user("zoe-z").id, "type": "User"},
    }  # fmt: skip
    result = gate.rerun(event, env=env)
    assert state_of(result) == OPEN
    assert result.outputs["approved-sha"] == github.head_sha
    gate.history.merge("tomas-b")
    event["sender"] = {"login": "tomas-b", "id": github.user("tomas-b").id, "type": "User"}
    assert state_of(gate.rerun(event, env=env)) == WAITING
    gate.history.merge("zoe-z", tree="ab" * 20)
    assert state_of(gate.rerun(event, env=env)) == STALE


def test_without_a_pull_request_it_is_closed(start: Start) -> None:
    result = Gate(start, EventPlan(name="schedule"), plan={"pull_request": 0}).run()
    assert state_of(result) == ERROR
    assert "There is no pull request" in result.errors[0]


@pytest.mark.parametrize("token", ["bad", "none"])
def test_t57_without_a_token_it_is_closed(start: Start, token: str) -> None:
    assert state_of(Gate(start, plan={"token": token}).run()) == ERROR
    assert state_of(Gate(start).run(inputs={"dry-run": "true"})) == ERROR


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("approval-from", "email"),
        ("approval-from", "environment"),
        ("approval-binding", "branch"),
        ("approval-required-on", "never"),
        ("required-approvals", "0"),
        ("approvers", "@acme/a/b"),
        ("approvers", "all of us"),
        ("approval-expires", "-1d"),
        ("on-waiting", "wait"),
        ("on-approve", "dispatch:../evil.yml"),
        ("comment-on", "sometimes"),
    ],
)
def test_t57_a_wrong_input_closes_it_before_anything_is_asked(
    start: Start, name: str, value: str
) -> None:
    result = Gate(start).run(inputs={name: value})
    assert state_of(result) == ERROR
    assert result.lines == []
    assert name in result.errors[0]


def test_more_approvals_than_approvers_are_refused(start: Start) -> None:
    result = Gate(start, required_approvals="2", approvers="tomas-b").run()
    assert state_of(result) == ERROR
    assert "at most 1" in result.errors[0]


def test_a_plan_is_bound_with_its_commit(play: Play) -> None:
    result = play("gate-plan-changed")
    assert state_of(result) == WAITING
    assert "**1 to replace**" in result.comments[0]
    assert audit_of(result)["votes"][0]["rule"] == "other-request"


def test_without_a_preview_a_plan_cannot_be_asked_for(start: Start) -> None:
    result = Gate(start, approval_binding="plan").run()
    assert state_of(result) == ERROR
    assert "preview" in result.errors[0]
