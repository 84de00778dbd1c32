"""Every route of agent accounts. The state is `world.extensions["accounts"]`."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from upshot_sandbox.accounts import claiming, signup, stacks
from upshot_sandbox.accounts.plan import parse_plan
from upshot_sandbox.accounts.state import AccountsState
from upshot_sandbox.world import World


def routes(world: World) -> Sequence[web.RouteDef]:
    state = AccountsState(parse_plan(world.scenario.accounts), world.scenario, world.cloud)
    world.extensions["accounts"] = state
    return [
        *signup.routes(world, state),
        *claiming.routes(world, state),
        *stacks.routes(world, state),
    ]
