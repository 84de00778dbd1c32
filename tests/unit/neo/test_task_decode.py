"""Every kind of event of both wires, read; what is odd or unknown is kept as such, never an error."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.pulumi.neo import events as ev
from upshot.pulumi.neo.decode import decode_current, decode_documented, parse_event

AT = "2026-11-21T10:00:00Z"


def agent(kind: str, **fields: Any) -> dict[str, Any]:
    body = {"type": kind, "timestamp": AT, **fields}
    return {"id": "e1", "type": "agentResponse", "isSynthetic": False, "eventBody": body}


def user(kind: str, *, envelope: str = "userInput", **fields: Any) -> dict[str, Any]:
    return agent(kind, **fields) | {"type": envelope, "actor": {"githubLogin": "maria-lopez"}}


PULL = {"type": "pull_request", "number": 9, "merged": False,
        "repo": {"type": "repository", "name": "shop", "org": "acme", "forge": "github"}}  # fmt: skip
CONTEXT = {
    "tool_call_id": "c1",
    "tool_name": "pulumi__pulumi_up",
    "git_diff": {"index.ts": "-a\n+b", "odd": 7},
    "last_approval_diff": {},
    "plan_description": "1. look",
}

KINDS: list[tuple[dict[str, Any], ev.TaskEvent]] = [
    (
        agent(
            "assistant_message",
            content="hi",
            is_final=True,
            tool_calls=[{"id": "c1", "name": "a__b", "args": {"x": 1}, "execution_mode": "cli"}],
            token_usage={"m": {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 1}},
        ),
        ev.AssistantMessage(
            id="e1", at=AT, text="hi", is_final=True, tokens=8,
            tool_calls=(ev.ToolCall("a__b", {"x": 1}, "cli"),),
        ),
    ),
    (
        agent("exec_tool_call", tool_call_id="c1", name="a__b", args={"x": 1}),
        ev.ToolStarted(id="e1", at=AT, call_id="c1", name="a__b", args={"x": 1}),
    ),
    (
        agent("exec_tool_call_progress", tool_call_id="c1", status="running", metadata={}),
        ev.ToolProgress(id="e1", at=AT, call_id="c1", name="", status="running"),
    ),
    (
        agent("exec_tool_call_progress", tool_call_id="c1", name="a__b", content="half"),
        ev.ToolProgress(id="e1", at=AT, call_id="c1", name="a__b", status="half"),
    ),
    (
        agent("tool_response", tool_call_id="c1", name="a__b", content=[1], is_error=True),
        ev.ToolEnded(id="e1", at=AT, call_id="c1", name="a__b", is_error=True),
    ),
    (
        agent("user_approval_request", id="r1", message="May I?", approval_type="tool_permission",
              source="agent", sensitivity="sensitive", buttons=["Yes", "No"], context=CONTEXT),
        ev.ApprovalAsked(id="e1", at=AT, request_id="r1", message="May I?",
                         approval_type="tool_permission", sensitivity="sensitive",
                         choices=("Yes", "No"), tool_name="pulumi__pulumi_up", plan="1. look",
                         diff={"index.ts": "-a\n+b"}),
    ),
    (agent("awaiting_approvals"), ev.ApprovalsAwaited(id="e1", at=AT)),
    (
        agent("change_entities", changes={"add": [PULL], "remove": None}),
        ev.EntitiesChanged(id="e1", at=AT, added=(
            ev.Entity("pull_request", url="https://github.com/acme/shop/pull/9"),)),
    ),
    (agent("set_task_name", name="Look"), ev.TaskNamed(id="e1", at=AT, name="Look")),
    (
        agent("context_compression_event", status="compressed", message="m"),
        ev.ContextCompressed(id="e1", at=AT, status="compressed"),
    ),
    (agent("error", message="boom"), ev.TaskFailed(id="e1", at=AT, message="boom")),
    (agent("warning", message="hm"), ev.TaskWarned(id="e1", at=AT, message="hm")),
    (
        agent("cancelled", operation_was_running=True),
        ev.TaskCancelled(id="e1", at=AT),
    ),
    (
        user("user_message", content="go on"),
        ev.UserMessage(id="e1", at=AT, text="go on", actor="maria-lopez"),
    ),
    (
        user("user_message", content="drift!", envelope="triggerUserInput"),
        ev.UserMessage(id="e1", at=AT, text="drift!", actor="maria-lopez", is_trigger=True),
    ),
    (
        user("user_confirmation", approval_request_id="r1", ok=False, instructions="smaller"),
        ev.UserConfirmed(id="e1", at=AT, request_id="r1", ok=False,
                         actor="maria-lopez"),
    ),
    (user("user_cancel"), ev.UserCancelled(id="e1", at=AT)),
    (user("tool_result", tool_results=[]), ev.UserToolEvent(id="e1", at=AT)),
    (user("exec_tool_call", tool_call_id="c", name="n"), ev.UserToolEvent(id="e1", at=AT)),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "event"), KINDS, ids=[type(event).__name__ for _, event in KINDS])
def test_reads_every_kind_of_todays_wire(raw: dict[str, Any], event: ev.TaskEvent) -> None:
    assert decode_current(raw) == event
    assert parse_event(msgspec.json.encode(raw)) == event


def test_reads_the_documented_kinds() -> None:
    said = {"type": "console_output", "timestamp": AT, "content": "…", "sequence": 1}
    heard = {"type": "user_input", "timestamp": AT, "content": "go", "sequence": 2}
    assert decode_documented(said) == ev.ConsoleOutput(id="sequence:1", at=AT, text="…")
    assert decode_documented(heard) == ev.UserMessage(id="sequence:2", at=AT, text="go")
    other = {"type": "progress", "sequence": 3, "timestamp": AT}
    assert decode_documented(other) == ev.UnknownEvent(id="sequence:3", at=AT, name="progress")


def test_a_synthetic_confirmation_says_that_no_person_gave_it() -> None:
    raw = user("user_confirmation", approval_request_id="r1", ok=True) | {"isSynthetic": True}
    event = decode_current(raw)
    assert isinstance(event, ev.UserConfirmed)
    assert event.is_synthetic


def test_an_access_token_event_leaves_nothing_behind() -> None:
    raw = agent("provide_pulumi_access_token", encrypted_pulumi_access_token="SECRET")
    event = decode_current(raw)
    assert event == ev.InternalEvent(id="e1", at=AT)
    assert "SECRET" not in repr(event)


@pytest.mark.parametrize(
    "raw",
    [
        agent("user_confirmation", approval_request_id="r1", ok=True),
        agent("user_message", content="x"),
        agent("user_cancel"),
        user("assistant_message", content="done", is_final=True),
        user("awaiting_approvals"),
        user("cancelled"),
        agent("brand_new"),
    ],
)
def test_t24_who_speaks_is_read_from_the_envelope_only(raw: dict[str, Any]) -> None:
    """A model's envelope cannot carry a person's answer, nor a person's the model's."""
    assert decode_current(raw) == ev.UnknownEvent(id="e1", name=raw["eventBody"]["type"])


@pytest.mark.parametrize("ok", [None, "true", 1, "yes", [True]])
def test_t24_only_the_boolean_true_is_a_yes(ok: Any) -> None:
    event = decode_current(user("user_confirmation", approval_request_id="r1", ok=ok))
    assert isinstance(event, ev.UserConfirmed)
    assert event.ok is False


@pytest.mark.parametrize("is_final", [None, "true", 1])
def test_only_the_boolean_true_is_final(is_final: Any) -> None:
    event = decode_current(agent("assistant_message", content="x", is_final=is_final))
    assert isinstance(event, ev.AssistantMessage)
    assert event.is_final is False


@pytest.mark.parametrize("data", ["", "null", "[]", "7", "{", '{"eventBody": []}', b"\xff", "{}"])
def test_what_is_no_event_is_an_unknown_one(data: str | bytes) -> None:
    assert parse_event(data) == ev.UnknownEvent(name="malformed")


def test_t35_json_without_end_in_depth_is_an_unknown_event() -> None:
    assert parse_event("[" * 100_000 + "]" * 100_000) == ev.UnknownEvent(name="malformed")


def test_a_kind_is_cut_before_it_is_kept() -> None:
    event = decode_current(agent("x" * 10_000))
    assert isinstance(event, ev.UnknownEvent)
    assert len(event.name) == 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = ["content", "is_final", "tool_calls", "token_usage", "id", "context", "changes", "name",
          "approval_request_id", "ok", "tool_call_id", "buttons", "message", "status"]  # fmt: skip


@settings(max_examples=200)
@given(
    kind=st.sampled_from(sorted({raw["eventBody"]["type"] for raw, _ in KINDS})),
    speaker=st.sampled_from(["agentResponse", "userInput", "triggerUserInput"]),
    fields=st.dictionaries(st.sampled_from(FIELDS), JSON),
)
def test_no_field_of_any_type_is_an_error(kind: str, speaker: str, fields: dict[str, Any]) -> None:
    raw = {"id": "e", "type": speaker, "eventBody": {"type": kind, **fields}}
    assert isinstance(decode_current(raw), ev.Event)
    assert isinstance(decode_documented({"type": kind, **fields}), ev.Event)
