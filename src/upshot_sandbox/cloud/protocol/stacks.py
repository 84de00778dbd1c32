"""What a CLI does to a stack besides updating it: outputs, import of a state, removal, another name.

Source: `httpstate/client/client.go` of the shipped client 3.274.1. A stack is made by the route that
agents have, too (`accounts.stacks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from aiohttp import web

from upshot_sandbox.accounts.owned import STACK, Owned
from upshot_sandbox.accounts.stacks import organization
from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import read_exactly, stack_of
from upshot_sandbox.cloud.protocol.recorded import at_once, resources_in, state_in
from upshot_sandbox.cloud.protocol.shapes import Deployment, Rename
from upshot_sandbox.cloud.protocol.state import Name, ProtocolState, check_name
from upshot_sandbox.cloud.runs import newest_version
from upshot_sandbox.engine.events import STACK_TYPE
from upshot_sandbox.world import World

_PROJECT: Final = "/api/stacks/{org}/{project}"
_STACK: Final = f"{_PROJECT}/{{stack}}"


def routes(world: World, state: ProtocolState) -> Sequence[web.RouteDef]:
    changing = Changing(world, state)
    return [
        web.head(_PROJECT, changing.project),
        web.delete(_STACK, changing.remove),
        web.post(f"{_STACK}/import", changing.import_state),
        web.post(f"{_STACK}/rename", changing.rename),
        web.get(f"{_STACK}/outputs", changing.outputs),
        web.get(f"{_STACK}/policypacks", changing.no_policies),
        web.get(f"{_STACK}/policygroups", changing.no_groups),
    ]


class Changing:
    def __init__(self, world: World, state: ProtocolState) -> None:
        self._world = world
        self._state = state

    async def project(self, request: web.Request) -> web.Response:
        """Is there a project of that name: one that has a stack."""
        self._owned(request)
        names = request.match_info
        if not self._world.extensions["stacks"].has_project(names["org"], names["project"]):
            raise refuse(404, f"Not Found: Project '{names['project']}' not found")
        return web.Response()

    async def remove(self, request: web.Request) -> web.Response:
        name = self._idle(request)
        stacks = self._world.extensions["stacks"]
        if request.query.get("force") != "true" and resources_in(stacks.state(*name)):
            raise refuse(400, "Bad Request: Stack still contains resources.")
        self._state.remove(name)
        self._owned(request).known.pop((STACK, *name[1:]), None)
        return web.Response(status=204)

    async def import_state(self, request: web.Request) -> web.Response:
        """The CLI follows it as an update, which is over when it is answered."""
        name = self._idle(request)
        body = await read_exactly(request, Deployment, self._world)
        found: dict[str, Any] = {"version": body.version, "deployment": body.deployment}
        if body.features:
            found["features"] = body.features
        state = state_in(msgspec.json.encode(found))
        return self._at_once(name, "import", state)

    async def rename(self, request: web.Request) -> web.Response:
        """Answered as an import is (service description); the CLI does not read it."""
        name = self._idle(request)
        body = await read_exactly(request, Rename, self._world)
        to = (name[0], body.new_project or name[1], body.new_name)
        check_name(*to[1:])
        if self._world.extensions["stacks"].runs(*to) is not None:
            raise refuse(409, f"Conflict: Stack '{'/'.join(to[1:])}' already exists")
        made = self._state.stacks.get(name)
        if made is None or not made.is_made:
            raise refuse(400, "Bad Request: a stack of the sandbox's scenario keeps its name")
        self._state.rename(name, to)
        known = self._owned(request).known
        known[STACK, *to[1:]] = known.pop((STACK, *name[1:]))
        return self._at_once(to, "rename", self._world.extensions["stacks"].state(*to))

    async def outputs(self, request: web.Request) -> web.Response:
        """`StackOutputsResponse`: as the state has them, secrets still encrypted."""
        name = stack_of(self._world, request)
        state = self._world.extensions["stacks"].state(*name)
        found: dict[str, Any] = {}
        for resource in resources_in(state):
            if resource.get("type") == STACK_TYPE:
                found["outputs"] = resource.get("outputs") or {}
        providers = msgspec.json.decode(state)["deployment"].get("secrets_providers")
        if found and providers:
            found["secretsProviders"] = providers
        return web.json_response(found)

    async def no_policies(self, request: web.Request) -> web.Response:
        stack_of(self._world, request)
        return web.json_response({"requiredPolicies": []})

    async def no_groups(self, request: web.Request) -> web.Response:
        stack_of(self._world, request)
        return web.json_response({"policyGroups": []})

    def _at_once(self, name: Name, kind: str, state: bytes) -> web.Response:
        version = newest_version(self._world.extensions["stacks"].runs(*name)) + 1
        identity = self._state.identity(kind)
        update = at_once(identity, kind, version, state, self._state.now())
        self._state.touch(name).updates.append(update)
        return web.json_response({"updateId": update.id})

    def _owned(self, request: web.Request) -> Owned:
        """What the organization of the path owns: agents' accounts move by it."""
        return organization(self._world, self._world.extensions["accounts"], request)[0]

    def _idle(self, request: web.Request) -> Name:
        """The stack of the path, which no update changes now; else `Refusal` 409."""
        name = stack_of(self._world, request, writes=True)
        if self._state.running(name):
            raise refuse(409, "Conflict: Another update is currently in progress.")
        return name
