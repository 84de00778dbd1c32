"""Every route of Pulumi Cloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from upshot_sandbox.accounts import routes as accounts
from upshot_sandbox.cloud import account, copilot, deployments, fleet, oidc, stacks, updates
from upshot_sandbox.cloud.protocol import routes as protocol
from upshot_sandbox.neo import routes as neo
from upshot_sandbox.world import World

Routes = Callable[[World], Sequence[web.RouteDef]]


def cloud_routes(world: World) -> list[web.RouteDef]:
    """Account, agent accounts, Copilot, updates and how a CLI makes them, OIDC and Neo.

    Each is a module that exports ``routes(world) -> Sequence[web.RouteDef]``. A further one may
    keep its state in ``world.extensions[NAME]``; ``cloud.auth`` and ``wire`` read and refuse.
    """
    parts: list[Routes] = [
        account.routes,
        accounts.routes,
        copilot.routes,
        deployments.routes,
        fleet.routes,
        oidc.routes,
        protocol.routes,
        stacks.routes,
        updates.routes,
        neo.routes,
    ]
    return [route for part in parts for route in part(world)]
