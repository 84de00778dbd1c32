"""Every route of GitHub, in the public host's shape and in GitHub Enterprise Server's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from upshot_sandbox.github import (
    comments,
    idtoken,
    issues,
    joblogs,
    labels,
    pulls,
    reactions,
    runs,
    secrets,
)
from upshot_sandbox.github.graphql import server as graphql
from upshot_sandbox.github.people import routes as people
from upshot_sandbox.world import World

_PREFIXES: Final = ("", "/api/v3")
_LIMIT: Final = 1_000


def github_routes(world: World) -> list[web.RouteDef]:
    """REST under `/` and `/api/v3`, GraphQL under `/graphql` and `/api/graphql`, id tokens."""
    found = [*graphql.routes(world), *idtoken.routes(world)]
    for prefix in _PREFIXES:
        for part in (comments, issues, joblogs, labels, people, pulls, reactions, runs, secrets):
            found += part.routes(world, prefix)
    return found


def rate_limits(
    world: World,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Adds the headers that GitHub adds to each reply; a signal for `on_response_prepare`."""

    async def add(request: web.Request, reply: web.StreamResponse) -> None:
        used = sum(r.service == "github" for r in world.journal.requests)
        graphql_ = request.path.endswith("/graphql")
        shown = {
            "X-RateLimit-Limit": _LIMIT,
            "X-RateLimit-Remaining": max(_LIMIT - used, 0),
            "X-RateLimit-Used": used,
            "X-RateLimit-Reset": int(world.started_at) + 3_600,
            "X-RateLimit-Resource": "graphql" if graphql_ else "core",
            "X-GitHub-Request-Id": f"5A2D:{used:04X}:1B77C0:2E90D1:674012AB",
            "X-GitHub-Media-Type": "github.v3; format=json",
        }
        for name, value in shown.items():
            reply.headers.setdefault(name, str(value))

    return add
