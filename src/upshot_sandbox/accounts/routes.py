"""Every route of agent accounts. The state is `world.extensions["accounts"]`."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from upshot_sandbox.accounts import claiming, signup, stacks
from upshot_sandbox.accounts.plan import parse_plan
from upshot_sandbox.accounts.repeating import repeating
from upshot_sandbox.accounts.state import AccountsState
from upshot_sandbox.world import World


def routes(world: World) -> Sequence[web.RouteDef]:
    state = AccountsState(parse_plan(world.scenario.accounts), world.scenario, world.cloud)
    world.extensions["accounts"] = state
    talking = [*signup.routes(world, state), *claiming.routes(world, state)]
    if state.plan.repeats:
        talking = [
            web.RouteDef(one.method, one.path, repeating(state, one.handler), one.kwargs)  # type: ignore[arg-type]
            for one in talking
        ]
    return [*talking, *stacks.routes(world, state)]
