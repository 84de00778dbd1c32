"""Pulumi Neo on loopback: the routes of both wires, and the event stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from aiohttp import web

from upshot_sandbox.cloud.auth import member_of, refuse
from upshot_sandbox.neo.plan import parse_plan
from upshot_sandbox.neo.service import DOCUMENTED, TODAY, Denied, Neo
from upshot_sandbox.neo.shapes import event_today, task_documented, task_today
from upshot_sandbox.neo.task import NeoTask
from upshot_sandbox.wire import line_of
from upshot_sandbox.world import World

T = TypeVar("T")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TURN_S: Final = 0.02
"""So often a stream looks for new events."""
_FOR_EVER_S: Final = 3_600.0


def routes(world: World) -> Sequence[web.RouteDef]:
    """Today's wire and the documented one; the one that the scenario does not speak answers 404.

    The state is `world.extensions["neo"]`, an instance of `Neo`.
    """
    scenario = world.scenario
    neo = Neo(
        parse_plan(scenario.neo),
        now=world.now,
        wire=scenario.cloud.wire,
        repository=scenario.github.repository,
    )
    world.extensions["neo"] = neo
    if neo.plan.machine_token:
        info = {"name": "ci", "organization": "", "team": ""}
        info[neo.plan.machine_token] = scenario.cloud.organization
        world.extensions["token_info"] = info
    spoken, other = (TODAY, DOCUMENTED) if neo.wire == "today" else (DOCUMENTED, TODAY)
    return [
        *_tasks(world, neo, f"{spoken}/{{org}}/tasks"),
        *_not_spoken(world, f"{other}/{{org}}/tasks"),
        web.get("/api/orgs/{org}/neo/token-budget", _json(world, lambda _: neo.budget())),
    ]


def _tasks(world: World, neo: Neo, base: str) -> Sequence[web.RouteDef]:
    draw = task_today if neo.wire == "today" else task_documented

    async def create(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        _note_odd_headers(world, request)
        if neo.plan.create_delay_s:
            await asyncio.sleep(neo.plan.create_delay_s)
        task = _try(neo.create, await request.read())
        if neo.wire == "today":
            return web.json_response({"taskId": task.id}, status=201)
        return web.json_response(draw(task))

    async def respond(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        _try(neo.respond, request.match_info["task"], await request.read())
        return web.Response(status=202)

    async def cancel(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        _try(neo.cancel, request.match_info["task"], await request.read())
        return web.Response(status=204)

    async def change(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        task = _try(neo.change, request.match_info["task"], await request.read())
        return web.json_response(draw(task))

    async def stream(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        if not neo.plan.streams:
            raise refuse(404, "Not Found")
        return await _stream(request, neo, _try(neo.find, request.match_info["task"]))

    both = [
        web.get(base, _json(world, lambda r: neo.page(r.query))),
        web.post(base, create),
        web.get(f"{base}/{{task}}", _json(world, lambda r: draw(neo.find(r.match_info["task"])))),
        web.post(f"{base}/{{task}}", respond),
        web.get(
            f"{base}/{{task}}/events",
            _json(world, lambda r: neo.events(r.match_info["task"], r.query)),
        ),
    ]
    if neo.wire == "documented":
        return both
    return [
        *both,
        web.patch(f"{base}/{{task}}", change),
        web.post(f"{base}/{{task}}/cancel", cancel),
        web.get(f"{base}/{{task}}/events/stream", stream),
    ]


def _not_spoken(world: World, base: str) -> Sequence[web.RouteDef]:
    """A client may find out by asking here; it is no fault of its own."""

    async def nothing(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        raise refuse(404, "Not Found")

    return [web.get(base, nothing), web.get(f"{base}/{{task}}", nothing)]


async def _stream(request: web.Request, neo: Neo, task: NeoTask) -> web.StreamResponse:
    """Everything after `Last-Event-ID`, then live, keep-alives between; it never ends by itself."""
    reply = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    await reply.prepare(request)
    if neo.plan.holds_back:
        await asyncio.sleep(_FOR_EVER_S)
    await reply.write(b": welcome\n\n")
    given = len(task.events) - len(neo.after(task, request.headers.get("Last-Event-ID", "")))
    first = given
    quiet_s = 0.0
    while request.transport is not None and not request.transport.is_closing():
        task.catch_up()
        while given < len(task.events):
            event = task.events[given]
            text = json.dumps(event_today(event), ensure_ascii=False)
            frame = f"id: {event.id}\ndata: {text}\n\n".encode()
            if neo.breaks_at(given - first):
                await reply.write(frame[: len(frame) // 2])
                _hang_up(request)
                return reply
            await reply.write(frame)
            given, quiet_s = given + 1, 0.0
        await asyncio.sleep(_TURN_S)
        quiet_s += _TURN_S
        if quiet_s >= neo.plan.keep_alive_s:
            await reply.write(b": keep-alive\n\n")
            quiet_s = 0.0
    return reply


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


def _json(world: World, answer: Callable[[web.Request], dict[str, Any]]) -> Answer:
    async def handle(request: web.Request) -> web.StreamResponse:
        _admit(world, request)
        return web.json_response(_try(answer, request))

    return handle


def _admit(world: World, request: web.Request) -> None:
    member_of(world, request, request.match_info["org"])


def _note_odd_headers(world: World, request: web.Request) -> None:
    if request.content_type != "application/json":
        world.journal.violation(line_of(request), f"Content-Type {request.content_type}")


def _try(answer: Callable[..., T], *args: Any) -> T:
    try:
        return answer(*args)
    except Denied as denied:
        raise refuse(denied.status, denied.message) from denied
