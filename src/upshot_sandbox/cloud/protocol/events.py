"""Engine events of a running update, in batches of up to 50, up to three at a time.

Source: `httpstate/state.go` and `apitype.EngineEvent` of the shipped client 3.274.1. The sequence
orders them; one that is used for another event is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import read_exactly, update_of
from upshot_sandbox.cloud.protocol.recorded import kind_of
from upshot_sandbox.cloud.protocol.shapes import Batch
from upshot_sandbox.wire import Malformed
from upshot_sandbox.world import World

_ONE: Final = "/api/stacks/{org}/{project}/{stack}/{kind:update|preview|refresh|destroy}/{id}"


def routes(world: World) -> Sequence[web.RouteDef]:
    async def batch(request: web.Request) -> web.Response:
        update = update_of(world, request)
        body = await read_exactly(request, Batch, world)
        told = {_sequence(event): event for event in body.events}
        for sequence, event in told.items():
            if update.told.get(sequence, event) != event:
                raise refuse(409, f"Conflict: sequence {sequence} is another event's")
        update.told |= told
        return web.Response(status=204)

    return [web.post(f"{_ONE}/events/batch", batch)]


def _sequence(event: dict[str, Any]) -> int:
    """Raises `Malformed` unless it is an engine event."""
    sequence = event.get("sequence")
    try:
        kind_of(event)
    except ValueError as error:
        raise Malformed(f"events: {error}") from error
    if type(sequence) is not int or sequence < 0 or type(event.get("timestamp")) is not int:
        raise Malformed("events: sequence and timestamp are whole numbers")
    return sequence
