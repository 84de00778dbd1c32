"""GitHub's id tokens for a job (`permissions: id-token: write`)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.wire import Refusal
from upshot_sandbox.world import World

PATH: Final = "/_services/idtoken"
"""Where `ACTIONS_ID_TOKEN_REQUEST_URL` points to; the real one is as opaque."""
REQUEST_TOKEN: Final = "sandbox-id-token-request"


def routes(world: World) -> Sequence[web.RouteDef]:
    async def mint(request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").lower() != f"bearer {REQUEST_TOKEN}":
            raise Refusal(401, {"message": "Bad credentials"})
        repository = world.scenario.github.repository
        claims = {
            "aud": request.query.get("audience", f"https://github.com/{repository.split('/')[0]}"),
            "sub": f"repo:{repository}:pull_request",
            "iss": "https://token.actions.githubusercontent.com",
            "repository": repository,
            "exp": int(world.now()) + 300,
        }
        return web.json_response({"count": 1, "value": jwt_of(claims)})

    return [web.get(PATH, mint)]


def jwt_of(claims: dict[str, Any]) -> str:
    """A token of a JWT's shape; its signature is empty of meaning."""
    header = {"typ": "JWT", "alg": "RS256", "kid": "sandbox"}
    return ".".join(
        (_part(json.dumps(header)), _part(json.dumps(claims)), _part("not a signature" * 6))
    )


def claims_of(token: str) -> dict[str, Any] | None:
    """The claims of a token made by `jwt_of`, None when it is not one."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return None
    return claims if isinstance(claims, dict) else None


def _part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
