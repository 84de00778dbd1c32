"""The state that a running update saves, whole or as the difference from the one before.

Source: `httpstate/snapshot.go` and `httpstate/diffs.go` of the shipped client 3.274.1. A service that
offers `delta-checkpoint-uploads-v2` gets the first one byte for byte, and the later ones as edits of
those bytes with the SHA-256 of what they make; a CLI whose edits are refused sends all of it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import read_exactly, update_of
from upshot_sandbox.cloud.protocol.plan import DELTA
from upshot_sandbox.cloud.protocol.recorded import Recorded, state_in
from upshot_sandbox.cloud.protocol.shapes import Checkpoint, Delta, Edit, Verbatim
from upshot_sandbox.cloud.protocol.state import ProtocolState
from upshot_sandbox.wire import Malformed
from upshot_sandbox.world import World

_ONE: Final = "/api/stacks/{org}/{project}/{stack}/{kind:update|preview|refresh|destroy}/{id}"


def routes(world: World, state: ProtocolState) -> Sequence[web.RouteDef]:
    saving = Saving(world, state)
    return [
        web.patch(f"{_ONE}/checkpoint", saving.whole),
        web.patch(f"{_ONE}/checkpointverbatim", saving.verbatim),
        web.patch(f"{_ONE}/checkpointdelta", saving.delta),
        web.patch(f"{_ONE}/journalentries", saving.journal),
    ]


class Saving:
    def __init__(self, world: World, state: ProtocolState) -> None:
        self._world = world
        self._state = state

    async def whole(self, request: web.Request) -> web.Response:
        update = self._changing(request)
        body = await read_exactly(request, Checkpoint, self._world)
        content = bytes(body.deployment)
        if not content and not body.is_invalid:
            raise Malformed("deployment: missing, and isInvalid is not set")
        if content:
            found: dict[str, Any] = {"version": body.version, "deployment": body.deployment}
            if body.features:
                found["features"] = body.features
            update.saved = state_in(msgspec.json.encode(found))
        return web.Response(status=204)

    async def verbatim(self, request: web.Request) -> web.Response:
        update = self._changing(request)
        body = await read_exactly(request, Verbatim, self._world)
        state = state_in(bytes(body.untyped_deployment))
        _save(update, body.sequence_number, state)
        return web.Response(status=204)

    async def delta(self, request: web.Request) -> web.Response:
        update = self._changing(request)
        body = await read_exactly(request, Delta, self._world)
        if DELTA not in self._state.plan.capabilities:
            raise refuse(400, "Bad Request: checkpoint deltas were not offered")
        if body.sequence_number == update.sequence:
            return web.Response(status=204)  # the answer to it got lost
        state = applied(update.saved, body.deployment_delta or [])
        if hashlib.sha256(state).hexdigest() != body.checkpoint_hash:
            raise refuse(
                400, "Bad Request: the checkpoint that comes of the delta has another hash"
            )
        _save(update, body.sequence_number, state_in(state))
        return web.Response(status=204)

    async def journal(self, request: web.Request) -> web.Response:
        self._changing(request)
        raise refuse(400, "Bad Request: the update was started with journal version 0")

    def _changing(self, request: web.Request) -> Recorded:
        update = update_of(self._world, request)
        if update.is_preview:
            raise refuse(409, "Conflict: a preview has no state")
        return update


def applied(before: bytes, edits: Sequence[Edit]) -> bytes:
    """The text after the edits, which must be in order and within it; else `Malformed`."""
    pieces, at = [], 0
    for edit in edits:
        start, end = edit.span.start.offset, edit.span.end.offset
        if not at <= start <= end <= len(before):
            raise Malformed(f"deploymentDelta: {start} to {end} of {len(before)} bytes after {at}")
        pieces += [before[at:start], edit.new_text.encode()]
        at = end
    return b"".join([*pieces, before[at:]])


def _save(update: Recorded, sequence: int, state: bytes) -> None:
    """The sequence counts up within one update; the same one again replaces (`apitype`)."""
    if sequence < update.sequence:
        raise refuse(409, f"Conflict: checkpoint {sequence} comes after {update.sequence}")
    update.sequence, update.saved = sequence, state
