"""Every documented error at every request of a run: what is said, who acts, how the run ends."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import load_scenario

if TYPE_CHECKING:
    from tests.integration.chat.conftest import Ended
    from tests.integration.powabase.conftest import Start

WORKFLOW: Final = "/api/workflows/3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11"
SESSIONS: Final = "/api/copilot/sessions"
READ, CREATE, FIND = f"GET {WORKFLOW}", f"POST {SESSIONS}", f"GET {SESSIONS}"
CHAT, MESSAGES = f"POST {SESSIONS}/*/chat", f"GET {SESSIONS}/*/messages"
SNAPSHOT, PUT = f"POST {SESSIONS}/*/snapshot", f"PUT {WORKFLOW}/graph"
MODEL, SET_MODEL = "GET /api/copilot/settings/model", "PUT /api/copilot/settings/model"
HTML: Final = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>"
AUTHOR, OWNER, NOBODY = (
    "The workflow's author must act",
    "The owner of the project must act",
    "No action needed",
)
CREDITS: Final = {"error": "insufficient_credits", "balance": 0, "estimated_cost": 1, "renews_at": "2026-12-01"}  # fmt: skip


def fault(route: str, status: int, said: str | dict[str, Any]) -> Fault:
    body = said if said == HTML else json.dumps({"error": said} if isinstance(said, str) else said)
    kind = "text/html" if said == HTML else "application/json"
    return Fault(route, FaultKind.STATUS, status=status, body=str(body), content_type=kind)


def chats(ended: Ended) -> int:
    return sum(line.endswith("/chat") for line in ended.lines)


@pytest.mark.parametrize(
    ("route", "status", "said", "says"),
    [
        (CREATE, 400, "workflow_id is required", (AUTHOR, "set `workflow-id`")),
        (FIND, 400, "workflow_id query param required", (AUTHOR, "set `workflow-id`")),
        (CHAT, 400, "message is required", (AUTHOR, "set `prompt`")),
        (SET_MODEL, 400, "model is required", (AUTHOR, "set `powabase-model`")),
        (SET_MODEL, 400, "Value must be one of: o3", (AUTHOR, "leave it empty")),
        (READ, 401, "Authorization header required", (OWNER, "`powabase-key`")),
        (CHAT, 401, "Token has expired", (OWNER, "the token has expired")),
        (CHAT, 403, "This endpoint requires the project's service role key", (OWNER, "a user's token")),
        (READ, 404, {"error": "Workflow not found", "error_code": "WORKFLOW_NOT_FOUND"}, (AUTHOR, "check `workflow-id`")),
        (CREATE, 404, "Workflow not found", (AUTHOR, "check `workflow-id`")),
        (CHAT, 404, "Session not found", (AUTHOR, "`powabase-session: new`")),
        (CHAT, 415, HTML, (AUTHOR, "if a proxy stands between")),
        (CREATE, 415, HTML, (AUTHOR, "if a proxy stands between")),
    ],
)  # fmt: skip
def test_an_error_that_a_person_must_mend_ends_the_run(
    start: Start, route: str, status: int, said: Any, says: tuple[str, str]
) -> None:
    world = start("powabase-diff")
    world.world.faults.add(fault(route, status, said))
    given = {"powabase-session": "continue", "powabase-model": "claude-sonnet-4-6"}
    ended = world.report(mode="powabase", **(given if route in {FIND, SET_MODEL} else {}))
    assert (ended.exit_code, ended.outputs["reason-code"]) == (1, "not-done")
    assert all(words in ended.log for words in says)
    assert f"HTTP {status}" in ended.log
    assert "<" not in ended.log.partition("::error")[2].partition("\n")[0]
    assert chats(ended) == int(route == CHAT)
    (comment,) = ended.answers
    assert says[0] in comment
    assert ended.outputs["apply-state"] == "no-change"


@pytest.mark.parametrize(
    ("route", "status", "said", "who"),
    [
        (READ, 429, "Rate limit exceeded. Max 20 executions per minute.", NOBODY),
        (READ, 500, HTML, NOBODY),
        (CREATE, 500, HTML, NOBODY),
        (CHAT, 402, CREDITS, OWNER),
        (CHAT, 409, "a copilot turn is already in progress", NOBODY),
        (CHAT, 429, "Rate limit exceeded. Max 20 executions per minute.", NOBODY),
        (CHAT, 500, HTML, NOBODY),
        (CHAT, 503, "billing service unreachable; cannot verify balance", NOBODY),
        (MODEL, 503, "unavailable", NOBODY),
    ],
)
def test_an_outage_leaves_a_warning(
    start: Start, route: str, status: int, said: Any, who: str
) -> None:
    world = start("powabase-diff")
    world.world.faults.add(fault(route, status, said))
    given = {"powabase-model": "claude-sonnet-4-6"} if route == MODEL else {}
    ended = world.report(mode="powabase", timeout="30s", **given)
    assert (ended.exit_code, ended.outputs["apply-state"]) == (0, "no-change")
    assert ended.outputs["reason-code"] not in {"ok", "internal-error"}
    assert f"HTTP {status}" in ended.log
    assert who in ended.log
    assert "<" not in ended.log.partition("::warning")[2].partition("\n")[0]
    assert chats(ended) == int(route == CHAT)


@pytest.mark.parametrize(
    ("route", "status", "said", "who"),
    [
        (SNAPSHOT, 400, "pre_snapshot is required", AUTHOR),
        (SNAPSHOT, 500, HTML, NOBODY),
        (SNAPSHOT, 503, "unavailable", NOBODY),
        (PUT, 400, {"error": "Unknown block type: x", "error_code": "VALIDATION_ERROR"}, "The person who asked must act"),
        (PUT, 401, "Token has expired", OWNER),
        (PUT, 403, "This endpoint requires the project's service role key", OWNER),
        (PUT, 404, {"error": "Workflow not found", "error_code": "WORKFLOW_NOT_FOUND"}, AUTHOR),
        (PUT, 415, HTML, AUTHOR),
        (PUT, 429, "Rate limit exceeded.", NOBODY),
        (PUT, 500, HTML, NOBODY),
        (PUT, 503, "unavailable", NOBODY),
    ],
)  # fmt: skip
def test_t65_an_approved_change_that_was_not_put_is_red_and_says_why(
    start: Start, route: str, status: int, said: Any, who: str
) -> None:
    world = start("powabase-apply", collaborators={"sam-okafor": "write"})
    waiting = world.report(mode="powabase").outputs["approval-request-id"]
    state = world.world.github
    state.add(state.user("sam-okafor"), f"/upshot approve {waiting}")
    world.world.faults.add(fault(route, status, said))
    ended = world.report(mode="powabase", timeout="30s")
    assert (ended.exit_code, ended.outputs["apply-state"]) == (1, "failed")
    assert who in ended.log
    assert f"HTTP {status}" in ended.log
    assert chats(ended) == 0
    assert world.world.extensions["powabase"].workflows[WORKFLOW.rpartition("/")[2]].version == 3


def test_t65_a_put_whose_reply_is_lost_is_read_back_and_done(start: Start) -> None:
    world = start("powabase-apply", collaborators={"sam-okafor": "write"})
    waiting = world.report(mode="powabase").outputs["approval-request-id"]
    state = world.world.github
    state.add(state.user("sam-okafor"), f"/upshot approve {waiting}")
    world.world.faults.add(Fault(PUT, FaultKind.LOSE_REPLY))
    ended = world.report(mode="powabase")
    assert (ended.exit_code, ended.outputs["apply-state"]) == (0, "applied")
    assert ended.lines.count(PUT) == 1


def test_a_remembered_session_that_is_gone_is_replaced(start: Start) -> None:
    """In both dialects: an empty list of messages, and 404."""
    for dialect in ("server", "documented"):
        world = start(_in(dialect))
        first = world.report(mode="powabase", **{"powabase-session": "continue"})
        world.world.extensions["powabase"].end_session(first.outputs["session-id"])
        second = world.report(mode="powabase", **{"powabase-session": "continue"})
        assert (second.exit_code, chats(second)) == (0, 1)
        assert second.outputs["session-id"] != first.outputs["session-id"]
        assert second.outputs["answer"] == first.outputs["answer"]


def test_messages_that_cannot_be_read_back_are_an_outage(start: Start) -> None:
    world = start("powabase-cut")
    world.world.faults.add(fault(MESSAGES, 500, HTML))
    ended = world.report(mode="powabase", timeout="30s", **{"max-wait": "5s"})
    assert (ended.exit_code, chats(ended)) == (0, 1)
    assert "HTTP 500" in ended.log


def _in(dialect: str) -> Any:
    scenario = load_scenario("powabase-diff")
    return replace(scenario, powabase={**(scenario.powabase or {}), "dialect": dialect})


def test_events_that_are_not_known_are_counted_in_the_log(start: Start) -> None:
    scenario = load_scenario("powabase-diff")
    plan = copy.deepcopy(scenario.powabase or {})
    strange = '{"event": "mood", "is": "::error::good"}'
    plan["turns"][0]["raw"] = f"{strange}\n\ndata: {strange}\n\ndata: {{"
    ended = start(replace(scenario, powabase=plan)).report(mode="powabase")
    assert (ended.exit_code, ended.outputs["apply-state"]) == (0, "not-asked")
    assert "mood: 2, malformed: 1" in ended.log


@pytest.mark.parametrize(
    ("turn", "is_answered"),
    [
        ({"fails": True}, False),
        ({"silent": True}, True),
        ({"silent": True, "never": True}, False),
        ({"cut_after": 300, "never": True}, False),
        ({"cut_after": 300, "appears_after": 3}, True),
        ({"status": 503, "stores": True, "appears_after": 2}, True),
    ],
)
def test_t63_a_turn_that_goes_wrong_is_asked_once_and_read_back(
    start: Start, turn: dict[str, Any], *, is_answered: bool
) -> None:
    scenario = load_scenario("powabase-diff")
    plan = copy.deepcopy(scenario.powabase or {})
    plan["turns"][0] |= turn
    given = {"max-wait": "60s" if is_answered and "silent" not in turn else "2s"}
    ended = start(replace(scenario, powabase=plan)).report(mode="powabase", **given)
    assert (ended.exit_code, chats(ended)) == (0, 1)
    assert (ended.outputs["apply-state"] == "not-asked") is is_answered
    assert bool(ended.outputs["answer"]) is is_answered
    assert is_answered or "No action needed" in ended.log
