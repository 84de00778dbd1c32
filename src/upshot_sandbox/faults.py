"""Faults by route and turn: what can happen to a request on a bad day."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
from collections.abc import Sequence
from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct


class FaultKind(StrEnum):
    DELAY = "delay"
    """Answer `delay_s` later."""
    DROP = "drop"
    """Close the connection; nothing was done."""
    LOSE_REPLY = "lose-reply"
    """Do what was asked, then close the connection without a reply."""
    STATUS = "status"
    """Answer `status` with `body`; nothing was done."""
    TRUNCATE = "truncate"
    """Promise the whole reply, send half of it, close the connection."""
    DRIP = "drip"
    """Send the reply a byte at a time, `delay_s` between two."""
    DUPLICATE = "duplicate"
    """Do what was asked twice, as a proxy that repeats requests would; send the second reply."""


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """One fault of a scenario."""

    route: str
    """`METHOD /path`, with shell wildcards: `* /repos/*`."""
    kind: FaultKind
    nth: tuple[int, ...] = ()
    """Which matching requests, from 1; empty: every one."""
    delay_s: float = 0.0
    status: int = 503
    headers: dict[str, str] = {}
    body: str = ""
    content_type: str = "application/json"


class Faults:
    """Counts the requests of each fault's route and says which fault, if any, is due."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = [(fault, [0]) for fault in faults]

    def add(self, fault: Fault) -> None:
        self._faults.append((fault, [0]))

    def due(self, line: str) -> Fault | None:
        """The first fault for this `METHOD /path`; counts the request for all of them."""
        found: Fault | None = None
        for fault, count in self._faults:
            if not fnmatch.fnmatchcase(line, fault.route):
                continue
            count[0] += 1
            if found is None and (not fault.nth or count[0] in fault.nth):
                found = fault
        return found


class Dropped(Exception):
    """The connection was closed without a reply."""


async def act_up(fault: Fault, request: web.Request, handle: Handler) -> web.StreamResponse:
    """Answers the request as the fault demands.

    Raises `Dropped` after it closed the connection.
    """
    match fault.kind:
        case FaultKind.DELAY:
            await asyncio.sleep(fault.delay_s)
            return await handle(request)
        case FaultKind.DROP:
            _close(request)
        case FaultKind.LOSE_REPLY:
            await handle(request)
            _close(request)
        case FaultKind.STATUS:
            return web.Response(
                status=fault.status,
                text=fault.body,
                content_type=fault.content_type,
                headers=fault.headers,
            )
        case FaultKind.TRUNCATE:
            await _truncate(request, await handle(request))
        case FaultKind.DRIP:
            return await _drip(request, await handle(request), fault.delay_s)
        case FaultKind.DUPLICATE:
            await handle(request)
            return await handle(request)
    raise Dropped


async def _drip(
    request: web.Request, reply: web.StreamResponse, delay_s: float
) -> web.StreamResponse:
    """Ends when the reply is out, or when the one who asked has gone. Raises Dropped then."""
    body = _body_of(reply)
    slow = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
    slow.content_length = len(body)
    try:
        await slow.prepare(request)
        for at in range(len(body)):
            await slow.write(body[at : at + 1])
            await asyncio.sleep(delay_s)
        await slow.write_eof()
    except ConnectionError:
        raise Dropped from None
    return slow


async def _truncate(request: web.Request, reply: web.StreamResponse) -> None:
    body = _body_of(reply)
    half = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
    half.content_length = len(body)
    with contextlib.suppress(ConnectionError):  # whoever asked may be gone already
        await half.prepare(request)
        await half.write(body[: len(body) // 2])
    _close(request)


def _close(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


def _body_of(reply: web.StreamResponse) -> bytes:
    """Empty for a reply that comes as a stream."""
    body = reply.body if isinstance(reply, web.Response) else b""
    return body if isinstance(body, bytes) else b""
