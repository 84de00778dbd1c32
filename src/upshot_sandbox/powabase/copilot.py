"""The Copilot's routes: sessions, messages, snapshot, chat, model.

Sources: the API reference (documented), Powabase v0.7.0 `routes/copilot.py` (server).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from upshot_sandbox.powabase.http import admitted, fail, note_query, read_json, refuse, reply
from upshot_sandbox.powabase.plan import TurnPlan
from upshot_sandbox.powabase.project import DEFAULT_MODEL, MODELS, Message, Project
from upshot_sandbox.powabase.stream import turn_frames
from upshot_sandbox.wire import line_of
from upshot_sandbox.world import World

_SESSIONS: Final = "/api/copilot/sessions"
_MODEL: Final = "/api/copilot/settings/model"
_MOST_STATE: Final = 50_000
_FOR_EVER_S: Final = 3_600.0
_NODE_FIELDS: Final = {"id", "type", "name", "position", "config"}


def routes(world: World, project: Project) -> Sequence[web.RouteDef]:
    copilot = Copilot(world, project)
    table = (
        ("POST", _SESSIONS, copilot.create),
        ("GET", _SESSIONS, copilot.get),
        ("DELETE", _SESSIONS + "/{sid}", copilot.delete),
        ("GET", _SESSIONS + "/{sid}/messages", copilot.messages),
        ("POST", _SESSIONS + "/{sid}/messages/{mid}/snapshot", copilot.snapshot),
        ("POST", _SESSIONS + "/{sid}/chat", copilot.chat),
        ("GET", _MODEL, copilot.get_model),
        ("PUT", _MODEL, copilot.put_model),
    )
    return [
        web.route(method, path, admitted(world, project, handle)) for method, path, handle in table
    ]


class Copilot:
    """The handlers; the state is the project's."""

    def __init__(self, world: World, project: Project) -> None:
        self._world = world
        self._project = project
        self._is_documented = project.plan.dialect == "documented"
        self._turn = 0

    async def create(self, request: web.Request) -> web.StreamResponse:
        body = await read_json(self._world, request, {"workflow_id"})
        workflow_id = body.get("workflow_id")
        if not workflow_id:
            raise refuse(400, "workflow_id is required")
        if workflow_id not in self._project.workflows:
            raise refuse(404, "Workflow not found")
        session_id = self._project.start_session(workflow_id)
        return reply({"id": session_id, "workflow_id": workflow_id}, 201)

    async def get(self, request: web.Request) -> web.StreamResponse:
        note_query(self._world, request, {"workflow_id"})
        workflow_id = request.query.get("workflow_id", "")
        if not workflow_id:
            raise refuse(400, "workflow_id query param required")
        session_id = self._project.newest_session(workflow_id)
        if self._is_documented:
            if session_id is None:
                raise refuse(404, "Session not found")
            return reply({"id": session_id, "workflow_id": workflow_id})
        if session_id is None:
            return reply({"session": None})
        stamp = self._project.timestamp()
        session = {"id": session_id, "workflow_id": workflow_id}
        return reply({"session": {**session, "created_at": stamp, "updated_at": stamp}})

    async def delete(self, request: web.Request) -> web.StreamResponse:
        self._need_session(request)
        self._project.end_session(request.match_info["sid"])
        return web.Response(status=204)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        self._need_session(request)
        found = self._project.read_messages(request.match_info["sid"])
        return reply({"messages": [_drawn(message) for message in found]})

    async def snapshot(self, request: web.Request) -> web.StreamResponse:
        """Stores the state before; the graph stays as it is, whatever the documentation says."""
        self._need_session(request)
        session_id, message_id = request.match_info["sid"], request.match_info["mid"]
        found = [
            m for m in self._project.messages if (m.id, m.session_id) == (message_id, session_id)
        ]
        if self._is_documented and not found:
            raise refuse(404, "Message not found")
        if self._is_documented and not request.can_read_body:
            self._project.snapshots += 1
            return reply({"ok": True})
        body = await read_json(self._world, request, {"pre_snapshot"})
        if not body.get("pre_snapshot"):
            raise refuse(400, "pre_snapshot is required")
        if not {"nodes", "edges"} <= set(body["pre_snapshot"]):
            self._world.journal.violation(line_of(request), "pre_snapshot without nodes and edges")
        for message in found:
            message.pre_snapshot = body["pre_snapshot"]
        self._project.snapshots += 1
        return reply({"ok": True})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await read_json(self._world, request, {"message", "workflow_state"})
        text, state = (
            body.get("message", ""),
            body.get("workflow_state", {"nodes": [], "edges": []}),
        )
        if not isinstance(text, str) or not isinstance(state, dict):
            raise fail(500)
        text = text.strip()
        if not text:
            raise refuse(400, "message is required")
        session_id = request.match_info["sid"]
        if session_id not in self._project.sessions:
            raise refuse(404, "Session not found")
        if self._project.is_busy(session_id):
            raise refuse(409, "a copilot turn is already in progress")
        for problem in _state_problems(state):
            self._world.journal.violation(line_of(request), f"workflow_state: {problem}")
        turn = self._next(text)
        if turn.status != 200:
            if turn.stores:
                self._project.store_turn(session_id, text, turn)
            raise _refusal(turn.status)
        answer = self._project.store_turn(session_id, text, turn)
        return await self._play(request, turn, answer)

    async def get_model(self, request: web.Request) -> web.StreamResponse:
        note_query(self._world, request, set())
        options = [{"label": label, "value": value} for label, value in MODELS]
        return reply({"model": self._project.model, "default": DEFAULT_MODEL, "options": options})

    async def put_model(self, request: web.Request) -> web.StreamResponse:
        body = await read_json(self._world, request, {"model"})
        allowed = [value for _, value in MODELS]
        if not body.get("model"):
            raise refuse(400, "model is required")
        if body["model"] not in allowed:
            raise refuse(400, f"Value must be one of: {', '.join(allowed)}")
        self._project.model = body["model"]
        return reply({"ok": True, "model": body["model"]})

    def _need_session(self, request: web.Request) -> None:
        """Only the documentation's service distinguishes an unknown session from an empty one."""
        if self._is_documented and request.match_info["sid"] not in self._project.sessions:
            raise refuse(404, "Session not found")

    def _next(self, text: str) -> TurnPlan:
        """A turn whose `when` is in the message, else the next unconditional one."""
        turns = self._project.plan.turns
        for turn in turns:
            if turn.when and turn.when in text:
                return turn
        plain = [turn for turn in turns if not turn.when] or [TurnPlan()]
        self._turn += 1
        return plain[min(self._turn, len(plain)) - 1]

    async def _play(
        self, request: web.Request, turn: TurnPlan, answer: Message | None
    ) -> web.StreamResponse:
        out = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-cache",
                "X-Accel-Buffering": "no",
            }
        )
        await out.prepare(request)
        if turn.silent:
            await asyncio.sleep(_FOR_EVER_S)
        left = turn.cut_after
        answer = answer or Message(id="", session_id="", role="assistant", content="")
        for frame, tool in turn_frames(turn, answer, self._project.plan.dialect):
            if tool:
                self._project.use_tool(*tool)
            if 0 <= left < len(frame):
                await out.write(frame[:left])
                if not turn.ends_early and request.transport is not None:
                    request.transport.close()
                return out
            await out.write(frame)
            left -= len(frame) if left >= 0 else 0
        return out


def _refusal(status: int) -> Exception:
    match status:
        case 402:
            more = {"balance": 0, "estimated_cost": 1, "renews_at": "2026-12-01T00:00:00Z"}
            return refuse(402, "insufficient_credits", **more)
        case 409:
            return refuse(409, "a copilot turn is already in progress")
        case 429:
            return refuse(429, "Rate limit exceeded. Max 20 executions per minute.")
        case 503:
            return refuse(503, "billing service unreachable; cannot verify balance")
    return fail(status)


def _drawn(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "session_id": message.session_id,
        "role": message.role,
        "content": message.content,
        "workflow_diff": message.diff,
        "pre_snapshot": message.pre_snapshot,
        "created_at": message.created_at,
    }


def _state_problems(state: dict[str, Any]) -> list[str]:
    """What the Studio's state never is."""
    nodes, edges = state.get("nodes", []), state.get("edges", [])
    ids = [node.get("id") for node in nodes]
    problems = [f"unknown part {name}" for name in sorted(set(state) - {"nodes", "edges"})]
    if any(set(node) != _NODE_FIELDS for node in nodes):
        problems.append(f"nodes have {', '.join(sorted(_NODE_FIELDS))}")
    if len(set(ids)) != len(ids) or any(node.get("id") != node.get("name") for node in nodes):
        problems.append("ids of nodes are their display names, each once")
    if any(end not in ids for edge in edges for end in (edge.get("source"), edge.get("target"))):
        problems.append("an edge leads to no node")
    if any(set(edge) != {"source", "target", "sourceHandle"} for edge in edges):
        problems.append("edges have source, target, sourceHandle")
    if len(json.dumps(state)) > _MOST_STATE:
        problems.append(f"longer than {_MOST_STATE} characters")
    return problems
