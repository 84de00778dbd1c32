"""Who may ask Pulumi Cloud, and how it says no."""

from __future__ import annotations

from aiohttp import web

from upshot_sandbox.wire import Refusal, line_of
from upshot_sandbox.world import World


def refuse(status: int, message: str) -> Refusal:
    """The REST error of Pulumi Cloud: `{"code", "message"}` (service description)."""
    return Refusal(status, {"code": status, "message": message})


def signed_in(world: World, request: web.Request) -> str:
    """The valid access token of the request.

    Raises `Refusal` 401 unless `Authorization: token VALUE` holds one that the cloud knows.
    """
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if header and scheme != "token":
        world.journal.violation(line_of(request), f"Authorization scheme {scheme!r}, not 'token'")
    if scheme != "token" or token not in world.cloud.tokens:
        raise refuse(401, "Unauthorized: No credentials provided or are invalid.")
    return token


def member_of(world: World, request: web.Request, organization: str) -> str:
    """As `signed_in`, and the organization exists for the token; else `Refusal` 404."""
    token = signed_in(world, request)
    if organization != world.scenario.cloud.organization:
        raise refuse(404, f"Not Found: organization '{organization}' not found")
    return token
