"""Slack, Microsoft Teams and a webhook: each refuses what the real one refuses.

Sources: docs.slack.dev ("Sending messages using incoming webhooks", "Block Kit: blocks"),
learn.microsoft.com ("Create incoming webhooks with Workflows for Microsoft Teams"; a message has at most
28 KB; a trigger's address carries its right in `sig`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.wire import Refusal, line_of
from upshot_sandbox.world import World

SLACK: Final = "/services/T0SANDBOX/B0SANDBOX/aPPm0nOtReAlSeCrEt0000"
TEAMS: Final = "/workflows/5a0d0b0x/triggers/manual/paths/invoke"
TEAMS_QUERY: Final = (
    "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=nOtReAl0SiGnAtUrE0"
)
WEBHOOK: Final = "/hooks/upshot-9f2c1d7e"
SECRET: Final = "webhook-secret-of-the-sandbox"
_MOST_BYTES: Final = 28 * 1024
_MOST_BLOCKS: Final = 50
_LONGEST: Final = {"header": 150, "section": 3_000}
_MOST_BUTTONS: Final = 25
_BUTTON: Final = 75
_ADDRESS: Final = 3_000


class Message(Struct, frozen=True):
    """What came in."""

    to: str
    """`slack`, `teams` or `webhook`."""
    body: dict[str, Any]
    headers: dict[str, str]


def messages_of(world: World) -> list[Message]:
    """All that were taken, in order."""
    found: list[Message] = world.extensions.setdefault("chats", [])
    return found


def chat_routes(world: World) -> Sequence[web.RouteDef]:
    """The three addresses; any other is unknown to them."""
    chats = Chats(world)
    return [
        web.post(SLACK, chats.slack),
        web.post(TEAMS, chats.teams),
        web.post(WEBHOOK, chats.webhook),
        web.post("/{any:.*}", chats.unknown),
    ]


class Chats:
    """Handlers; what they take is in `messages_of`."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def slack(self, request: web.Request) -> web.Response:
        body = _object(await request.read(), request, "invalid_payload")
        for problem in slack_problems(body):
            self.world.journal.violation(line_of(request), problem)
            raise Refusal(400, "no_text" if problem == "no text" else "invalid_blocks")
        self._take("slack", request, body)
        return web.Response(text="ok")

    async def teams(self, request: web.Request) -> web.Response:
        if "sig" not in request.query:
            code = "DirectApiAuthorizationRequired"
            raise Refusal(401, {"error": {"code": code, "message": "Use a valid OAuth token."}})
        data = await request.read()
        if len(data) > _MOST_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        body = _object(data, request, "TriggerInputSchemaMismatch")
        for problem in teams_problems(body):
            self.world.journal.violation(line_of(request), problem)
            raise Refusal(400, {"error": {"code": "InvalidBotAdaptiveCard", "message": problem}})
        self._take("teams", request, body)
        return web.Response(status=202)

    async def webhook(self, request: web.Request) -> web.Response:
        data = await request.read()
        digest = hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
        signature = request.headers.get("X-Upshot-Signature-256", "")
        if signature and not hmac.compare_digest(signature, f"sha256={digest}"):
            self.world.journal.violation(line_of(request), "the signature is not of this body")
            raise Refusal(401, "bad signature")
        self._take("webhook", request, _object(data, request, "not JSON"))
        return web.Response(status=204)

    async def unknown(self, _: web.Request) -> web.Response:
        raise Refusal(404, "no_service")

    def _take(self, to: str, request: web.Request, body: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        messages_of(self.world).append(Message(to, body, headers))


def slack_problems(body: dict[str, Any]) -> Iterator[str]:
    """What Slack would refuse, in words."""
    blocks = body.get("blocks", [])
    if not body.get("text") and not blocks:
        yield "no text"
    if not isinstance(blocks, list) or len(blocks) > _MOST_BLOCKS:
        yield "more than 50 blocks"
        return
    for block in blocks:
        kind = block.get("type")
        if kind in _LONGEST:
            yield from _text_problems(kind, block.get("text", {}))
        elif kind == "actions":
            yield from _button_problems(block.get("elements", []))
        elif kind not in {"context", "divider"}:
            yield f"a block of the kind {kind}"


def _text_problems(kind: str, text: dict[str, Any]) -> Iterator[str]:
    if not text.get("text") or len(text["text"]) > _LONGEST[kind]:
        yield f"a {kind} of {len(text.get('text', ''))} characters"
    if kind == "header" and text.get("type") != "plain_text":
        yield "a header that is no plain text"


def _button_problems(elements: list[dict[str, Any]]) -> Iterator[str]:
    if not 0 < len(elements) <= _MOST_BUTTONS:
        yield f"{len(elements)} elements of actions"
    for one in elements:
        if len(one["text"]["text"]) > _BUTTON or len(one.get("url", "")) > _ADDRESS:
            yield "a button that is too long"
    if len({one["action_id"] for one in elements}) < len(elements):
        yield "two elements with one action_id"


def teams_problems(body: dict[str, Any]) -> Iterator[str]:
    """What a workflow of Teams would refuse, in words."""
    attachments = body.get("attachments")
    if body.get("type") != "message" or not isinstance(attachments, list) or not attachments:
        yield "no message with attachments"
        return
    for one in attachments:
        card = one.get("content", {})
        if one.get("contentType") != "application/vnd.microsoft.card.adaptive":
            yield "an attachment that is no adaptive card"
        elif card.get("type") != "AdaptiveCard" or card.get("version") not in {"1.2", "1.3", "1.4"}:
            yield "a card of a kind or version that is not known"
        elif not card.get("body"):
            yield "a card without a body"


def _object(data: bytes, request: web.Request, code: str) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        body = None
    if request.content_type != "application/json" or not isinstance(body, dict):
        raise Refusal(400, code)
    return body
