"""What the Copilot's chat stream says, event by event, in both dialects. Pure.

Text fields hold hostile text as it was read. `documented` has `content_delta` and `tool_result` and
flat tool calls; `server` (v0.7.0) has `reasoning_delta` and nested tool calls, and sends its text
only in `complete`. The guide's `chunk` is read as a `content_delta`. The kind is in the key `event`;
`type`, which other streams of Powabase have, is read as well, since the documentation names no key.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar, Final

import msgspec
from msgspec import Struct

from upshot.lenient import as_dict, as_int, as_text

DANGEROUS_TOOLS: Final = frozenset({"execute_public_sql", "manage_project_asset"})
"""They take effect at once, whatever is approved later, and whatever the documentation says."""
_LONGEST_KIND: Final = 80


class Dialect(StrEnum):
    """How a Powabase speaks; values of the input `powabase-dialect`."""

    AUTO = "auto"
    DOCUMENTED = "documented"
    SERVER = "server"


class Event(Struct, frozen=True, kw_only=True):
    """What every event has."""

    kind: ClassVar[str] = ""
    """The wire's name of the kind; UnknownEvent carries its own."""


class StatusEvent(Event, frozen=True, kw_only=True):
    """A line for a person who waits: `Thinking...`."""

    kind: ClassVar[str] = "status"
    message: str


class ReasoningDelta(Event, frozen=True, kw_only=True):
    """Thoughts of the model; for the log, never posted."""

    kind: ClassVar[str] = "reasoning_delta"
    step: int
    delta: str


class ToolCalled(Event, frozen=True, kw_only=True):
    """A tool begins to run now."""

    kind: ClassVar[str] = "tool_call"
    name: str
    arguments: dict[str, Any]
    dialect: Dialect

    @property
    def is_dangerous(self) -> bool:
        return self.name in DANGEROUS_TOOLS


class ToolEnded(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "tool_result"
    name: str
    result: Any


class ContentDelta(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "content_delta"
    delta: str


class Completed(Event, frozen=True, kw_only=True):
    """The turn ended well; `content` is the whole text."""

    kind: ClassVar[str] = "complete"
    message_id: str
    content: str
    diff: Any
    """As sent; None for an answer without a change."""


class TurnFailed(Event, frozen=True, kw_only=True):
    """The turn ended badly; its message says Sorry and has no change."""

    kind: ClassVar[str] = "error"
    error: str


class UnknownEvent(Event, frozen=True, kw_only=True):
    """Of a kind that this version does not know, or one that could not be read; kept to count."""

    kind: ClassVar[str] = "unknown"
    name: str
    """The kind as sent, cut to 80 characters; `malformed` when there was none."""


ChatEvent = (
    StatusEvent
    | ReasoningDelta
    | ToolCalled
    | ToolEnded
    | ContentDelta
    | Completed
    | TurnFailed
    | UnknownEvent
)


def parse_event(data: str) -> ChatEvent:
    """The event of one frame's data; never fails: what cannot be read is an UnknownEvent."""
    try:
        record = as_dict(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        record = {}
    kind = as_text(record.get("event")) or as_text(record.get("type"))
    if not record or not kind:
        return UnknownEvent(name="malformed")
    reader = _READERS.get(kind)
    return reader(record) if reader else UnknownEvent(name=kind[:_LONGEST_KIND])


def dialect_of(event: ChatEvent) -> Dialect:
    """Which dialect only has events like this one; AUTO where both have it."""
    match event:
        case ToolCalled():
            return event.dialect
        case ReasoningDelta():
            return Dialect.SERVER
        case ContentDelta() | ToolEnded():
            return Dialect.DOCUMENTED
    return Dialect.AUTO


def _read_call(record: dict[str, Any]) -> ToolCalled:
    nested = as_dict(record.get("tool_call"))
    call = nested or record
    arguments = call.get("arguments")
    if isinstance(arguments, str):  # as models write them, before they are decoded
        try:
            arguments = msgspec.json.decode(arguments)
        except (msgspec.DecodeError, RecursionError):
            arguments = {"text": arguments}
    return ToolCalled(
        name=as_text(call.get("name")),
        arguments=as_dict(arguments),
        dialect=Dialect.SERVER if nested else Dialect.DOCUMENTED,
    )


def _read_result(record: dict[str, Any]) -> ToolEnded:
    inner = as_dict(record.get("tool_result")) or record
    return ToolEnded(name=as_text(inner.get("name")), result=inner.get("result"))


def _read_reasoning(record: dict[str, Any]) -> ReasoningDelta:
    step = as_int(record.get("step")) or 0
    return ReasoningDelta(step=step, delta=as_text(record.get("delta")))


def _read_complete(record: dict[str, Any]) -> Completed:
    return Completed(
        message_id=as_text(record.get("message_id")),
        content=as_text(record.get("content")),
        diff=record.get("workflow_diff"),
    )


def _read_error(record: dict[str, Any]) -> TurnFailed:
    return TurnFailed(error=as_text(record.get("error")) or as_text(record.get("message")))


_READERS: Final[dict[str, Callable[[dict[str, Any]], ChatEvent]]] = {
    "status": lambda record: StatusEvent(message=as_text(record.get("message"))),
    "reasoning_delta": _read_reasoning,
    "tool_call": _read_call,
    "tool_result": _read_result,
    "content_delta": lambda record: ContentDelta(delta=as_text(record.get("delta"))),
    "chunk": lambda record: ContentDelta(delta=as_text(record.get("content"))),
    "complete": _read_complete,
    "error": _read_error,
}
