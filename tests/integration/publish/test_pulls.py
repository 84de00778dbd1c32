"""From event to pull request, in as few requests as the payload allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.event import Event, parse_addresses
from upshot.model import ReceiptStatus, Run
from upshot.publish.github.approvals.people import has_role
from upshot.publish.github.pulls import find_pull_request, get_pull_request
from upshot.publish.status import post_status

MakeWorld = Callable[..., Any]
BY_COMMIT = "GET /repos/acme/shop/commits/{sha}/pulls"
BY_BRANCH = "GET /repos/acme/shop/pulls"
ONE = "GET /repos/acme/shop/pulls/7"


def event(world: Any, name: str = "push", **more: Any) -> Event:
    return replace(
        Event(
            name=name,
            action="",
            repository="acme/shop",
            run=Run("acme/shop", "https://github.com", "1"),
            number=None,
            head_sha=world.state.head_sha,
            head_repository="acme/shop",
            head_branch="api-on-fargate",
            base_sha="",
            base_ref="",
            is_fork=None,
            is_head_pinned=False,
            actor="maria-lopez",
            triggering_actor="maria-lopez",
            sender_type="User",
            comment=None,
            default_branch="main",
            addresses=parse_addresses(),
        ),
        **more,
    )


def test_a_payload_that_says_all_costs_no_request(world: Any) -> None:
    found = find_pull_request(world.github, event(world, "pull_request", number=7, is_fork=True))
    assert found is not None
    assert (found.number, found.head_sha, found.is_fork) == (7, world.state.head_sha, True)
    assert world.sent == []


def test_a_comment_event_asks_for_the_head(world: Any) -> None:
    found = find_pull_request(world.github, event(world, "issue_comment", number=7, head_sha=""))
    assert found is not None
    assert (found.head_sha, found.is_fork, found.is_open) == (world.state.head_sha, False, True)
    assert world.sent == [ONE]


def test_a_push_finds_the_open_pull_request_of_its_commit(world: Any) -> None:
    found = find_pull_request(world.github, event(world))
    assert found is not None
    assert found.number == 7
    assert world.sent == [BY_COMMIT.format(sha=world.state.head_sha)]


def test_a_forks_workflow_run_is_found_by_its_branch(make_world: MakeWorld) -> None:
    world = make_world(fork=True)
    described = event(world, "workflow_run", head_repository="maria-lopez/shop", is_fork=True)
    found = find_pull_request(world.github, described)
    assert found is not None
    assert (found.number, found.is_fork) == (7, True)
    assert world.sent == [BY_COMMIT.format(sha=world.state.head_sha), BY_BRANCH]


def test_a_branch_whose_head_has_moved_on_is_not_it(world: Any) -> None:
    assert find_pull_request(world.github, event(world, head_sha="c" * 40)) is None


@pytest.mark.parametrize("name", ["schedule", "merge_group", "repository_dispatch"])
def test_events_without_a_pull_request_cost_no_request(world: Any, name: str) -> None:
    assert find_pull_request(world.github, event(world, name)) is None
    assert world.sent == []


def test_a_deleted_branch_has_none(world: Any) -> None:
    assert find_pull_request(world.github, event(world, head_sha="")) is None
    assert world.sent == []


def test_no_pull_request_is_a_normal_answer(make_world: MakeWorld) -> None:
    world = make_world(pull_request=0)
    assert find_pull_request(world.github, event(world)) is None


def test_the_merged_pull_request_of_a_push_to_main(world: Any) -> None:
    merge = "d" * 40
    pulls = [
        pull(5, state="open", head="e" * 40, merge_commit_sha=merge),
        pull(6, state="closed", merged_at="2026-11-20T00:00:00Z", merge_commit_sha=merge),
    ]
    world.fail(BY_COMMIT.format(sha=merge), 200, body=json.dumps(pulls))
    found = find_pull_request(world.github, event(world, head_sha=merge, head_branch="main"))
    assert found is not None
    assert (found.number, found.is_open) == (6, False)


def test_a_closed_pull_request_that_was_not_merged_is_not_it(world: Any) -> None:
    pulls = [pull(6, state="closed", head="d" * 40)]
    world.fail(BY_COMMIT.format(sha="d" * 40), 200, body=json.dumps(pulls))
    assert find_pull_request(world.github, event(world, head_sha="d" * 40)) is None


def pull(number: int, *, state: str, head: str = "f" * 40, **more: Any) -> dict[str, Any]:
    repository = {"full_name": "acme/shop"}
    return {
        "number": number,
        "state": state,
        "head": {"sha": head, "repo": repository},
        "base": {"repo": repository},
        **more,
    }


def test_t36_a_number_from_an_artifact_must_have_the_runs_head(world: Any) -> None:
    pinned = event(world, "workflow_run", number=7, is_head_pinned=True)
    assert find_pull_request(world.github, pinned) is not None
    forged = replace(pinned, head_sha="c" * 40)
    assert find_pull_request(world.github, forged) is None
    world.state.state = "closed"
    assert find_pull_request(world.github, pinned) is None


def test_a_deleted_fork_is_still_a_fork(world: Any) -> None:
    body = json.dumps({"number": 7, "state": "open", "head": {"sha": "a" * 40, "repo": None}})
    world.fail(ONE, 200, body=body)
    assert get_pull_request(world.github, 7).is_fork


def test_a_number_that_does_not_exist(world: Any) -> None:
    with pytest.raises(GitHubError) as caught:
        get_pull_request(world.github, 8)
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("level", "may"), [("admin", True), ("write", True), ("read", False), ("none", False)]
)
def test_t25_only_who_may_write_may_ask(make_world: MakeWorld, level: str, may: bool) -> None:  # noqa: FBT001
    world = make_world(collaborators={"ines-k": level})
    assert has_role(world.github, "ines-k", "write") is may


def test_t25_a_stranger_may_not(world: Any) -> None:
    assert has_role(world.github, "mallory", "write") is False


@pytest.mark.parametrize("login", ["", "..", "a/b", "../../x", "a b", "-a", "a" * 120])
def test_t25_what_is_no_login_is_not_even_asked_for(world: Any, login: str) -> None:
    assert has_role(world.github, login, "write") is False
    assert world.sent == []


def test_t25_no_one_is_let_in_when_github_does_not_say(world: Any) -> None:
    world.fail("GET */permission", 503)
    with pytest.raises(GitHubError):
        has_role(world.github, "maria-lopez", "write")


def test_a_commit_status_is_set(world: Any) -> None:
    receipt = post_status(
        world.github,
        world.state.head_sha,
        context="upshot",
        state="failure",
        description="1 failed\n" + "x" * 200,
        target_url="https://github.com/acme/shop/actions/runs/1",
    )
    assert (receipt.status, receipt.action) == (ReceiptStatus.POSTED, "failure")
    [status] = world.state.statuses
    assert (status.context, status.state) == ("upshot", "failure")
    assert len(status.description) == 140
    assert status.description.startswith("1 failed x")


def test_a_status_is_repeated_on_5xx_because_twice_is_as_good(world: Any) -> None:
    world.fail("POST */statuses/*", 502, 1)
    sha = world.state.head_sha
    receipt = post_status(world.github, sha, context="u", state="success", description="fine")
    assert receipt.status is ReceiptStatus.POSTED
    assert len(world.state.statuses) == 1


def test_a_status_without_the_permission_says_which(make_world: MakeWorld) -> None:
    world = make_world(token="read")
    sha = world.state.head_sha
    receipt = post_status(world.github, sha, context="u", state="success", description="fine")
    assert receipt.status is ReceiptStatus.FAILED
    assert "statuses: write" in receipt.hint


@pytest.mark.parametrize("sha", ["", "main", "../x", "A" * 40])
def test_no_status_without_a_commit(world: Any, sha: str) -> None:
    receipt = post_status(world.github, sha, context="u", state="success", description="fine")
    assert receipt.status is ReceiptStatus.SKIPPED
    assert world.sent == []
