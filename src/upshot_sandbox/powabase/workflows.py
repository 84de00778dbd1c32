"""The routes of workflows that applying a change needs: list, get, put graph.

Source: Powabase v0.7.0 `routes/workflows.py`. Its queries have no order, and so neither have lists here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.powabase.http import admitted, fail, note_query, read_json, refuse, reply
from upshot_sandbox.powabase.project import BadGraph, Broken, Project, Workflow
from upshot_sandbox.world import World

_WORKFLOWS: Final = "/api/workflows"
_SORTS: Final = ("created_at", "last_execution_at", "name", "updated_at")


def routes(world: World, project: Project) -> Sequence[web.RouteDef]:
    async def list_all(request: web.Request) -> web.StreamResponse:
        note_query(world, request, {"limit", "offset", "q", "sort", "order"})
        sort = request.query.get("sort", "created_at")
        if sort not in _SORTS:
            raise refuse(400, f"Invalid sort '{sort}'. Allowed: {', '.join(_SORTS)}")
        limit = min(max(_number(request, "limit", 50), 1), 100)
        offset = max(_number(request, "offset", 0), 0)
        wanted = request.query.get("q", "").strip().lower()
        found = [one for one in project.workflows.values() if wanted in one.name.lower()]
        page = [_head(project, one) for one in found[offset : offset + limit]]
        return reply({"workflows": page, "total": len(found), "limit": limit, "offset": offset})

    async def get(request: web.Request) -> web.StreamResponse:
        workflow = _find(project, request)
        body = _head(project, workflow)
        body |= {
            "blocks": list(workflow.blocks.values())[::-1],
            "edges": list(workflow.edges.values())[::-1],
        }
        return reply(body)

    async def put(request: web.Request) -> web.StreamResponse:
        workflow = _find(project, request)
        body = await read_json(world, request, {"blocks", "edges"})
        try:
            blocks, edges = project.put_graph(workflow.id, body)
        except BadGraph as problem:
            raise refuse(400, str(problem), error_code="VALIDATION_ERROR") from None
        except Broken:
            raise fail(500) from None
        return reply({"ok": True, "blocks": blocks, "edges": edges})

    table = (
        ("GET", _WORKFLOWS, list_all),
        ("GET", _WORKFLOWS + "/{id}", get),
        ("PUT", _WORKFLOWS + "/{id}/graph", put),
    )
    return [
        web.route(method, path, admitted(world, project, handle)) for method, path, handle in table
    ]


def _find(project: Project, request: web.Request) -> Workflow:
    found = project.workflows.get(request.match_info["id"])
    if found is None:
        raise refuse(404, "Workflow not found", error_code="WORKFLOW_NOT_FOUND")
    return found


def _head(project: Project, workflow: Workflow) -> dict[str, Any]:
    stamp = project.timestamp()
    return {
        "id": workflow.id,
        "name": workflow.name,
        "description": None,
        "variables": {},
        "version": workflow.version,
        "color": None,
        "created_at": stamp,
        "updated_at": stamp,
        "state": workflow.state,
        "schedule_config": None,
    }


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.lstrip("-").isdecimal() else default
