"""A service that talks too much: it repeats claim tokens wherever it may write a text (`repeats`).

In the warning to the client, in error messages and in reasons, in several spellings.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.accounts.state import AccountsState
from upshot_sandbox.wire import Refusal

Handler = Callable[[web.Request], Awaitable[web.Response]]
WARNING: Final = "X-Pulumi-Warning"


def repeating(state: AccountsState, handle: Handler) -> Handler:
    """The same handler, whose replies repeat every token that was given out."""

    async def handler(request: web.Request) -> web.Response:
        try:
            reply = await handle(request)
        except Refusal as refusal:
            body = refusal.body
            if not isinstance(body, str):
                body = {**body, "message": f"{body.get('message', '')} {_said(state)}"}
            raise Refusal(refusal.status, body, {WARNING: _said(state)}) from None
        found = json.loads(reply.text or "{}")
        return web.json_response(
            _with_reasons(found, _said(state)), status=reply.status, headers={WARNING: _said(state)}
        )

    return handler


def _said(state: AccountsState) -> str:
    """Every claim token: as an address, in capitals, backwards, its first part."""
    tokens = [agent.claim_token for agent in state.agents]
    return " ".join(
        f"https://app.pulumi.com/claim/{token} {token.upper()} {token[::-1]} {token[:20]}"
        for token in tokens
    )


def _with_reasons(found: Any, said: str) -> Any:
    if isinstance(found, dict):
        return {
            key: f"{value} {said}" if key == "failureDetails" else _with_reasons(value, said)
            for key, value in found.items()
        }
    return [_with_reasons(one, said) for one in found] if isinstance(found, list) else found
