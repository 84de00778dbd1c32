"""Every route of Pulumi Cloud."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence

from aiohttp import web

from upshot_sandbox.cloud import account, copilot, oidc, updates
from upshot_sandbox.world import World

Routes = Callable[[World], Sequence[web.RouteDef]]


def cloud_routes(world: World) -> list[web.RouteDef]:
    """Account, Copilot, updates, OIDC, and what `upshot_sandbox.neo` adds.

    The seam: a module of the sandbox exports ``routes(world) -> Sequence[web.RouteDef]``. It keeps
    its state in ``world.extensions[NAME]``, reads its scripts from ``world.scenario.neo``, and uses
    ``cloud.auth`` and ``wire`` to read and refuse requests.
    """
    parts: list[Routes] = [account.routes, copilot.routes, oidc.routes, updates.routes]
    if importlib.util.find_spec("upshot_sandbox.neo"):
        parts.append(importlib.import_module("upshot_sandbox.neo").routes)
    return [route for part in parts for route in part(world)]
