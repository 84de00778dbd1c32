"""One sticky comment: created once, updated after that, and never doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import CommentPlan, CopilotPlan, GitHubPlan, ReplyPlan

if TYPE_CHECKING:
    from tests.process.conftest import Start

    from upshot_sandbox.runner import RunResult

POST = "POST /repos/acme/shop/issues/7/comments"
PATCH = "PATCH /repos/acme/shop/issues/comments/*"
ANSWERS = CopilotPlan(replies=(ReplyPlan(text="First."), ReplyPlan(text="Second.")))


def test_the_second_run_updates_the_comment_of_the_first(start: Start) -> None:
    job = start("failed-update", copilot=ANSWERS)
    first, second = job.run(), job.run()
    assert "First." in first.comments[0]
    assert len(second.comments) == 1
    assert "Second." in second.comments[0]
    assert [r.outputs["comment-action"] for r in (first, second)] == ["created", "updated"]


def test_an_unchanged_report_costs_no_write(start: Start) -> None:
    job = start("failed-update")
    job.run()
    second = job.run()
    assert second.outputs["comment-action"] == "unchanged"
    assert [r.line for r in second.to("github")] == ["POST /graphql"]


def test_without_graphql_the_comment_is_found_by_rest(start: Start) -> None:
    job = start("failed-update", copilot=ANSWERS, github=GitHubPlan(graphql=False, people_talk=120))
    job.run()
    second = job.run()
    assert second.outputs["comment-action"] == "updated"
    assert len(second.comments) == 1


def test_two_keys_make_two_comments(start: Start) -> None:
    job = start("failed-update")
    job.run(inputs={"comment-key": "east"})
    second = job.run(inputs={"comment-key": "west"})
    assert len(second.comments) == 2


def test_t20_a_marker_of_another_account_is_not_ours(start: Start) -> None:
    first = start("failed-update")
    marked = first.run().comments[0]
    forged = GitHubPlan(comments=(CommentPlan(author="mallory", body=marked),))
    result = start("failed-update", github=forged).run()
    assert result.outputs["comment-action"] == "created"
    assert result.comments != ()


def test_t43_a_lost_reply_to_create_makes_no_second_comment(start: Start) -> None:
    lost = Fault(route=POST, kind=FaultKind.LOSE_REPLY, nth=(1,))
    job = start("failed-update", faults=(lost,))
    assert job.run().exit_code == 0
    job.run()
    assert len(job.world.github.by_bot()) == 1


def test_t43_an_edit_that_fails_once_is_tried_again(start: Start) -> None:
    fault = Fault(route=PATCH, kind=FaultKind.STATUS, nth=(1,), status=502, body="{}")
    job = start("failed-update", copilot=ANSWERS, faults=(fault,))
    job.run()
    second = job.run()
    assert second.outputs["comment-action"] == "updated"
    assert "Second." in second.comments[0]


@pytest.mark.parametrize(
    "github",
    [GitHubPlan(locked=True), GitHubPlan(token="bad"), GitHubPlan(token="read")],
    ids=["locked", "bad token", "no permission"],
)
def test_t44_where_github_refuses_the_report_is_in_the_summary(
    start: Start, github: GitHubPlan
) -> None:
    result = start("failed-update", github=github).run()
    assert result.exit_code == 0
    assert result.comments == ()
    assert result.outputs["comment-id"] == ""
    assert "iam:CreateRole" in result.summary
    assert result.warnings


def test_strict_makes_a_comment_that_could_not_be_written_count(start: Start) -> None:
    result = start("failed-update", github=GitHubPlan(locked=True)).run(inputs={"strict": "true"})
    assert result.exit_code == 1
    assert "iam:CreateRole" in result.summary


def test_a_comment_may_be_switched_off(start: Start) -> None:
    result = start("failed-update").run(inputs={"comment-mode": "off"})
    assert result.outputs["comment-action"] == "skipped"
    assert not any(line.startswith(POST) for line in result.lines)


def test_a_long_answer_is_cut_and_the_footer_stays(start: Start) -> None:
    long = CopilotPlan(replies=(ReplyPlan(text="😀 word " * 20_000),))
    result = start("failed-update", copilot=long).run()
    assert result.outputs["comment-action"] == "created"
    assert result.outputs["truncated"] == "true"
    assert len(result.comments[0]) <= 60_000
    assert "Upshot 0." in result.comments[0].rstrip()[-600:]


def test_an_older_commit_never_overwrites_a_newer_ones_comment(start: Start) -> None:
    job = start("failed-update", copilot=ANSWERS)
    job.run()
    event = {
        "action": "synchronize",
        "number": 7,
        "pull_request": {"number": 7, "head": {"sha": "1" * 40}},
    }
    stale = {"GITHUB_RUN_ID": "19000000000", "GITHUB_SHA": "1" * 40}
    late = job.run(env=stale, event={**_whole(job.world), **event})
    assert late.outputs["comment-action"] == "skipped"
    assert "First." in late.comments[0]


def _whole(world: object) -> dict[str, object]:
    from upshot_sandbox.events import build_payload

    return build_payload(world)  # type: ignore[arg-type]


def _writes(result: RunResult) -> list[str]:
    """Every write to a comment, in order."""
    lines = [f"{r.method} {r.path.rpartition('/')[2]}" for r in result.requests]
    return [line.split()[0] for line in lines if line.startswith(("POST comments", "PATCH "))]


def test_the_facts_are_there_before_a_slow_ai_and_its_words_are_edited_in(start: Start) -> None:
    slow = CopilotPlan(replies=(ReplyPlan(text="Because of the name.", after_comment=True),))
    job = start("failed-update", copilot=slow)
    result = job.run()
    (comment,) = result.comments
    assert "Because of the name." in comment
    assert "has been asked" not in comment
    assert "comment created with the facts" in result.log
    assert _writes(result) == ["POST", "PATCH"]
    assert result.outputs["comment-action"] == "created"


def test_a_fast_ai_costs_one_write(start: Start) -> None:
    result = start("failed-update").run()
    assert _writes(result) == ["POST"]
    assert "with the facts" not in result.log
