"""Bad days: limits, 5xx, lost replies, refusals. The receipt tells, nothing is raised."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from upshot.errors import GitHubError
from upshot.event import parse_addresses
from upshot.model import ReceiptStatus
from upshot.publish.comment.thread import read_thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.connect import connect
from upshot.publish.github.pulls import get_pull_request
from upshot.secret import Secret
from upshot.timing import Deadline

READ = "POST /graphql"
CREATE = "POST /repos/acme/shop/issues/7/comments"
BETWEEN_WRITES_S = 1.0
CHANGE = "PATCH /repos/acme/shop/issues/comments/*"

MakeWorld = Callable[..., Any]


def said(message: str) -> str:
    return json.dumps({"message": message})


def again(world: Any) -> Any:
    return world.publish("second", marker=world.marker(run=101, digest="d2"))


def test_t43_a_create_whose_reply_was_lost_is_found_again(world: Any) -> None:
    world.lose_reply(CREATE, 1)
    assert world.publish().action == "created"
    assert len(world.bodies) == 1
    assert world.sent.count(CREATE) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_t43_a_create_that_was_not_done_is_repeated_after_a_look(world: Any, status: int) -> None:
    world.fail(CREATE, status, 1)
    assert world.publish().action == "created"
    assert len(world.bodies) == 1
    first, second = (n for n, line in enumerate(world.sent) if line == CREATE)
    assert READ in world.sent[first + 1 : second]


def test_a_create_that_never_works_is_given_up(world: Any) -> None:
    world.fail(CREATE, 503)
    receipt = world.publish()
    assert (receipt.status, receipt.action) == (ReceiptStatus.FAILED, "failed")
    assert "503" in receipt.why
    assert world.sent.count(CREATE) == 3


def test_t43_of_two_jobs_that_create_at_once_one_comment_stays(world: Any) -> None:
    thread = read_thread(world.github, 7, key="prod")
    first = world.publish("theirs")
    receipt = world.publish("ours", marker=world.marker(run=101, digest="d2"), thread=thread)
    assert receipt.action == "updated"
    assert receipt.comment_id == first.comment_id
    assert [body[-4:] for body in world.bodies] == ["ours"]


def test_t43_the_job_of_an_older_run_takes_its_second_comment_back(world: Any) -> None:
    thread = read_thread(world.github, 7, key="prod")
    first = world.publish("newer", marker=world.marker(run=200))
    receipt = world.publish("older", marker=world.marker(run=100, digest="d2"), thread=thread)
    assert receipt.action == "deleted"
    assert receipt.comment_id == first.comment_id
    assert [body[-5:] for body in world.bodies] == ["newer"]


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_update_is_repeated_on_5xx(world: Any, status: int) -> None:
    world.publish()
    world.fail(CHANGE, status, 1, 2)
    assert again(world).action == "updated"
    assert world.clock.slept[-2:] == [1.0, 3.0]


def test_an_update_that_has_to_wait_long_looks_again_before_it_is_repeated(world: Any) -> None:
    world.publish("first", marker=world.marker(run=100, sha="a" * 40))
    world.fail(CHANGE, 429, 1, headers={"Retry-After": "20"})
    newer = world.bodies[0].replace('"run":"100"', '"run":"300"')
    world.clock.wake = lambda: world.state.edit(world.state.by_bot()[0], newer)
    slow = world.marker(run=200, sha="b" * 40, digest="d2")
    assert world.publish("slow", marker=slow).action == "skipped"
    assert world.bodies == [newer]


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_is_waited_for(world: Any, status: int) -> None:
    world.publish()
    text = said("You have exceeded a secondary rate limit. Please wait.")
    world.fail(CHANGE, status, 1, headers={"Retry-After": "20"}, body=text)
    assert again(world).action == "updated"
    assert world.clock.slept[-1] == 20.5


def test_a_create_that_was_refused_for_its_rate_is_repeated(world: Any) -> None:
    text = said("You have exceeded a secondary rate limit")
    world.fail(CREATE, 403, 1, body=text)
    assert world.publish().action == "created"
    assert world.clock.slept == [60.5]


def test_a_primary_limit_is_not_waited_for_and_says_until_when(world: Any) -> None:
    world.publish()
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795003600"}
    world.fail(CHANGE, 403, headers=headers, body=said("API rate limit exceeded"))
    receipt = again(world)
    assert receipt.status is ReceiptStatus.FAILED
    assert "rate limit" in receipt.why
    assert "UTC" in receipt.why
    assert world.clock.slept == [BETWEEN_WRITES_S]


def test_no_wait_is_longer_than_the_time_that_is_left(make_world: MakeWorld) -> None:
    world = make_world(timeout_s=10.0)
    world.publish()
    world.fail(CHANGE, 429, headers={"Retry-After": "20"})
    assert again(world).status is ReceiptStatus.FAILED
    assert world.clock.slept == [BETWEEN_WRITES_S]


def test_t42_two_writes_are_a_second_apart_and_reads_wait_for_nothing(world: Any) -> None:
    world.publish("first", mode="hide-and-new")
    assert world.clock.slept == []
    marker = world.marker(run=101, digest="d2")
    world.publish("second", mode="hide-and-new", marker=marker)
    # The test's clock stands still: create, create, hide.
    assert world.clock.slept == [BETWEEN_WRITES_S, BETWEEN_WRITES_S]


def test_t44_a_read_only_token_degrades_and_says_what_to_paste(make_world: MakeWorld) -> None:
    world = make_world(token="read")
    receipt = world.publish()
    assert receipt.status is ReceiptStatus.FAILED
    assert "Resource not accessible by integration" in receipt.why
    assert "permissions:\n  contents: read\n  pull-requests: write" in receipt.hint


def test_t44_on_a_forks_pull_request_the_second_workflow_is_named(make_world: MakeWorld) -> None:
    receipt = make_world(token="read", fork=True).publish(is_fork=True)
    assert (receipt.status, receipt.action) == (ReceiptStatus.SKIPPED, "skipped")
    assert "workflow_run" in receipt.hint


def test_an_unknown_token(make_world: MakeWorld) -> None:
    world = make_world(token="bad")
    receipt = world.publish()
    assert "401" in receipt.why
    assert "github-token" in receipt.hint
    assert world.sent == [READ]


def test_a_locked_conversation(make_world: MakeWorld) -> None:
    receipt = make_world(locked=True).publish()
    assert receipt.status is ReceiptStatus.FAILED
    assert "locked" in receipt.hint


@pytest.mark.parametrize("status", [404, 410])
def test_a_comment_that_is_gone_is_created_anew(world: Any, status: int) -> None:
    world.publish()
    world.fail(CHANGE, status, 1)
    assert again(world).action == "updated"
    assert len(world.bodies) == 1


def test_refused_content_is_reported(world: Any) -> None:
    body = json.dumps({"message": "Validation Failed", "errors": [{"message": "Body is odd"}]})
    world.fail(CREATE, 422, body=body)
    assert "Body is odd" in world.publish().why


def test_t41_a_body_over_githubs_limit_is_not_even_sent(world: Any) -> None:
    receipt = world.publish("x" * 65_537)
    assert receipt.status is ReceiptStatus.FAILED
    assert CREATE not in world.sent


def test_github_down(world: Any) -> None:
    world.fail("* *", 503)
    receipt = world.publish()
    assert (receipt.status, receipt.action) == (ReceiptStatus.FAILED, "failed")


def test_a_truncated_reply_counts_as_no_answer(world: Any) -> None:
    world.fail("GET /repos/acme/shop/pulls/7", 200, body='{"number": 7, "he')
    with pytest.raises(GitHubError, match="answer cannot be read: it is cut off"):
        get_pull_request(world.github, 7)


def test_nothing_is_sent_when_no_time_is_left(make_world: MakeWorld) -> None:
    world = make_world(timeout_s=0.0)
    assert world.publish().status is ReceiptStatus.FAILED
    assert world.sent == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_t32_redirects_are_refused(world: Any, status: int) -> None:
    elsewhere = {"Location": f"{world.sandbox.github_url}/elsewhere"}
    world.fail("GET /repos/acme/shop/pulls/7", status, headers=elsewhere)
    with pytest.raises(GitHubError):
        get_pull_request(world.github, 7)
    assert "GET /elsewhere" not in world.sent


def connect_to(world: Any, api_url: str, token: str) -> GitHub:
    return connect(
        Secret(token),
        parse_addresses(api_url),
        repository="acme/shop",
        deadline=Deadline.after(world.clock, 10.0),
        jitter=lambda: 0.5,
    )


def test_no_client_is_built_without_a_token(world: Any) -> None:
    with pytest.raises(GitHubError, match="github-token"):
        connect_to(world, world.sandbox.github_url, "")


def test_t34_a_token_that_cannot_be_sent_is_not_shown(world: Any) -> None:
    github = connect_to(world, world.sandbox.github_url, "ghs_\n1234567890")
    with pytest.raises(GitHubError) as caught:
        get_pull_request(github, 7)
    github.close()
    assert "1234567890" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


def test_enterprise_server_has_its_own_paths(world: Any) -> None:
    api_url = f"{world.sandbox.github_url}/api/v3"
    github = connect_to(world, api_url, world.state.workflow_token)
    assert get_pull_request(github, 7).number == 7
    read_thread(github, 7, key="prod")
    github.close()
    assert world.sent == ["GET /api/v3/repos/acme/shop/pulls/7", "POST /api/graphql"]
