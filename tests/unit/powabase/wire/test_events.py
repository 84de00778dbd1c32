"""Events of the chat stream, of every kind, in both dialects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.powabase.test_graph import JSON

from upshot.powabase.wire.events import (
    ChatEvent,
    Completed,
    ContentDelta,
    Dialect,
    ReasoningDelta,
    StatusEvent,
    ToolCalled,
    ToolEnded,
    TurnFailed,
    UnknownEvent,
    dialect_of,
    parse_event,
)

NESTED = {"event": "tool_call", "tool_call": {"name": "get_db_schema", "arguments": {"a": 1}}}
FLAT = {"event": "tool_call", "name": "get_db_schema", "arguments": {"a": 1}}


def parsed(record: Any) -> ChatEvent:
    return parse_event(record if isinstance(record, str) else json.dumps(record))


@pytest.mark.parametrize(
    ("record", "event"),
    [
        ({"event": "status", "message": "Thinking..."}, StatusEvent(message="Thinking...")),
        (
            {"event": "reasoning_delta", "step": 1, "delta": "é\u2028"},
            ReasoningDelta(step=1, delta="é\u2028"),
        ),
        (NESTED, ToolCalled(name="get_db_schema", arguments={"a": 1}, dialect=Dialect.SERVER)),
        (FLAT, ToolCalled(name="get_db_schema", arguments={"a": 1}, dialect=Dialect.DOCUMENTED)),
        (
            {"event": "tool_result", "name": "get_db_schema", "result": "[]"},
            ToolEnded(name="get_db_schema", result="[]"),
        ),
        ({"event": "content_delta", "delta": "Do"}, ContentDelta(delta="Do")),
        ({"event": "chunk", "content": "ne"}, ContentDelta(delta="ne")),
        (
            {"event": "complete", "message_id": "m", "content": "Done", "workflow_diff": None},
            Completed(message_id="m", content="Done", diff=None),
        ),
        (
            {"event": "complete", "message_id": "m", "content": "", "workflow_diff": {"a": []}},
            Completed(message_id="m", content="", diff={"a": []}),
        ),
        ({"event": "error", "error": "Sorry"}, TurnFailed(error="Sorry")),
        ({"event": "usage", "tokens": 7}, UnknownEvent(name="usage")),
    ],
)
def test_every_kind(record: dict[str, Any], event: ChatEvent) -> None:
    assert parsed(record) == event


def test_the_kind_may_stand_under_type() -> None:
    assert parsed({"type": "content_delta", "delta": "x"}) == ContentDelta(delta="x")
    assert parsed({"event": "status", "type": "x", "message": "y"}) == StatusEvent(message="y")


def test_arguments_may_be_json_text() -> None:
    call = parsed({"event": "tool_call", "tool_call": {"name": "a", "arguments": '{"b": 1}'}})
    assert call == ToolCalled(name="a", arguments={"b": 1}, dialect=Dialect.SERVER)
    odd = parsed({"event": "tool_call", "name": "a", "arguments": "DROP TABLE x"})
    assert odd == ToolCalled(
        name="a", arguments={"text": "DROP TABLE x"}, dialect=Dialect.DOCUMENTED
    )


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "7", "{}", '{"a": 1}', "[" * 5_000, "\ud83d"]
)
def test_what_is_no_event_is_counted_as_malformed(text: str) -> None:
    assert parsed(text) == UnknownEvent(name="malformed")


def test_a_long_kind_is_cut() -> None:
    assert parsed({"event": "x" * 500}) == UnknownEvent(name="x" * 80)


@pytest.mark.parametrize(
    ("record", "dialect"),
    [
        (NESTED, Dialect.SERVER),
        ({"event": "reasoning_delta"}, Dialect.SERVER),
        (FLAT, Dialect.DOCUMENTED),
        ({"event": "content_delta"}, Dialect.DOCUMENTED),
        ({"event": "tool_result"}, Dialect.DOCUMENTED),
        ({"event": "status"}, Dialect.AUTO),
        ({"event": "complete"}, Dialect.AUTO),
    ],
)
def test_events_show_the_dialect(record: dict[str, Any], dialect: Dialect) -> None:
    assert dialect_of(parsed(record)) is dialect


@pytest.mark.parametrize("name", ["execute_public_sql", "manage_project_asset"])
def test_t63_tools_that_take_effect_at_once(name: str) -> None:
    assert ToolCalled(name=name, arguments={}, dialect=Dialect.SERVER).is_dangerous
    assert not ToolCalled(name="modify_workflow", arguments={}, dialect=Dialect.SERVER).is_dangerous


@given(
    st.dictionaries(
        st.sampled_from(["event", "type", "tool_call", "arguments", "name", "step"]), JSON
    )
)
def test_whatever_comes_is_an_event(record: dict[str, Any]) -> None:
    assert isinstance(parsed(record), ChatEvent)
