"""The token exchange: an id token of GitHub for an access token of Pulumi Cloud.

Source: the service description and the shipped auth action (JSON); the CLI sends it form-encoded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.github.idtoken import claims_of
from upshot_sandbox.wire import Refusal, line_of
from upshot_sandbox.world import World

_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"
_ACCESS: Final = "urn:pulumi:token-type:access_token:"
_SCOPES: Final = {
    "organization": ("", "admin"),
    "team": ("team:",),
    "personal": ("user:",),
    "runner": ("runner:",),
}


def routes(world: World) -> Sequence[web.RouteDef]:
    async def exchange(request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            world.journal.violation(line_of(request), "an exchange carries no Authorization")
        fields = await _fields(request)
        _check(fields, world.scenario.cloud.organization)
        if world.scenario.cloud.oidc_error:
            raise _refused(
                401, world.scenario.cloud.oidc_error, "no policy of the issuer allows this subject"
            )
        claims = claims_of(str(fields["subject_token"]))
        if claims is None or claims.get("aud") != fields["audience"]:
            raise _refused(401, "invalid_grant", "the id token is not valid for this audience")
        return web.json_response(
            {
                "access_token": world.cloud.mint(str(claims["sub"])),
                "issued_token_type": fields["requested_token_type"],
                "token_type": "token",
                "expires_in": int(fields.get("expiration") or 7200),
                "scope": fields.get("scope", ""),
            }
        )

    return [web.post("/api/oauth/token", exchange)]


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/x-www-form-urlencoded":
        return {name: str(value) for name, value in (await request.post()).items()}
    try:
        fields = json.loads(await request.read())
    except ValueError as error:
        raise _refused(400, "invalid_request", "the body is not JSON") from error
    if not isinstance(fields, dict):
        raise _refused(400, "invalid_request", "the body is not an object")
    return fields


def _check(fields: dict[str, Any], organization: str) -> None:
    if fields.get("grant_type") != _GRANT:
        raise _refused(400, "unsupported_grant_type", "grant_type must be a token exchange")
    if fields.get("subject_token_type") != _ID_TOKEN:
        raise _refused(400, "invalid_request", "subject_token_type must be an id token")
    if fields.get("audience") != f"urn:pulumi:org:{organization}":
        raise _refused(400, "invalid_target", "unknown audience")
    kind = str(fields.get("requested_token_type", "")).removeprefix(_ACCESS)
    if kind not in _SCOPES:
        raise _refused(400, "invalid_request", "unknown requested_token_type")
    scope = str(fields.get("scope", ""))
    exact = kind == "organization"
    if not any(scope == s if exact else scope.startswith(s) for s in _SCOPES[kind]):
        raise _refused(400, "invalid_scope", f"scope does not fit a token of type {kind}")


def _refused(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, {"error": error, "error_description": description})
