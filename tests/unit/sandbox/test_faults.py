"""Faults by route and turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from upshot_sandbox.faults import Fault, FaultKind, Faults

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve

THREAD = "/repos/acme/shop/issues/7/comments"
POST = f"POST {THREAD}"


def test_a_fault_waits_for_its_turn_and_route() -> None:
    faults = Faults([Fault(route="GET /a/*", kind=FaultKind.DROP, nth=(2,))])
    assert [
        bool(faults.due(line)) for line in ("GET /a/b", "POST /a/b", "GET /a/c", "GET /a/d")
    ] == [
        False,
        False,
        True,
        False,
    ]


def test_without_a_turn_it_always_strikes() -> None:
    faults = Faults([Fault(route="* *", kind=FaultKind.DROP)])
    assert faults.due("GET /x")
    assert faults.due("PUT /y")


def test_a_dropped_request_was_not_acted_upon(serve: Serve) -> None:
    to = serve(faults=(Fault(route=POST, kind=FaultKind.DROP),))
    with pytest.raises(httpx.TransportError):
        to.github.post(THREAD, json={"body": "x"})
    assert to.world.github.comments == []
    assert to.world.journal.requests[0].status == 0


def test_a_lost_reply_was_acted_upon(serve: Serve) -> None:
    to = serve(faults=(Fault(route=POST, kind=FaultKind.LOSE_REPLY),))
    with pytest.raises(httpx.TransportError):
        to.github.post(THREAD, json={"body": "x"})
    assert len(to.world.github.comments) == 1


def test_a_truncated_reply_promises_more_than_it_sends(serve: Serve) -> None:
    to = serve(faults=(Fault(route=f"GET {THREAD}", kind=FaultKind.TRUNCATE),))
    to.world.github.add(to.world.github.bot, "a body of some length")
    with pytest.raises(httpx.RemoteProtocolError):
        to.github.get(THREAD)


def test_a_duplicated_request_is_acted_upon_twice(serve: Serve) -> None:
    to = serve(faults=(Fault(route=POST, kind=FaultKind.DUPLICATE, nth=(1,)),))
    assert to.github.post(THREAD, json={"body": "x"}).status_code == 201
    assert len(to.world.github.comments) == 2


def test_a_status_of_ones_own(serve: Serve) -> None:
    fault = Fault(
        route="GET /api/user",
        kind=FaultKind.STATUS,
        nth=(1,),
        status=429,
        headers={"Retry-After": "7"},
        body="slow down",
        content_type="text/plain",
    )
    to = serve(faults=(fault,))
    reply = to.cloud.get("/api/user")
    assert (reply.status_code, reply.headers["retry-after"], reply.text) == (429, "7", "slow down")
    assert to.cloud.get("/api/user").is_success


def test_a_delayed_reply_still_comes(serve: Serve) -> None:
    to = serve(faults=(Fault(route="GET /api/user", kind=FaultKind.DELAY, delay_s=0.01),))
    assert to.cloud.get("/api/user").is_success
