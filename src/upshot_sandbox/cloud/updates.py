"""Updates, previews and their engine events (service description)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.cloud.auth import member_of, refuse
from upshot_sandbox.cloud.records import environment_of, update_info
from upshot_sandbox.engine.console import console_log
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.scenario import CloudPlan, UpdatePlan
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
        self._events: dict[tuple[str, str, str], list[dict[str, Any]]] = {}

    async def history(self, request: web.Request) -> web.Response:
        infos = [self._info(u, request) for u in self._newest_first(request) if not u.is_preview]
        page = _page(request, infos)
        if request.query.get("output-type") != "service":
            return web.json_response({"updates": [info["info"] for info in page]})
        return web.json_response({"updates": page, "itemsPerPage": len(page), "total": len(infos)})

    async def one(self, request: web.Request) -> web.Response:
        return web.json_response(self._info(self._find(request), request))

    async def preview(self, request: web.Request) -> web.Response:
        plan = self._find(request)
        if not plan.is_preview:
            raise refuse(404, "Not Found: Preview not found")
        return web.json_response(self._info(plan, request))

    async def summary(self, request: web.Request) -> web.Response:
        info = self._info(self._find(request), request)["info"]
        names = ("result", "startTime", "endTime", "resourceCount")
        return web.json_response({name: info.get(name, 0) for name in names})

    async def timeline(self, request: web.Request) -> web.Response:
        plan = self._find(request)
        previews = [self._info(u, request) for u in self._newest_first(request) if u.is_preview]
        found = {
            "update": self._info(plan, request),
            "collatedUpdateEvents": [],
            "previews": previews,
        }
        return web.json_response(found)

    async def previews(self, request: web.Request) -> web.Response:
        if "asc" not in request.query:
            self.world.journal.violation(
                line_of(request), "previews without asc: the order is open"
            )
        self._find(request, or_none_yet=True)
        infos = [self._info(u, request) for u in self._newest_first(request) if u.is_preview]
        if request.query.get("asc", "true") == "true":
            infos.reverse()
        page = _page(request, infos)
        return web.json_response({"updates": page, "itemsPerPage": len(page), "total": len(infos)})

    async def status(self, request: web.Request) -> web.Response:
        plan = self._find(request)
        status = "running" if plan.result == "in-progress" else plan.result
        return web.json_response({"status": status, "events": [], "continuationToken": None})

    async def events(self, request: web.Request) -> web.Response:
        plan = self._find(request)
        cloud, _ = self._stack(request)
        key = (cloud.project, cloud.stack, plan.id)
        if key not in self._events:
            self._events[key] = Engine(cloud, plan).events(self._started_at(plan))
        listed = self._events[key]
        start = _offset(request)
        page = listed[start : start + plan.page_size]
        at_end = start + len(page) >= len(listed)
        token = None if at_end and plan.result != "in-progress" else f"evt-{start + len(page)}"
        return web.json_response({"events": page, "continuationToken": token})

    async def console_text(self, request: web.Request) -> web.Response:
        plan = self._find(request)
        cloud, _ = self._stack(request)
        return web.json_response({"summary": console_log(Engine(cloud, plan))})

    def _newest_first(self, request: web.Request) -> list[UpdatePlan]:
        _, updates = self._stack(request)
        return sorted(updates, key=lambda plan: plan.ago_s)

    def _stack(self, request: web.Request) -> tuple[CloudPlan, list[UpdatePlan]]:
        """The stack that the path names, and what was run in it."""
        names = request.match_info
        member_of(self.world, request, names["org"])
        found: tuple[CloudPlan, list[UpdatePlan]] | None = self.world.extensions["stacks"].find(
            names["project"], names["stack"]
        )
        if found is None:
            full = f"{names['org']}/{names['project']}/{names['stack']}"
            raise refuse(404, f"Not Found: Stack '{full}' not found")
        return found

    def _find(self, request: web.Request, *, or_none_yet: bool = False) -> UpdatePlan:
        """The update that the path names: by version, by UUID, or `latest`."""
        plans = self._newest_first(request)
        wanted = request.match_info.get("version") or request.match_info["id"]
        for plan in plans:
            is_version = not plan.is_preview and wanted in {"latest", str(plan.version)}
            if is_version or wanted == plan.id:
                return plan
        if or_none_yet and wanted == "latest":
            return UpdatePlan(id="")
        raise refuse(404, f"Not Found: Update '{wanted}' not found")

    def _started_at(self, plan: UpdatePlan) -> float:
        return self.world.started_at - plan.ago_s

    def _info(self, plan: UpdatePlan, request: web.Request) -> dict[str, Any]:
        cloud, updates = self._stack(request)
        newest = max((u.version for u in updates if not u.is_preview), default=0)
        environment = environment_of(self.world.scenario, self.world.github, plan)
        return update_info(Engine(cloud, plan), self._started_at(plan), environment, latest=newest)


def _page(request: web.Request, infos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Page 0 or none: everything (shipped client)."""
    page, size = int(request.query.get("page", 0)), int(request.query.get("pageSize", 10))
    return infos if page == 0 else infos[(page - 1) * size : page * size]


def _offset(request: web.Request) -> int:
    token = request.query.get("continuationToken", "")
    if not token:
        return 0
    prefix, _, number = token.partition("-")
    if prefix != "evt" or not number.isdecimal():
        raise refuse(400, "Bad Request: invalid continuation token")
    return int(number)
