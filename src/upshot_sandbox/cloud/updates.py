"""Updates, previews and their engine events (service description)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.cloud.protocol.access import named, stack_of
from upshot_sandbox.cloud.runs import Planned, Run, newest_version
from upshot_sandbox.wire import line_of
from upshot_sandbox.world import World

_STACK: Final = "/api/stacks/{org}/{project}/{stack}"
_CONSOLE: Final = "/api/console/stacks/{org}/{project}/{stack}"


def routes(world: World) -> Sequence[web.RouteDef]:
    reader = Reader(world)
    kinds = "{kind:update|preview|refresh|destroy}"
    return [
        web.get(f"{_STACK}/updates", reader.history),
        web.get(f"{_STACK}/updates/{{version}}", reader.one),
        web.get(f"{_STACK}/updates/{{version}}/summary", reader.summary),
        web.get(f"{_STACK}/updates/{{version}}/timeline", reader.timeline),
        web.get(f"{_STACK}/updates/{{version}}/previews", reader.previews),
        web.get(f"{_STACK}/previews/{{id}}", reader.preview),
        web.get(f"{_STACK}/previews/{{id}}/summary", reader.summary),
        web.get(f"{_STACK}/{kinds}/{{id}}", reader.status),
        web.get(f"{_STACK}/{kinds}/{{id}}/events", reader.events),
        web.get(f"{_CONSOLE}/updates/{{id}}/summary", reader.console_text),
    ]


class Reader:
    """Handlers; each first checks the token and the stack."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._events: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    async def history(self, request: web.Request) -> web.Response:
        runs = [one for one in self._newest_first(request) if not one.is_preview]
        infos = self._infos(request, runs)
        page = _page(request, infos)
        if request.query.get("output-type") != "service":
            return web.json_response({"updates": [info["info"] for info in page]})
        return web.json_response({"updates": page, "itemsPerPage": len(page), "total": len(infos)})

    async def one(self, request: web.Request) -> web.Response:
        return web.json_response(self._info(request, self._find(request)))

    async def preview(self, request: web.Request) -> web.Response:
        run = self._find(request)
        if not run.is_preview:
            raise refuse(404, "Not Found: Preview not found")
        return web.json_response(self._info(request, run))

    async def summary(self, request: web.Request) -> web.Response:
        info = self._info(request, self._find(request))["info"]
        names = ("result", "startTime", "endTime", "resourceCount")
        return web.json_response({name: info.get(name, 0) for name in names})

    async def timeline(self, request: web.Request) -> web.Response:
        found = {
            "update": self._info(request, self._find(request)),
            "collatedUpdateEvents": [],
            "previews": self._previews(request),
        }
        return web.json_response(found)

    async def previews(self, request: web.Request) -> web.Response:
        if "asc" not in request.query:
            self.world.journal.violation(
                line_of(request), "previews without asc: the order is open"
            )
        if request.match_info["version"] != "latest":
            self._find(request)
        infos = self._previews(request)
        if request.query.get("asc", "true") == "true":
            infos.reverse()
        page = _page(request, infos)
        return web.json_response({"updates": page, "itemsPerPage": len(page), "total": len(infos)})

    async def status(self, request: web.Request) -> web.Response:
        run = self._find(request)
        return web.json_response({"status": run.status, "events": [], "continuationToken": None})

    async def events(self, request: web.Request) -> web.Response:
        run = self._find(request)
        listed = self._listed(request, run)
        start = _offset(request)
        page = listed[start : start + run.page_size]
        at_end = start + len(page) >= len(listed)
        token = None if at_end and run.result != "in-progress" else f"evt-{start + len(page)}"
        return web.json_response({"events": page, "continuationToken": token})

    async def console_text(self, request: web.Request) -> web.Response:
        text = self._find(request).console()
        if not text:
            raise refuse(404, "Not Found: the sandbox has not seen what the CLI printed")
        return web.json_response({"summary": text})

    def _listed(self, request: web.Request, run: Run) -> list[dict[str, Any]]:
        """The run's events; those of a plan are made once."""
        if not isinstance(run, Planned):
            return run.events()
        key = (*named(request), run.id)
        if key not in self._events:
            self._events[key] = run.events()
        return self._events[key]

    def _newest_first(self, request: web.Request) -> list[Run]:
        return sorted(self._runs(request), key=lambda run: -run.started_at)

    def _runs(self, request: web.Request) -> list[Run]:
        runs: list[Run] = self.world.extensions["stacks"].runs(*stack_of(self.world, request))
        return runs

    def _find(self, request: web.Request) -> Run:
        """The update that the path names: by version, by UUID, or `latest`."""
        wanted = request.match_info.get("version") or request.match_info["id"]
        for run in self._newest_first(request):
            is_version = not run.is_preview and wanted in {"latest", str(run.version)}
            if is_version or wanted == run.id:
                return run
        raise refuse(404, f"Not Found: Update '{wanted}' not found")

    def _previews(self, request: web.Request) -> list[dict[str, Any]]:
        return self._infos(request, [one for one in self._newest_first(request) if one.is_preview])

    def _info(self, request: web.Request, run: Run) -> dict[str, Any]:
        return self._infos(request, [run])[0]

    def _infos(self, request: web.Request, runs: Sequence[Run]) -> list[dict[str, Any]]:
        newest = newest_version(self._runs(request))
        return [one.info(newest) for one in runs]


def _page(request: web.Request, infos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Page 0 or none: everything (shipped client)."""
    page, size = request.query.get("page", "0"), request.query.get("pageSize", "10")
    if not (page.isdecimal() and size.isdecimal()):
        raise refuse(400, "Bad Request: page and pageSize are numbers")
    return infos if int(page) == 0 else infos[(int(page) - 1) * int(size) : int(page) * int(size)]


def _offset(request: web.Request) -> int:
    token = request.query.get("continuationToken", "")
    if not token:
        return 0
    prefix, _, number = token.partition("-")
    if prefix != "evt" or not number.isdecimal():
        raise refuse(400, "Bad Request: invalid continuation token")
    return int(number)
