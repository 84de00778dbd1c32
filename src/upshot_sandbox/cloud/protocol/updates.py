"""The life of an update: created, started, its lease renewed, completed or cancelled.

Source: `httpstate/client/client.go` and `httpstate/backend.go` of the shipped client 3.274.1. A CLI
creates and starts in two requests, or in one where `begin-update` is offered. After that every path
says `update`, whatever the kind is, and every request carries the lease as its token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import leased, read_exactly, stack_of, update_of
from upshot_sandbox.cloud.protocol.recorded import ENDS, RUNNING, Recorded
from upshot_sandbox.cloud.protocol.shapes import Begin, Completion, Program, Renewal, Start
from upshot_sandbox.cloud.protocol.state import Name, ProtocolState
from upshot_sandbox.cloud.runs import newest_version
from upshot_sandbox.wire import Malformed
from upshot_sandbox.world import World

_STACK: Final = "/api/stacks/{org}/{project}/{stack}"
_KINDS: Final = ("update", "preview", "refresh", "destroy")
_BEGUN: Final = (*_KINDS, "resource-import")
"""`begin-update` names the kind itself; a path says `update` for an import of resources."""
_MOST_LEASE_S: Final = 300


def routes(world: World, state: ProtocolState) -> Sequence[web.RouteDef]:
    life = Life(world, state)
    kinds = f"{{kind:{'|'.join(_KINDS)}}}"
    one = f"{_STACK}/{kinds}/{{id}}"
    return [
        web.post(f"{_STACK}/begin-update", life.begin),
        web.post(f"{_STACK}/{kinds}", life.create),
        web.post(one, life.start),
        web.post(f"{one}/renew_lease", life.renew),
        web.post(f"{one}/complete", life.complete),
        web.post(f"{one}/cancel", life.cancel),
    ]


class Life:
    def __init__(self, world: World, state: ProtocolState) -> None:
        self._world = world
        self._state = state

    async def create(self, request: web.Request) -> web.Response:
        name = stack_of(self._world, request, writes=True)
        program = await read_exactly(request, Program, self._world)
        return web.json_response(
            self._created(self._create(name, request.match_info["kind"], program))
        )

    async def start(self, request: web.Request) -> web.Response:
        name = stack_of(self._world, request, writes=True)
        body = await read_exactly(request, Start, self._world)
        update = self._state.find(name, request.match_info["id"])
        if update is None:
            raise refuse(404, f"Not Found: Update '{request.match_info['id']}' not found")
        if update.status != "not started":
            raise refuse(409, f"Conflict: The Update was started before: it is {update.status}")
        return web.json_response(self._start(name, update, body.tags))

    async def begin(self, request: web.Request) -> web.Response:
        """All of `create`, `start`, the stack's record and its state in one answer."""
        name = stack_of(self._world, request, writes=True)
        body = await read_exactly(request, Begin, self._world)
        if body.update_kind not in _BEGUN:
            raise Malformed(f"updateKind: {body.update_kind!r} not in {_BEGUN}")
        is_dry = body.program.options.dry_run
        self._may_start(name, is_preview=is_dry or body.update_kind == "preview")
        update = self._create(name, body.update_kind, body.program)
        found = self._created(update) | self._start(name, update, body.tags)
        found["deployment"] = msgspec.Raw(update.before)
        found["stack"] = self._world.extensions["stacks"].record(*name)
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")

    async def renew(self, request: web.Request) -> web.Response:
        update = update_of(self._world, request)
        body = await read_exactly(request, Renewal, self._world)
        if not 0 < body.duration <= _MOST_LEASE_S:
            raise Malformed(f"duration: {body.duration} is not between 1 and {_MOST_LEASE_S}")
        token, ends_at = self._state.lease(update, body.duration)
        return web.json_response({"token": token, "tokenExpiration": int(ends_at)})

    async def complete(self, request: web.Request) -> web.Response:
        """Completing again with the same status is what a CLI does when the answer got lost."""
        update = leased(self._world, request)
        body = await read_exactly(request, Completion, self._world)
        if body.status not in ENDS:
            raise Malformed(f"status: {body.status!r} not in {ENDS}")
        if update.is_running:
            update.end(body.status, self._state.now())
        elif update.status != body.status:
            raise refuse(409, f"Conflict: The Update has already completed: it is {update.status}")
        return web.Response(status=204)

    async def cancel(self, request: web.Request) -> web.Response:
        """The lease dies with the update, so that its CLI can save nothing more."""
        name = stack_of(self._world, request, writes=True)
        update = self._state.find(name, request.match_info["id"])
        if update is None:
            raise refuse(404, f"Not Found: Update '{request.match_info['id']}' not found")
        if not update.is_running:
            raise refuse(409, "Conflict: The Update has already completed")
        update.end("cancelled", self._state.now())
        update.leases.clear()
        return web.Response(status=204)

    def _create(self, name: Name, kind: str, program: Program) -> Recorded:
        return self._state.create(name, "preview" if program.options.dry_run else kind, program)

    def _created(self, update: Recorded) -> dict[str, Any]:
        """`UpdateProgramResponse`."""
        return {
            "updateID": update.id,
            "requiredPolicies": [],
            "messages": [],
            "aiSettings": {"copilotIsEnabled": False},
        }

    def _start(self, name: Name, update: Recorded, tags: dict[str, str] | None) -> dict[str, Any]:
        """`StartUpdateResponse`; journal version 0: the state comes in checkpoints."""
        self._may_start(name, is_preview=update.is_preview)
        stacks = self._world.extensions["stacks"]
        newest = newest_version(stacks.runs(*name))
        update.before = stacks.state(*name)
        update.version = newest if update.is_preview else newest + 1
        update.status, update.started_at = RUNNING, self._state.now()
        token, ends_at = self._state.lease(update, self._state.plan.lease_s)
        if tags is not None:
            self._state.touch(name).tags = tags
        return {
            "version": update.version,
            "token": token,
            "tokenExpiration": int(ends_at),
            "journalVersion": 0,
        }

    def _may_start(self, name: Name, *, is_preview: bool) -> None:
        if not is_preview and self._state.running(name):
            raise refuse(409, "Conflict: Another update is currently in progress.")
