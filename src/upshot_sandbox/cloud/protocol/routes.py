"""Every route of the update protocol. The state is `world.extensions["protocol"]`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from aiohttp import web

from upshot_sandbox.cloud.protocol import checkpoints, events, secrets, stacks, updates
from upshot_sandbox.cloud.protocol.plan import ProtocolPlan
from upshot_sandbox.cloud.protocol.state import ProtocolState
from upshot_sandbox.world import World


def routes(world: World) -> Sequence[web.RouteDef]:
    plan = msgspec.convert(world.scenario.protocol, ProtocolPlan)
    state = world.extensions["protocol"] = ProtocolState(plan, world.now)
    return [
        *updates.routes(world, state),
        *checkpoints.routes(world, state),
        *events.routes(world),
        *secrets.routes(world),
        *stacks.routes(world, state),
    ]
