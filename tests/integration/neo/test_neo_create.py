"""A task is created exactly once, whatever happens to the answer; and every refusal names who acts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from upshot.inputs.choices import ApiDialect, ApprovalMode, PermissionMode
from upshot.model import NoAnswer, ReasonCode, TaskState, TaskStatus
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.neo.plan import NeoStep

if TYPE_CHECKING:
    from tests.integration.neo.conftest import SetStage

CREATE = "POST /api/preview/agents/acme/tasks"
LIST = "GET /api/preview/agents/acme/tasks"
FINAL = NeoStep(do="final", text="Because.")
LOST = Fault(route=CREATE, kind=FaultKind.LOSE_REPLY)
MARKER = "Upshot reference: run 123/1, commit abc, n0nce"


def refusal(status: int, body: str = "", **headers: str) -> Fault:
    return Fault(
        route=CREATE, kind=FaultKind.STATUS, status=status, body=body, headers=dict(headers)
    )


def test_the_first_request_carries_everything_that_was_asked_for(stage: SetStage) -> None:
    play = stage(FINAL)
    play.run_task(
        play.question(prompt="Look."),
        approval_mode=ApprovalMode.BALANCED,
        permission_mode=PermissionMode.READ_ONLY,
        plan_mode=True,
    )
    sent = json.loads(next(r.content for r in play.server.requests if r.method == "POST"))
    prompt = sent["message"].pop("content")
    assert prompt.startswith("Look.")
    assert prompt.endswith(MARKER)
    stack = {"type": "stack", "name": "prod", "project": "shop"}
    assert sent == {
        "message": {
            "type": "user_message",
            "timestamp": "2026-11-30T00:53:20Z",
            "entity_diff": {"add": [stack], "remove": []},
        },
        "approvalMode": "balanced",
        "permissionMode": "read-only",
        "planMode": True,
    }


def test_t23_a_task_has_the_least_rights_by_default_and_never_a_plan_to_explain(
    stage: SetStage,
) -> None:
    play = stage(FINAL)
    play.explain(plan_mode=True)
    sent = json.loads(next(r.content for r in play.server.requests if r.method == "POST"))
    assert (sent["permissionMode"], sent["approvalMode"]) == ("read-only", "manual")
    assert "planMode" not in sent


def test_a_stack_that_is_not_known_is_left_out(stage: SetStage) -> None:
    play = stage(FINAL)
    play.run_task(play.question(subject=None))
    assert b"entity_diff" not in next(r.content for r in play.server.requests if r.method == "POST")


@pytest.mark.parametrize("wire", ["today", "documented"])
def test_a_stack_that_cannot_be_attached_is_left_out_at_the_second_try(
    stage: SetStage, wire: str
) -> None:
    play = stage(FINAL, wire=wire, entities="invalid")
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert "could not be attached" in state.notes[0]
    assert (len(play.posts()), play.created()) == (2, 1)


@pytest.mark.parametrize("wire", ["today", "documented"])
def test_a_lost_answer_leads_to_the_task_that_was_made(stage: SetStage, wire: str) -> None:
    lost = Fault(route="POST */tasks", kind=FaultKind.LOSE_REPLY)
    play = stage(FINAL, wire=wire, faults=[lost], known_tasks=("old-1", "old-2"))
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert state.task_id == "task-0003"
    assert any("answer was lost" in note for note in state.notes)
    assert (len(play.posts()), play.created()) == (1, 3)


def test_a_read_timeout_is_never_followed_by_a_second_create(stage: SetStage) -> None:
    play = stage(FINAL, create_delay_s=500.0)
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert (len(play.posts()), play.created()) == (1, 1)


def test_a_cold_start_of_two_minutes_is_waited_for(stage: SetStage) -> None:
    play = stage(FINAL, create_delay_s=119.0)
    assert play.run_task().status is TaskStatus.FINISHED
    assert len(play.posts()) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_may_hide_a_task_and_is_not_repeated(stage: SetStage, status: int) -> None:
    play = stage(FINAL, faults=[refusal(status)])
    reply = play.explain()
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_UNAVAILABLE
    assert len(play.posts()) == 1
    assert len([line for line in play.server.lines if line == LIST]) > 1, "it was looked for"


def test_no_stranger_is_adopted(stage: SetStage) -> None:
    """A newer task of somebody else stays theirs; nothing of ours was made."""
    drop = Fault(route=CREATE, kind=FaultKind.DROP)
    play = stage(FINAL, faults=[drop], known_tasks=("theirs",))
    reply = play.explain()
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_UNREACHABLE
    assert (len(play.posts()), play.created()) == (1, 1)


def test_at_most_five_tasks_are_looked_at_each_time(stage: SetStage) -> None:
    others = tuple(f"t{n}" for n in range(40))
    play = stage(FINAL, faults=[Fault(route=CREATE, kind=FaultKind.DROP)], known_tasks=others)
    play.explain()
    looks = len([line for line in play.server.lines if line.endswith("/events")])
    lists = len([line for line in play.server.lines if line == LIST]) - 1
    assert looks == 5 * lists


def test_surely_refused_creates_are_repeated(stage: SetStage) -> None:
    busy = Fault(
        route=CREATE,
        kind=FaultKind.STATUS,
        status=429,
        headers={"Retry-After": "7"},
        nth=(1, 2),
    )
    play = stage(FINAL, faults=[busy])
    state = play.run_task()
    assert state.status is TaskStatus.FINISHED
    assert play.clock.sleeps[:2] == [7.0, 7.0]
    assert (state.calls, play.created()) == (3, 1)


@pytest.mark.parametrize(
    ("fault", "reason", "who"),
    [
        (refusal(400, '{"code":400,"message":"prompt is required"}'), "ai-unavailable", "author"),
        (refusal(401, '{"code":401,"message":"Unauthorized"}'), "ai-token", "owner of the token"),
        (refusal(402, "Usage limit reached"), "ai-usage-limit", "administrator"),
        (refusal(403, '{"code":403,"message":"Neo is off"}'), "ai-forbidden", "administrator"),
        (refusal(404, '{"code":404,"message":"Not Found"}'), "ai-not-found", "workflow's author"),
        (refusal(429, "slow down"), "ai-rate-limited", "No action needed"),
        (refusal(500, "<html>oops"), "ai-unavailable", "Pulumi"),
        (refusal(200, "<html>login"), "ai-bad-reply", "cloud-url"),
        (refusal(302, "", Location="https://evil.example"), "ai-bad-reply", "cloud-url"),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
def test_every_refusal_is_no_answer_and_says_who_acts(
    stage: SetStage, fault: Fault, reason: str, who: str
) -> None:
    play = stage(FINAL, faults=[fault])
    reply = play.explain()
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code == reason
    assert who in reply.hint
    assert play.created() == 0
    assert play.sent == 1


def test_a_refusal_with_a_machine_token_says_that_too(stage: SetStage) -> None:
    play = stage(FINAL, faults=[refusal(403, "{}")])
    play.server.user = {"tokenInfo": {"name": "ci", "organization": "acme"}}
    reply = play.explain()
    assert isinstance(reply, NoAnswer)
    assert "machine token" in reply.hint


@pytest.mark.parametrize(
    ("wire", "dialect", "creates_at"),
    [
        ("today", ApiDialect.AUTO, CREATE),
        ("today", ApiDialect.CURRENT, CREATE),
        ("documented", ApiDialect.AUTO, "POST /preview/agents/acme/tasks"),
        ("documented", ApiDialect.DOCUMENTED, "POST /preview/agents/acme/tasks"),
    ],
)
def test_the_dialect_is_found_out_without_creating(
    stage: SetStage, wire: str, dialect: ApiDialect, creates_at: str
) -> None:
    play = stage(FINAL, wire=wire)
    state = play.explain(dialect=dialect)
    assert isinstance(state, TaskState)
    assert state.text == "Because."
    assert play.posts() == [creates_at]
    assert play.created() == 1


@pytest.mark.parametrize(
    ("wire", "dialect"), [("today", ApiDialect.DOCUMENTED), ("documented", ApiDialect.CURRENT)]
)
def test_a_forced_dialect_is_not_second_guessed(
    stage: SetStage, wire: str, dialect: ApiDialect
) -> None:
    play = stage(FINAL, wire=wire)
    reply = play.explain(dialect=dialect)
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_NOT_FOUND
    assert play.created() == 0


def test_a_console_in_place_of_the_api_is_reported(stage: SetStage) -> None:
    html = Fault(
        route="GET *", kind=FaultKind.STATUS, status=200, body="<html>", content_type="text/html"
    )
    play = stage(FINAL, faults=[html])
    reply = play.explain()
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_BAD_REPLY
    assert play.posts() == []


def test_the_documented_wires_missing_rights_are_said(stage: SetStage) -> None:
    state = stage(FINAL, wire="documented").run_task()
    assert any("takes no approval mode" in note for note in state.notes)


def test_tasks_are_listed_page_by_page_with_filters(stage: SetStage) -> None:
    play = stage(FINAL, known_tasks=("a", "b", "c"))
    client = play.client()
    wanted = (("sortBy", "created"), ("excludeSources", "slack"), ("excludeSources", "schedule"))
    first = client.list_page(page_size=2, filters=wanted)
    rest = client.list_page(page_size=2, token=first.token)
    assert [task.id for task in (*first.tasks, *rest.tasks)] == ["c", "b", "a"]
    assert rest.token == ""
    query = "sortBy=created&excludeSources=slack&excludeSources=schedule&pageSize=2"
    assert play.server.requests[-2].url.query.decode() == query


def test_modes_of_a_task_can_be_changed(stage: SetStage) -> None:
    play = stage(FINAL)
    play.run_task()
    changed = play.client().change("task-0001", approvalMode="balanced", name="Mine")
    assert (changed.approval_mode, changed.name) == ("balanced", "Mine")


def test_a_turn_can_be_interrupted(stage: SetStage) -> None:
    play = stage(NeoStep(do="wait"))
    play.run_task(max_wait_s=20)
    play.client().interrupt("task-0001")
    state = play.run_task(play.question(task_id="task-0001", subject=None, prompt=""))
    assert "had ended" in state.notes[0]
