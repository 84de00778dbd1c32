"""Every route of a Powabase project."""

from __future__ import annotations

from aiohttp import web

from upshot_sandbox.powabase import copilot, workflows
from upshot_sandbox.powabase.http import fail
from upshot_sandbox.powabase.plan import parse_plan
from upshot_sandbox.powabase.project import Project
from upshot_sandbox.wire import line_of
from upshot_sandbox.world import World


def powabase_routes(world: World) -> list[web.RouteDef]:
    """The state is `world.extensions["powabase"]`, an instance of `Project`."""
    project = Project(parse_plan(world.scenario.powabase or {}), now=world.now)
    world.extensions["powabase"] = project

    async def nothing(request: web.Request) -> web.StreamResponse:
        world.journal.violation(line_of(request), "this service has no such route")
        raise fail(404)

    return [
        *copilot.routes(world, project),
        *workflows.routes(world, project),
        web.route("*", "/{tail:.*}", nothing),
    ]
