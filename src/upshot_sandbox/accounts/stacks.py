"""Stacks as agents make them, and as everybody looks for them (service description).

An agent's token may write for a while, then only read; while its organization is claimed nothing may
be written, and afterwards the token is dead.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.accounts.owned import STACK, Owned
from upshot_sandbox.accounts.state import AccountsState, Agent, time_of
from upshot_sandbox.cloud.auth import refuse, signed_in
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World

_PROJECT: Final = "/api/stacks/{org}/{project}"


class _NewStack(Struct, frozen=True, rename="camel"):
    stack_name: str
    tags: dict[str, str] = {}
    teams: list[str] = []
    state: dict[str, Any] | None = None
    config: dict[str, Any] | None = None
    create_managed_environment: bool = False


def routes(world: World, state: AccountsState) -> Sequence[web.RouteDef]:
    async def create(request: web.Request) -> web.Response:
        body = await read_body(request, _NewStack, world.journal)
        owned, agent = organization(world, state, request)
        if agent:
            may_write(state, agent)
        names = request.match_info
        identity = (STACK, names["project"], body.stack_name)
        stacks = world.extensions["stacks"]
        if identity in owned.known or stacks.runs(names["org"], *identity[1:]) is not None:
            raise refuse(409, f"Conflict: Stack '{'/'.join(identity[1:])}' already exists")
        stacks.make(names["org"], *identity[1:], tags=body.tags, state=body.state)
        owned.known[identity] = {"lastUpdate": time_of(state.now()), "resourceCount": 0}
        return web.json_response({"messages": []})

    async def one(request: web.Request) -> web.Response:
        owned, _ = organization(world, state, request)
        names = request.match_info
        found = world.extensions["stacks"].record(names["org"], names["project"], names["stack"])
        if found is None and (STACK, names["project"], names["stack"]) in owned.known:
            found = _record(request)
        if found is None:
            full = f"{names['org']}/{names['project']}/{names['stack']}"
            raise refuse(404, f"Not Found: Stack '{full}' not found")
        return web.json_response(found)

    return [web.post(_PROJECT, create), web.get(f"{_PROJECT}/{{stack}}", one)]


def _record(request: web.Request) -> dict[str, Any]:
    names = request.match_info
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, str(request.rel_url))),
        "orgName": names["org"],
        "projectName": names["project"],
        "stackName": names["stack"],
        "activeUpdate": "",
        "tags": {},
        "version": 1,
    }


def may_write(state: AccountsState, agent: Agent) -> None:
    """Raises `Refusal` once the token may only read, and while the organization is claimed."""
    if agent.claim and not agent.claim.has_ended:
        raise refuse(409, f"Conflict: organization {agent.login} is locked: it is being claimed")
    if state.now() >= state.access_expires_at(agent):
        raise refuse(403, "Forbidden: this access token may only read: claim the account")


def organization(
    world: World, state: AccountsState, request: web.Request
) -> tuple[Owned, Agent | None]:
    """What the organization of the path owns, and the agent whose it is."""
    token, name = signed_in(world, request), request.match_info["org"]
    asking, agent = state.by_token(token), state.by_organization(name)
    if agent is not None and asking is agent:
        return agent.owns, agent
    if name != state.organization or asking:
        raise refuse(404, f"Not Found: organization '{name}' not found")
    return state.destination, None
