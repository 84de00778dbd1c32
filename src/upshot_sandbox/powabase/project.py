"""What a Powabase project knows: workflows, sessions, messages, the model. No HTTP in here."""

from __future__ import annotations

import base64
import json
import struct
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct

from upshot_sandbox.powabase.plan import PowabasePlan, TurnPlan, WorkflowPlan

MODELS: Final = (
    ("Claude Opus 4.7", "claude-opus-4-7"),
    ("Claude Opus 4.6", "claude-opus-4-6"),
    ("Claude Sonnet 4.6", "claude-sonnet-4-6"),
    ("GPT-5.2", "gpt-5.2"),
    ("GPT-4.1", "gpt-4.1"),
    ("o3", "o3"),
)
DEFAULT_MODEL: Final = "claude-opus-4-6"
TYPES: Final = frozenset(
    {"starter", "agent", "code", "function", "condition", "general_api", "api_call"}
    | {"platform_api", "response", "split", "webhook", "orchestration"}
)
SORRY: Final = "Sorry \u2014 something went wrong while answering. Please try again."
_SECRET_FIELDS: Final = ("api_key", "webhook_secret")


def fake_key(kind: str) -> str:
    """A key of the shape that projects have (a JSON web token) and that no project ever issued."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"role": kind, "iss": "sandbox"})
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    ]
    return ".".join([*encoded, f"sandbox-signature-{kind}"])


class Message(Struct, kw_only=True):
    """One row of the table of messages."""

    id: str
    session_id: str
    role: str
    content: str
    diff: Any = None
    pre_snapshot: Any = None
    created_at: str = ""
    hidden_for: int = 0
    """Reads of the messages before it is there."""


class Workflow(Struct, kw_only=True):
    id: str
    name: str
    version: int
    state: str
    blocks: dict[str, dict[str, Any]] = {}
    edges: dict[str, dict[str, Any]] = {}


class BadGraph(ValueError):
    """A put that the server refuses with 400 and this text."""


class Broken(Exception):
    """What the real server fails on with an internal error."""


class Project:
    """Changed by requests; tests read and change it."""

    def __init__(self, plan: PowabasePlan, *, now: Callable[[], float]) -> None:
        self.plan = plan
        self.keys = {"service": fake_key("service"), "user": fake_key("user")}
        """Keys that work; `expired` is another one."""
        self.workflows = {one.id: _workflow(one) for one in plan.workflows}
        self.sessions: dict[str, str] = {}
        """Session -> workflow, in the order of their creation."""
        self.messages: list[Message] = []
        self.model = plan.model
        self.effects: list[dict[str, Any]] = []
        """What dangerous tools did, at once, whatever was approved."""
        self.snapshots = 0
        self.chats = 0
        """Messages that were accepted."""
        self.on_put: list[Callable[[Workflow], None]] = []
        """Called after the next puts, one each: another person who saves at the same time."""
        self._now = now
        self._made = 0

    @property
    def workflow_key(self) -> str:
        """What the workflow has as `powabase-key`."""
        return "" if self.plan.key == "none" else self.keys.get(self.plan.key, fake_key("expired"))

    def new_id(self) -> str:
        self._made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"powabase sandbox {self._made}"))

    def secrets(self) -> Iterator[str]:
        """Texts that no request but a put may hold."""
        yield from self.plan.secrets
        for workflow in self.workflows.values():
            for block in workflow.blocks.values():
                values = (block["config"].get(name) for name in _SECRET_FIELDS)
                yield from (value for value in values if isinstance(value, str) and value)

    def start_session(self, workflow_id: str) -> str:
        session_id = self.new_id()
        self.sessions[session_id] = workflow_id
        return session_id

    def newest_session(self, workflow_id: str) -> str | None:
        found = [one for one, workflow in self.sessions.items() if workflow == workflow_id]
        return found[-1] if found else None

    def end_session(self, session_id: str) -> None:
        self.sessions.pop(session_id, None)
        self.messages = [one for one in self.messages if one.session_id != session_id]

    def read_messages(self, session_id: str) -> list[Message]:
        """Those that are there now; a late answer comes nearer with each read."""
        own = [one for one in self.messages if one.session_id == session_id]
        there = [one for one in own if one.hidden_for == 0]
        for one in own:
            one.hidden_for = max(0, one.hidden_for - 1)
        return there

    def is_busy(self, session_id: str) -> bool:
        """A turn is in progress: its answer is not stored yet."""
        return any(one.hidden_for for one in self.messages if one.session_id == session_id)

    def add_message(self, session_id: str, role: str, content: str, **more: Any) -> Message:
        message = Message(
            id=self.new_id(),
            session_id=session_id,
            role=role,
            content=content,
            created_at=self.timestamp(),
            **more,
        )
        self.messages.append(message)
        return message

    def store_turn(self, session_id: str, text: str, turn: TurnPlan) -> Message | None:
        """The message of the person, what the tools do, and the answer; None for a lost one."""
        self.chats += 1
        self.add_message(session_id, "user", text)
        if turn.never:
            return None
        if turn.fails:
            return self.add_message(session_id, "assistant", SORRY, hidden_for=turn.appears_after)
        return self.add_message(
            session_id,
            "assistant",
            turn.answer or "(empty)",
            diff=diff_of(turn),
            hidden_for=turn.appears_after,
        )

    def use_tool(self, name: str, arguments: dict[str, Any]) -> None:
        """Dangerous tools take effect when they are called."""
        if name in {"execute_public_sql", "manage_project_asset"}:
            self.effects.append({"tool": name, **arguments})

    def put_graph(self, workflow_id: str, found: dict[str, Any]) -> tuple[int, int]:
        """Replaces the graph; how many blocks and edges. Raises BadGraph, Broken."""
        blocks, edges = found.get("blocks", []), found.get("edges", [])
        _check_graph(blocks, edges)
        workflow = self.workflows[workflow_id]
        workflow.blocks = {block["id"]: _block_row(block) for block in blocks}
        rows = [_edge_row(edge, edge.get("id") or self.new_id()) for edge in edges]
        workflow.edges = {row["id"]: row for row in rows}
        if len(workflow.edges) != len(edges):
            raise Broken
        workflow.version += 1
        if self.on_put:
            self.on_put.pop(0)(workflow)
        return len(blocks), len(edges)

    def timestamp(self) -> str:
        self._made += 1  # rows of one second keep their order
        return f"2026-11-21T10:{self._made // 60 % 60:02d}:{self._made % 60:02d}.{self._made:06d}+00:00"


def diff_of(turn: TurnPlan) -> dict[str, Any] | None:
    """The calls of `modify_workflow`, put together by key; None when there is nothing in it."""
    if turn.diff is not None:
        return turn.diff or None
    found: dict[str, Any] = {}
    for tool in turn.tools:
        if tool.name == "modify_workflow":
            for key, items in tool.arguments.items():
                if items:
                    found.setdefault(key, []).extend(items)
    return found or None


def _check_graph(blocks: list[dict[str, Any]], edges: list[dict[str, Any]]) -> None:
    """What the server finds out itself, then what its database does."""
    if any("id" not in block or "type" not in block for block in blocks):
        raise BadGraph("Each block must have 'id' and 'type'")
    if any("source" not in edge or "target" not in edge for edge in edges):
        raise BadGraph("Each edge must have 'source' and 'target'")
    unknown = [block["type"] for block in blocks if block["type"] not in TYPES]
    if unknown:
        raise BadGraph(f"Unknown block type: {unknown[0]}")
    ids = {block["id"] for block in blocks}
    if any(edge["source"] not in ids or edge["target"] not in ids for edge in edges):
        raise BadGraph("Edge references a block not in this graph")
    if len(ids) != len(blocks) or not all(map(_is_uuid, ids)):
        raise Broken


def _workflow(plan: WorkflowPlan) -> Workflow:
    blocks: list[dict[str, Any]] = [
        {
            "id": one.id,
            "type": one.type,
            "name": one.name,
            "position": {"x": one.x, "y": one.y},
            "config": one.config,
            "enabled": one.enabled,
        }
        for one in plan.blocks
    ]
    edges = [
        _edge_row(
            {
                "source": one.source,
                "target": one.target,
                "sourceHandle": one.handle,
                "condition": one.condition,
            },
            str(uuid.uuid5(uuid.NAMESPACE_URL, f"{plan.id} edge {number}")),
        )
        for number, one in enumerate(plan.edges)
    ]
    return Workflow(
        id=plan.id,
        name=plan.name,
        version=plan.version,
        state=plan.state,
        blocks={block["id"]: _block_row(block) for block in blocks},
        edges={edge["id"]: edge for edge in edges},
    )


def _block_row(block: dict[str, Any]) -> dict[str, Any]:
    position = block.get("position", {})
    return {
        "id": block["id"],
        "type": block["type"],
        "name": block.get("name", ""),
        "position": {axis: _real(position.get(axis, 0)) for axis in ("x", "y")},
        "config": json.loads(json.dumps(block.get("config", {}))),
        "enabled": block.get("enabled", True),
    }


def _edge_row(edge: dict[str, Any], edge_id: str) -> dict[str, Any]:
    return {
        "id": edge_id,
        "source": edge["source"],
        "target": edge["target"],
        "sourceHandle": edge.get("sourceHandle", "output"),
        "targetHandle": edge.get("targetHandle", "input"),
        "condition": edge.get("condition"),
    }


def _real(number: float) -> float:
    """As a column of type `real` gives it back: single precision, fewest digits."""
    packed = struct.pack("<f", number)
    (exact,) = struct.unpack("<f", packed)
    for digits in range(1, 10):
        short = float(f"{exact:.{digits}g}")
        if struct.pack("<f", short) == packed:
            return short
    return float(exact)


def _is_uuid(text: object) -> bool:
    try:
        return str(uuid.UUID(str(text))) == text
    except ValueError:
        return False
