"""JSON of Neo's wires -> typed events, and never an error: an odd event is an unknown one.

Strict on what moves a task's state (booleans are booleans, ids are text), tolerant of the rest.
Who speaks is read from the envelope only: a confirmation inside an `agentResponse` is no
confirmation, and JSON inside text stays text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from upshot.http.calls import decode_mended
from upshot.lenient import as_dict, as_id, as_list, as_text
from upshot.pulumi.neo import events as ev
from upshot.pulumi.neo.entities import parse_entity

_NAME_CHARS: Final = 80


def parse_event(data: str | bytes) -> ev.TaskEvent:
    """The event of one SSE frame's data (today's wire)."""
    try:
        raw = _decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ev.UnknownEvent(name="malformed")
    return decode_current(raw)


def _decode(data: str | bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            return decode_mended(data)
        except ValueError as fault:
            raise msgspec.DecodeError(str(fault)[:100]) from None


def decode_current(raw: object) -> ev.TaskEvent:
    """An enveloped event of today's wire [service description, October 2026]."""
    envelope = as_dict(raw)
    body = as_dict(envelope.get("eventBody"))
    ident, kind = _text(envelope, "id"), _text(body, "type")
    decode = _SPEAKERS.get(_text(envelope, "type"), {}).get(kind)
    event = decode(envelope, body, ident, _text(body, "timestamp")) if decode else None
    return event or ev.UnknownEvent(id=ident, name=kind[:_NAME_CHARS] or "malformed")


def decode_documented(raw: object) -> ev.TaskEvent:
    """A flat event of the documented wire: `type`, `timestamp`, `content`, `sequence`."""
    body = as_dict(raw)
    kind, at, sequence = _text(body, "type"), _text(body, "timestamp"), body.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool):
        return ev.UnknownEvent(name="malformed")
    ident, text = f"sequence:{sequence}", _text(body, "content")
    if kind == "console_output":
        return ev.ConsoleOutput(id=ident, at=at, text=text)
    if kind == "user_input":
        return ev.UserMessage(id=ident, at=at, text=text)
    return ev.UnknownEvent(id=ident, at=at, name=kind[:_NAME_CHARS] or "malformed")


_Json = dict[str, Any]
_Decode = Callable[[_Json, _Json, str, str], ev.TaskEvent | None]


def _assistant_message(_: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent:
    calls = tuple(
        ev.ToolCall(
            name=_text(call, "name"),
            args=as_dict(call.get("args")),
            execution_mode=_text(call, "execution_mode"),
        )
        for call in map(as_dict, as_list(body.get("tool_calls")))
    )
    usage = as_dict(body.get("token_usage")).values()
    tokens = sum(n for used in usage for n in as_dict(used).values() if type(n) is int and n > 0)
    return ev.AssistantMessage(
        id=ident,
        at=at,
        text=_text(body, "content"),
        is_final=body.get("is_final") is True,
        tool_calls=calls,
        tokens=tokens,
    )


def _tool_started(_: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent:
    return ev.ToolStarted(
        id=ident,
        at=at,
        call_id=_text(body, "tool_call_id"),
        name=_text(body, "name"),
        args=as_dict(body.get("args")),
    )


def _tool_progress(_: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent:
    # The description has status and metadata, the shipped client reads name and content.
    status = _text(body, "status") or _text(body, "content")
    return ev.ToolProgress(
        id=ident,
        at=at,
        call_id=_text(body, "tool_call_id"),
        name=_text(body, "name"),
        status=status,
    )


def _tool_ended(_: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent:
    return ev.ToolEnded(
        id=ident,
        at=at,
        call_id=_text(body, "tool_call_id"),
        name=_text(body, "name"),
        is_error=body.get("is_error") is True,
    )


def _approval_asked(_: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent | None:
    request_id = as_id(body.get("id"))
    if not request_id:
        return None
    context = as_dict(body.get("context"))
    diff = as_dict(context.get("git_diff"))
    return ev.ApprovalAsked(
        id=ident,
        at=at,
        request_id=request_id,
        message=_text(body, "message"),
        approval_type=_text(body, "approval_type"),
        sensitivity=_text(body, "sensitivity"),
        choices=tuple(button for button in as_list(body.get("buttons")) if isinstance(button, str)),
        tool_name=_text(context, "tool_name"),
        plan=_text(context, "plan_description"),
        diff={file: patch for file, patch in diff.items() if isinstance(patch, str)},
    )


def _entities_changed(_: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent:
    changes = as_dict(body.get("changes"))
    return ev.EntitiesChanged(
        id=ident,
        at=at,
        added=tuple(parse_entity(as_dict(raw)) for raw in as_list(changes.get("add"))),
        removed=tuple(parse_entity(as_dict(raw)) for raw in as_list(changes.get("remove"))),
    )


def _user_message(envelope: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent:
    return ev.UserMessage(
        id=ident,
        at=at,
        text=_text(body, "content"),
        actor=_actor(envelope),
        is_trigger=_text(envelope, "type") == "triggerUserInput",
    )


def _user_confirmed(envelope: _Json, body: _Json, ident: str, at: str) -> ev.TaskEvent | None:
    request_id = as_id(body.get("approval_request_id"))
    if not request_id:
        return None
    return ev.UserConfirmed(
        id=ident,
        at=at,
        request_id=request_id,
        # Absent reads as a denial: never turn a gap into a yes.
        ok=body.get("ok") is True,
        actor=_actor(envelope),
        is_synthetic=envelope.get("isSynthetic") is True,
    )


_AGENT: Final[dict[str, _Decode]] = {
    "assistant_message": _assistant_message,
    "exec_tool_call": _tool_started,
    "exec_tool_call_progress": _tool_progress,
    "tool_response": _tool_ended,
    "user_approval_request": _approval_asked,
    "awaiting_approvals": lambda _, __, i, at: ev.ApprovalsAwaited(id=i, at=at),
    "change_entities": _entities_changed,
    "set_task_name": lambda _, b, i, at: ev.TaskNamed(id=i, at=at, name=_text(b, "name")),
    "context_compression_event": lambda _, b, i, at: ev.ContextCompressed(
        id=i, at=at, status=_text(b, "status")
    ),
    "error": lambda _, b, i, at: ev.TaskFailed(id=i, at=at, message=_text(b, "message")),
    "warning": lambda _, b, i, at: ev.TaskWarned(id=i, at=at, message=_text(b, "message")),
    "cancelled": lambda _, __, i, at: ev.TaskCancelled(id=i, at=at),
    "provide_pulumi_access_token": lambda _, __, i, at: ev.InternalEvent(id=i, at=at),
}
_USER: Final[dict[str, _Decode]] = {
    "user_message": _user_message,
    "user_input": _user_message,
    "user_confirmation": _user_confirmed,
    "user_cancel": lambda _, __, i, at: ev.UserCancelled(id=i, at=at),
    "tool_result": lambda _, __, i, at: ev.UserToolEvent(id=i, at=at),
    "exec_tool_call": lambda _, __, i, at: ev.UserToolEvent(id=i, at=at),
}
_SPEAKERS: Final = {"agentResponse": _AGENT, "userInput": _USER, "triggerUserInput": _USER}


def _actor(envelope: _Json) -> str:
    actor = as_dict(envelope.get("actor"))
    return _text(actor, "githubLogin") or _text(actor, "name")


def _text(values: dict[str, Any], key: str) -> str:
    return as_text(values.get(key))
