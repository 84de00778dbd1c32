"""Who the token belongs to, and what the service can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from upshot_sandbox.accounts.signup import show_user
from upshot_sandbox.cloud.auth import signed_in
from upshot_sandbox.world import World


def routes(world: World) -> Sequence[web.RouteDef]:
    async def user(request: web.Request) -> web.Response:
        agent = world.extensions["accounts"].by_token(signed_in(world, request))
        if agent:
            return web.json_response(show_user(agent))
        organization = world.scenario.cloud.organization
        member = {
            "githubLogin": organization,
            "name": organization.title(),
            "avatarUrl": "",
            "role": "member",
        }
        found: dict[str, Any] = {
            "id": "5b1f6a0e-1c8e-4a35-9a57-7b1b5a3d9d11",
            "githubLogin": "maria-lopez",
            "name": "Maria Lopez",
            "email": "maria@acme.example",
            "avatarUrl": "",
            "organizations": [member],
            "identities": ["github.com"],
            "siteAdmin": False,
            "hasMFA": True,
            "isOrgManaged": False,
            "isManagedByMultiOrg": False,
        }
        if "token_info" in world.extensions:
            found["tokenInfo"] = world.extensions["token_info"]
        return web.json_response(found)

    async def capabilities(_: web.Request) -> web.Response:
        # Asked without a token too (shipped client).
        known = [("copilot-summarize-error", 1), ("copilot-explain-preview", 1)]
        if "skill" not in world.scenario.copilot.speaks:
            known = []
        listed = [{"capability": name, "version": version} for name, version in known]
        offered = world.extensions["protocol"].plan.offered()
        return web.json_response({"capabilities": listed + offered})

    async def default_organization(request: web.Request) -> web.Response:
        signed_in(world, request)
        organization = world.scenario.cloud.organization
        return web.json_response({"GitHubLogin": organization, "Messages": []})

    return [
        web.get("/api/user", user),
        web.get("/api/user/organizations/default", default_organization),
        web.get("/api/capabilities", capabilities),
    ]
