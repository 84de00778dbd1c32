"""One comment a pull request and key, in two requests however long the thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from upshot.model import ReceiptStatus
from upshot.publish.comment.marker import find_marker
from upshot.publish.comment.thread import read_thread

READ = "POST /graphql"
CREATE = "POST /repos/acme/shop/issues/7/comments"
LIST = "GET /repos/acme/shop/issues/7/comments"

MakeWorld = Callable[..., Any]


def test_the_first_run_creates_and_looks_for_a_rival(world: Any) -> None:
    receipt = world.publish("It failed.")
    assert (receipt.status, receipt.action) == (ReceiptStatus.POSTED, "created")
    [comment] = world.state.by_bot()
    assert receipt.comment_id == comment.id
    assert receipt.comment_url.endswith(f"#issuecomment-{comment.id}")
    assert comment.body.endswith("\n\nIt failed.")
    assert world.sent == [READ, CREATE, LIST]
    assert world.sandbox.world.journal.violations == []


@pytest.mark.parametrize("talk", [0, 99, 250, 5_000])
def test_an_update_costs_two_requests_however_long_the_thread(
    make_world: MakeWorld, talk: int
) -> None:
    world = make_world(people_talk=talk)
    world.publish("It failed.")
    before = len(world.sent)
    receipt = world.publish("It works.", marker=world.marker(run=101, digest="d2"))
    assert receipt.action == "updated"
    assert world.sent[before:] == [
        READ,
        f"PATCH /repos/acme/shop/issues/comments/{receipt.comment_id}",
    ]
    assert len(world.bodies) == 1
    assert world.bodies[0].endswith("It works.")


@pytest.mark.parametrize("later", [0, 150, 2_000])
def test_a_comment_is_found_under_later_talk(make_world: MakeWorld, later: int) -> None:
    world = make_world(people_talk=150)
    world.publish()
    for _ in range(later):
        world.state.add(world.state.user("ines-k"), "And what about the load balancer?")
    world.publish("Again.", marker=world.marker(run=101, digest="d2"))
    assert len(world.bodies) == 1


def test_an_unchanged_report_costs_one_request_and_no_write(world: Any) -> None:
    world.publish()
    before = len(world.sent)
    receipt = world.publish(marker=world.marker(run=101))
    assert receipt.action == "unchanged"
    assert receipt.comment_id == world.state.by_bot()[0].id
    assert world.sent[before:] == [READ]


def test_the_same_report_for_another_commit_is_an_update(world: Any) -> None:
    world.publish(marker=world.marker(sha="a" * 40))
    world.state.head_sha = "b" * 40
    assert world.publish(marker=world.marker(run=101)).action == "updated"


def test_a_comment_that_a_person_edited_is_written_again(world: Any) -> None:
    world.publish("It failed.")
    comment = world.state.by_bot()[0]
    world.state.edit(comment, comment.body.replace("It failed", "Approved"))
    assert world.publish("It failed.", marker=world.marker(run=101)).action == "updated"
    assert world.bodies[0].endswith("It failed.")


def test_creating_in_a_long_thread_pages_the_rest_once(make_world: MakeWorld) -> None:
    world = make_world(people_talk=1_000)
    world.publish()
    assert world.sent[0] == READ
    assert world.sent.count(LIST) == 8 + 1  # pages 2 to 9, then what was touched since
    assert world.sent.count(CREATE) == 1


def test_the_thread_is_read_once_when_it_was_looked_up_before(world: Any) -> None:
    world.publish()
    before = len(world.sent)
    thread = read_thread(world.github, 7, key="prod")
    world.publish("New.", marker=world.marker(run=101, digest="d2"), thread=thread)
    assert world.sent[before:][0] == READ
    assert len(world.sent) == before + 2


def test_comments_of_other_keys_are_left_alone(world: Any) -> None:
    world.publish("prod", marker=world.marker(key="prod"))
    world.publish("dev", marker=world.marker(key="dev"))
    assert [body.rsplit("\n", 1)[-1] for body in world.bodies] == ["prod", "dev"]


def test_history_keeps_the_last_five_runs(world: Any) -> None:
    for run in range(100, 108):
        world.publish(f"{run}", marker=world.marker(run=run, digest=f"d{run}"))
    marker = find_marker(world.bodies[0])
    assert marker is not None
    assert [past.run for past in marker.history] == ["106", "105", "104", "103", "102"]


def test_an_older_run_never_overwrites_a_newer_commits_report(world: Any) -> None:
    world.publish("new", marker=world.marker(run=200))
    receipt = world.publish("old", marker=world.marker(run=150, sha="a" * 40, digest="d0"))
    assert (receipt.status, receipt.action) == (ReceiptStatus.SKIPPED, "skipped")
    assert world.bodies[0].endswith("new")


def test_a_late_run_about_an_old_commit_does_not_overwrite_the_heads_report(world: Any) -> None:
    world.publish("head", marker=world.marker(run=200))
    world.publish("late", marker=world.marker(run=300, sha="a" * 40, digest="d0"))
    assert world.bodies[0].endswith("head")


def test_a_newer_report_posted_while_the_ai_answered_is_not_overwritten(world: Any) -> None:
    world.publish("first", marker=world.marker(run=100, sha="a" * 40))
    thread = read_thread(world.github, 7, key="prod")
    world.publish("newer", marker=world.marker(run=200, digest="d2"))
    world.clock.at_s += 30.0
    slow = world.marker(run=150, sha="a" * 40, digest="d1b")
    assert world.publish("slow", marker=slow, thread=thread).action == "skipped"
    assert world.bodies[0].endswith("newer")


def test_a_comment_deleted_in_between_is_created_again(world: Any) -> None:
    world.publish()
    thread = read_thread(world.github, 7, key="prod")
    world.state.comments.clear()
    receipt = world.publish("New.", marker=world.marker(run=101, digest="d2"), thread=thread)
    assert receipt.action == "created"
    assert len(world.bodies) == 1


def test_pulumis_own_app_is_noticed(world: Any) -> None:
    world.state.add(world.state.user("pulumi[bot]"), "### The Update (preview) succeeded")
    assert read_thread(world.github, 7, key="prod").has_pulumi_app
    world.state.comments.clear()
    world.state.add(world.state.user("pulumi"), "I work at Pulumi.")
    assert not read_thread(world.github, 7, key="prod").has_pulumi_app


def test_t20_a_marker_forged_by_another_author_is_not_ours(world: Any) -> None:
    world.publish("real", marker=world.marker(key="prod"))
    forged = world.bodies[0]
    world.state.comments.clear()
    theirs = world.state.add(world.state.user("mallory"), forged)
    receipt = world.publish("real", marker=world.marker(run=101))
    assert receipt.action == "created"
    assert receipt.comment_id != theirs.id
    assert theirs.body == forged


def test_t20_a_marker_counts_only_at_the_start_of_our_comment(world: Any) -> None:
    world.publish()
    comment = world.state.by_bot()[0]
    comment.body = "quoted:\n" + comment.body
    assert read_thread(world.github, 7, key="prod").comments == ()


@pytest.mark.parametrize("talk", [0, 250])
def test_rest_pages_from_the_start_where_graphql_is_not_served(
    make_world: MakeWorld, talk: int
) -> None:
    world = make_world(people_talk=talk, graphql=False)
    assert world.publish().action == "created"
    receipt = world.publish("New.", marker=world.marker(run=101, digest="d2"))
    assert receipt.action == "updated"
    assert len(world.bodies) == 1


def test_t20_without_graphql_a_persons_forged_marker_is_not_ours(make_world: MakeWorld) -> None:
    world = make_world(graphql=False)
    world.publish()
    forged = world.bodies[0]
    world.state.comments.clear()
    world.state.add(world.state.user("mallory"), forged)
    assert world.publish(marker=world.marker(run=101)).action == "created"
