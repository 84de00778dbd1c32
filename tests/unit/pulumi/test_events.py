"""All pages of the engine's events, also while the update still runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import httpx

from upshot.errors import ServiceBadReply, ServiceUnavailable
from upshot.model import StackRef
from upshot.pulumi.events import POLL_S, EventLines
from upshot.pulumi.updates import Updates

if TYPE_CHECKING:
    from .conftest import FakeClock, MakeClient

STACK = StackRef("acme", "web", "prod")
PATH = "/api/stacks/acme/web/prod/update/uuid-1/events"


def page(events: Sequence[Any] | None, token: str | None) -> httpx.Response:
    return httpx.Response(200, json={"events": events, "continuationToken": token})


def event(number: int) -> dict[str, Any]:
    return {"timestamp": number, "type": "stdoutEvent", "stdoutEvent": {"message": f"m{number}"}}


class Pages:
    def __init__(self, *pages: httpx.Response) -> None:
        self.left = list(pages)
        self.tokens: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == PATH
        self.tokens.append(request.url.params.get("continuationToken"))
        return self.left.pop(0)


def read(make_client: MakeClient, service: Pages, *, wait_s: float = 0.0) -> EventLines:
    return Updates(make_client(service), STACK).read_events("uuid-1", wait_s=wait_s)


def numbers(lines: EventLines) -> list[int]:
    return [json.loads(line)["timestamp"] for line in lines]


def test_all_pages_of_a_finished_update_are_read(make_client: MakeClient) -> None:
    service = Pages(page([event(1), event(2)], "t1"), page([event(3)], None))
    lines = read(make_client, service)
    assert numbers(lines) == [1, 2, 3]
    assert service.tokens == [None, "t1"]
    assert not lines.is_incomplete


def test_each_event_is_one_line(make_client: MakeClient) -> None:
    pretty = json.dumps({"events": [event(1), event(2)], "continuationToken": None}, indent=2)
    lines = list(read(make_client, Pages(httpx.Response(200, text=pretty))))
    assert len(lines) == 2
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)


def test_an_update_that_runs_is_read_as_far_as_it_is(
    make_client: MakeClient, clock: FakeClock
) -> None:
    service = Pages(page([event(1)], "t1"), page([], "t1"))
    lines = read(make_client, service)
    assert numbers(lines) == [1]
    assert lines.is_running
    assert clock.slept == []


def test_a_page_that_repeats_is_read_once(make_client: MakeClient) -> None:
    service = Pages(page([event(1)], "t1"), page([event(1)], "t1"))
    lines = read(make_client, service)
    assert numbers(lines) == [1]
    assert lines.is_running


def test_an_update_that_runs_is_followed_as_long_as_the_caller_says(
    make_client: MakeClient, clock: FakeClock
) -> None:
    service = Pages(
        page([event(1)], "t1"), page([], "t1"), page([event(2)], "t2"), page([event(3)], None)
    )
    lines = read(make_client, service, wait_s=60.0)
    assert numbers(lines) == [1, 2, 3]
    assert not lines.is_running
    assert clock.slept == [POLL_S]


def test_the_wait_for_an_update_that_runs_ends(make_client: MakeClient, clock: FakeClock) -> None:
    service = Pages(page([event(1)], "t1"), *(page([], "t1") for _ in range(99)))
    lines = read(make_client, service, wait_s=9.0)
    assert numbers(lines) == [1]
    assert lines.is_running
    assert sum(clock.slept) <= 9.0


def test_a_page_that_cannot_be_read_leaves_what_was_read(make_client: MakeClient) -> None:
    service = Pages(page([event(1)], "t1"), *(httpx.Response(500) for _ in range(4)))
    lines = read(make_client, service)
    assert numbers(lines) == [1]
    assert lines.is_incomplete
    assert isinstance(lines.error, ServiceUnavailable)


def test_a_page_that_is_no_json_is_a_bad_reply_kept_as_an_error(make_client: MakeClient) -> None:
    lines = read(make_client, Pages(httpx.Response(200, text="<html>")))
    assert numbers(lines) == []
    assert isinstance(lines.error, ServiceBadReply)


def test_pages_without_events_are_empty(make_client: MakeClient) -> None:
    lines = read(make_client, Pages(page(None, None)))
    assert numbers(lines) == []
    assert not lines.is_incomplete


def test_t35_broken_text_in_one_event_does_not_lose_the_others(make_client: MakeClient) -> None:
    body = b'{"events":[{"timestamp":1,"m":"\xff"},{"timestamp":2}],"continuationToken":null}'
    lines = list(read(make_client, Pages(httpx.Response(200, content=body))))
    assert json.loads(lines[1])["timestamp"] == 2


def test_an_update_without_events_does_not_blame_the_names(make_client: MakeClient) -> None:
    """The update itself was just read, so organization, project and stack are right."""
    lines = read(make_client, Pages(httpx.Response(404, json={"message": "not found"})))
    assert numbers(lines) == []
    assert lines.error is not None
    assert lines.error.message.startswith("Pulumi Cloud has no events of this update")
    assert "`log-file`" in lines.error.hint
    assert "names" not in lines.error.hint
