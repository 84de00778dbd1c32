"""Who may ask what of a stack, and how a body is read whose bytes matter."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec
from aiohttp import web

from upshot_sandbox.accounts.stacks import may_write, organization
from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.recorded import Recorded
from upshot_sandbox.cloud.protocol.state import Name, ProtocolState
from upshot_sandbox.wire import Malformed, line_of, unknown_fields
from upshot_sandbox.world import World

T = TypeVar("T", bound=msgspec.Struct)


def stack_of(world: World, request: web.Request, *, writes: bool = False) -> Name:
    """The stack that the path names; the access token may read it, or write it.

    Raises `Refusal`: 401, 403 for an agent that may only read, 404.
    """
    accounts = world.extensions["accounts"]
    _, agent = organization(world, accounts, request)
    if agent and writes:
        may_write(accounts, agent)
    name = named(request)
    if world.extensions["stacks"].runs(*name) is None:
        raise refuse(404, f"Not Found: Stack '{'/'.join(name)}' not found")
    return name


def update_of(world: World, request: web.Request) -> Recorded:
    """The update that the path names, with whose lease the request comes.

    The CLI signs what belongs to a running update with `Authorization: update-token VALUE`
    (`client/api.go`); a 403 ends its renewing (`httpstate/state.go`).
    Raises `Refusal`: 401 without a lease, 403 with another or an old one, 404, 409 when it is over.
    """
    update = leased(world, request)
    if not update.is_running:
        raise refuse(409, f"Conflict: The Update is not running: it is {update.status}")
    return update


def leased(world: World, request: web.Request) -> Recorded:
    """As `update_of`, but the update may be over."""
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme != "update-token":
        if header:
            problem = f"Authorization scheme {scheme!r}, not 'update-token'"
            world.journal.violation(line_of(request), problem)
        raise refuse(401, "Unauthorized: No credentials provided or are invalid.")
    state: ProtocolState = world.extensions["protocol"]
    update = state.find(named(request), request.match_info["id"])
    if update is None:
        raise refuse(404, f"Not Found: Update '{request.match_info['id']}' not found")
    if update.leases.get(token, 0.0) <= state.now():
        raise refuse(403, "Forbidden: The update token is invalid or has expired")
    return update


def named(request: web.Request) -> Name:
    names = request.match_info
    return names["org"], names["project"], names["stack"]


async def read_exactly(request: web.Request, shape: type[T], world: World) -> T:
    """As `wire.read_body`, where a `msgspec.Raw` keeps its bytes as they were sent."""
    if request.content_type != "application/json":
        raise Malformed(f"Content-Type must be application/json, not {request.content_type}")
    content = await request.read()
    try:
        body = msgspec.json.decode(content, type=shape)
        unknown = list(unknown_fields(json.loads(content), shape))
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise Malformed(f"body: {error}") from error
    for name in unknown:
        world.journal.violation(line_of(request), f"body: unknown field {name}")
    return body
