"""The bytes of one turn's event stream, in both dialects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from upshot_sandbox.powabase.plan import TurnPlan
from upshot_sandbox.powabase.project import SORRY, Message

_TOOL_STATUS: Final = {
    "modify_workflow": "Modifying workflow...",
    "get_block_info": "Looking up block details...",
    "get_db_schema": "Checking database schema...",
    "list_project_assets": "Discovering project assets...",
    "get_asset_details": "Fetching asset details...",
    "execute_public_sql": "Running SQL query...",
    "get_workflow_run_logs": "Reading execution logs...",
    "manage_project_asset": "Managing project asset...",
}
_Event = dict[str, Any]


def turn_bytes(turn: TurnPlan, answer: Message, dialect: str) -> bytes:
    """The whole stream; the last event ends the turn."""
    return b"".join(frame for frame, _ in turn_frames(turn, answer, dialect))


def turn_frames(
    turn: TurnPlan, answer: Message, dialect: str
) -> Iterator[tuple[bytes, tuple[str, _Event] | None]]:
    """Frame by frame, with the tool that runs when the frame is sent."""
    play = _server if dialect == "server" else _documented
    for event, tool in play(turn):
        yield _frame(event), tool
    if turn.raw:
        yield f"data: {turn.raw}\n\n".encode(), None
    if turn.fails:
        yield _frame({"event": "error", "error": SORRY}), None
        return
    yield (
        _frame(
            {
                "event": "complete",
                "message_id": answer.id,
                "content": turn.answer,
                "workflow_diff": answer.diff,
            }
        ),
        None,
    )


def _server(turn: TurnPlan) -> Iterator[tuple[_Event, tuple[str, _Event] | None]]:
    """v0.7.0: nested calls, no results, the text only at the end."""
    yield _status("Thinking..."), None
    for step, thought in enumerate(turn.reasoning, 1):
        yield {"event": "reasoning_delta", "step": step, "delta": thought}, None
    for tool in turn.tools:
        call = {"name": tool.name, "arguments": tool.arguments}
        yield {"event": "tool_call", "tool_call": call}, (tool.name, tool.arguments)
        yield _status(_TOOL_STATUS.get(tool.name, f"Using {tool.name}...")), None
        yield _status("Analyzing result..."), None


def _documented(turn: TurnPlan) -> Iterator[tuple[_Event, tuple[str, _Event] | None]]:
    yield _status("Thinking..."), None
    for tool in turn.tools:
        called = (tool.name, tool.arguments)
        yield {"event": "tool_call", "name": tool.name, "arguments": tool.arguments}, called
        yield _status(_TOOL_STATUS.get(tool.name, f"Using {tool.name}...")), None
        yield {"event": "tool_result", "name": tool.name, "result": tool.result[:500]}, None
    words = turn.answer.split(" ")
    for number, word in enumerate(words):
        yield {"event": "content_delta", "delta": word if number == 0 else f" {word}"}, None


def _status(text: str) -> _Event:
    return {"event": "status", "message": text}


def _frame(event: _Event) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()
