"""What each `comment-mode`, `comment-on` and `notify-on` does to a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from upshot.inputs.choices import CommentOn
from upshot.model import ReceiptStatus, VerdictStatus
from upshot.publish.comment.marker import Kind, find_marker
from upshot.publish.comment.plan import is_due


def last_lines(world: Any) -> list[str]:
    return [body.rsplit("\n", 1)[-1] for body in world.bodies]


def second(world: Any, mode: str, **more: Any) -> Any:
    """A run after the first one, with another report."""
    marker = world.marker(run=101, digest="d2", verdict=more.pop("verdict", "succeeded"))
    return world.publish("second", mode=mode, marker=marker, **more)


@pytest.mark.parametrize("mode", ["update", "recreate", "hide-and-new", "new", "append"])
def test_every_mode_creates_the_first_comment(world: Any, mode: str) -> None:
    assert world.publish("first", mode=mode).action == "created"
    assert last_lines(world) == ["first"]


@pytest.mark.parametrize("mode", ["update", "recreate", "hide-and-new", "new", "append"])
def test_no_mode_writes_an_unchanged_report(world: Any, mode: str) -> None:
    world.publish("first", mode=mode)
    before = len(world.sent)
    assert world.publish("first", mode=mode, marker=world.marker(run=101)).action == "unchanged"
    assert len(world.sent) == before + 1


def test_off_asks_github_for_nothing(world: Any) -> None:
    receipt = world.publish(mode="off")
    assert (receipt.status, receipt.action) == (ReceiptStatus.SKIPPED, "skipped")
    assert world.sent == []


def test_recreate_posts_anew_at_the_end_and_deletes_the_old_one(world: Any) -> None:
    first = world.publish("first", mode="recreate")
    receipt = second(world, "recreate")
    assert receipt.action == "recreated"
    assert receipt.comment_id != first.comment_id
    assert last_lines(world) == ["second"]


def test_hide_and_new_folds_the_old_one_as_outdated(world: Any) -> None:
    world.publish("first", mode="hide-and-new")
    assert second(world, "hide-and-new").action == "created"
    assert [(c.minimized, c.body[-6:]) for c in world.state.by_bot()] == [
        ("outdated", "\nfirst"),
        ("", "second"),
    ]


def test_new_posts_a_comment_a_run_and_none_is_a_duplicate(world: Any) -> None:
    world.publish("first", mode="new")
    assert second(world, "new").action == "created"
    assert last_lines(world) == ["first", "second"]
    # Back to one comment: the log of before stays.
    marker = world.marker(run=102, digest="d3")
    assert world.publish("third", mode="update", marker=marker).action == "created"
    assert last_lines(world) == ["first", "second", "third"]


def test_append_adds_below_and_keeps_one_marker(world: Any) -> None:
    world.publish("first", mode="append")
    assert second(world, "append").action == "updated"
    [body] = world.bodies
    assert body.index("first") < body.index("second")
    assert body.count('{"v":1') == 1
    marker = find_marker(body)
    assert marker is not None
    assert marker.run == "101"


def test_append_drops_the_oldest_reports_when_room_is_short(world: Any) -> None:
    for run in range(100, 108):
        marker = world.marker(run=run, digest=f"d{run}")
        world.publish(f"report {run}\n" + "x" * 12_000, mode="append", marker=marker)
    [body] = world.bodies
    assert len(body) <= 62_000
    assert "report 107" in body
    assert "report 100" not in body


def test_append_cannot_be_split_by_a_report(world: Any) -> None:
    world.publish("first", mode="append")
    marker = world.marker(run=101, digest="d2")
    world.publish("a\n\n<!-- upshot-entry -->\n\n---\n\nb", mode="append", marker=marker)
    assert world.bodies[0].count("<!-- upshot-entry -->") == 1


@pytest.mark.parametrize(
    ("comment_on", "status", "has_changes", "expected"),
    [
        (CommentOn.ALWAYS, VerdictStatus.NO_CHANGES, False, True),
        (CommentOn.CHANGES, VerdictStatus.NO_CHANGES, False, False),
        (CommentOn.CHANGES, VerdictStatus.SUCCEEDED, False, False),
        (CommentOn.CHANGES, VerdictStatus.SUCCEEDED, True, True),
        (CommentOn.CHANGES, VerdictStatus.SUCCEEDED, None, True),
        (CommentOn.CHANGES, VerdictStatus.FAILED, False, True),
        (CommentOn.FAILURE, VerdictStatus.SUCCEEDED, True, False),
        (CommentOn.FAILURE, VerdictStatus.FAILED, False, True),
        (CommentOn.FAILURE, VerdictStatus.CANCELLED, None, True),
        (CommentOn.FAILURE, VerdictStatus.UNKNOWN, None, False),
    ],
)
def test_comment_on_says_what_is_worth_a_new_comment(
    comment_on: CommentOn,
    status: VerdictStatus,
    has_changes: bool | None,  # noqa: FBT001
    expected: bool,  # noqa: FBT001
) -> None:
    assert is_due(comment_on, status, has_changes=has_changes) is expected


@pytest.mark.parametrize("mode", ["update", "recreate", "hide-and-new", "new", "append"])
def test_what_is_not_due_creates_nothing(world: Any, mode: str) -> None:
    receipt = world.publish("fine", mode=mode, is_due=False)
    assert receipt.action == "skipped"
    assert world.bodies == []


@pytest.mark.parametrize(
    ("mode", "action", "left"),
    [
        ("update", "updated", ["second"]),
        ("recreate", "updated", ["second"]),
        ("append", "updated", ["second"]),
        ("hide-and-new", "hidden", ["first"]),
        ("new", "created", ["first", "second"]),
    ],
)
def test_a_comment_about_an_old_failure_is_brought_up_to_date(
    world: Any, mode: str, action: str, left: list[str]
) -> None:
    world.publish("first", mode=mode)
    assert second(world, mode, is_due=False).action == action
    assert last_lines(world) == left


def test_once_that_is_said_further_good_runs_stay_quiet_in_mode_new(world: Any) -> None:
    world.publish("first", mode="new")
    second(world, "new", is_due=False)
    marker = world.marker(run=102, digest="d3", verdict="succeeded")
    assert world.publish("third", mode="new", marker=marker, is_due=False).action == "skipped"


def test_a_change_of_verdict_posts_one_short_line(world: Any) -> None:
    world.publish("first")
    second(world, "update", notice="prod works again.")
    assert last_lines(world) == ["second", "prod works again."]
    third = world.marker(run=102, digest="d3", verdict="failed")
    world.publish("third", marker=third, notice="prod fails again.")
    assert last_lines(world) == ["third", "prod fails again."]


def test_no_line_while_the_verdict_stays_or_for_a_new_comment(world: Any) -> None:
    world.publish("first", notice="prod fails.")
    second(world, "update", verdict="failed", notice="prod fails.")
    assert last_lines(world) == ["second"]


def test_the_line_is_never_taken_for_the_report(world: Any) -> None:
    world.publish("first")
    second(world, "update", notice="prod works again.")
    kinds = [marker.kind for body in world.bodies if (marker := find_marker(body))]
    assert kinds == [Kind.STICKY, Kind.NOTE]


def test_t43_duplicates_are_removed_and_the_oldest_stays(world: Any) -> None:
    first = world.publish("first")
    copy = world.state.by_bot()[0].body
    world.state.add(world.state.bot, copy)
    world.state.add(world.state.bot, copy)
    receipt = second(world, "update")
    assert receipt.comment_id == first.comment_id
    assert last_lines(world) == ["second"]
