"""How the project's service reads requests and refuses them: keys, JSON, HTML where it fails."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.powabase.project import Project, fake_key
from upshot_sandbox.wire import Refusal, line_of
from upshot_sandbox.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_JSON: Final = {"Content-Type": "application/json"}
_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
_TITLES: Final = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
}


def json_text(value: object) -> str:
    """As the service writes replies: keys sorted, no spaces, ASCII, a line feed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def reply(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=json_text(value).encode(), headers=_JSON)


def refuse(status: int, message: str, **more: object) -> Refusal:
    """`{"error": …}`."""
    return Refusal(status, json_text({"error": message, **more}), _JSON)


def fail(status: int) -> Refusal:
    """A page in HTML, as the framework sends it."""
    title = _TITLES[status]
    page = (
        f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n"
        "<p>The server encountered something that it does not say more about.</p>\n"
    )
    return Refusal(status, page, _HTML)


def admitted(world: World, project: Project, handle: Handler) -> Handler:
    """The route behind the gateway, which wants `apikey`, and the service, which wants a token."""

    async def handler(request: web.Request) -> web.StreamResponse:
        line = line_of(request)
        api_key = request.headers.get("apikey", "")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not api_key:
            raise Refusal(401, json_text({"message": "No API key found in request"}), _JSON)
        if not token:
            raise refuse(401, "Authorization header required")
        if scheme != "Bearer" or api_key != token:
            world.journal.violation(line, "apikey and bearer token must be the same key")
        if token == fake_key("expired"):
            raise refuse(401, "Token has expired")
        if token not in project.keys.values():
            raise refuse(401, "Invalid token: Signature verification failed")
        if project.plan.rule == "service-role" and token != project.keys["service"]:
            raise refuse(403, "This endpoint requires the project's service role key")
        _note_leaks(world, project, request, await request.read())
        return await handle(request)

    return handler


async def read_json(world: World, request: web.Request, known: set[str]) -> dict[str, Any]:
    """The body, an object. Raises Refusal as the framework does; notes unknown fields."""
    if request.content_type != "application/json":
        world.journal.violation(line_of(request), f"Content-Type {request.content_type}")
        raise fail(415)
    try:
        found = json.loads(await request.read())
    except ValueError:
        raise fail(400) from None
    if not isinstance(found, dict):
        raise fail(500)
    for name in sorted(set(found) - known):
        world.journal.violation(line_of(request), f"body: unknown field {name}")
    return found


def note_query(world: World, request: web.Request, known: set[str]) -> None:
    for name in sorted(set(request.query) - known):
        world.journal.violation(line_of(request), f"query: unknown parameter {name}")


def _note_leaks(world: World, project: Project, request: web.Request, body: bytes) -> None:
    """Secrets of blocks may come back in the put of a graph, and stand-ins may not."""
    text = body.decode(errors="replace")
    line = line_of(request)
    if request.method == "PUT" and request.path.endswith("/graph"):
        if "[upshot-secret-" in text:
            world.journal.violation(line, "a stand-in was put instead of a secret")
        return
    shown = text + str(request.rel_url)
    for secret in sorted(set(project.secrets())):
        if secret in shown or json.dumps(secret)[1:-1] in shown:
            world.journal.violation(line, "the request holds a secret of a block")
