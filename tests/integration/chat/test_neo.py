"""What a Neo task asks, answered by comments; and votes at the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.chat.conftest import ChatWorld, Start

TASK = "POST /api/preview/agents/acme/tasks/task-0001"


@pytest.fixture
def waiting(start: Start) -> ChatWorld:
    """A task that the report shows, and that asks for an approval."""
    world = start("neo-approval")
    assert world.report().outputs["task-status"] == "awaiting-approval"
    return world


def sent(requests: Any) -> list[Any]:
    return [request.json["event"] for request in requests if request.line == TASK]


def test_an_approval_is_carried_to_the_task_and_the_task_followed(waiting: ChatWorld) -> None:
    ended = waiting.say("/upshot approve approval-task-0001-7")
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "rocket"))
    (event,) = sent(ended.requests)
    assert (event["type"], event["ok"]) == ("user_confirmation", True)
    assert "**finished**" in ended.answer
    assert ended.outputs["task-status"] == "finished"
    again = waiting.say("/upshot approve approval-task-0001-7")
    assert sent(again.requests) == []
    assert "It was approved already." in again.answer


def test_a_rejection_takes_its_reason_along(waiting: ChatWorld) -> None:
    ended = waiting.say("/upshot reject approval-task-0001-7 --reason Keep the old bucket.")
    (event,) = sent(ended.requests)
    assert (event["ok"], event["instructions"]) == (False, "Keep the old bucket.")


def test_t62_an_id_that_no_task_here_has_shown_sends_nothing(waiting: ChatWorld) -> None:
    ended = waiting.say("/upshot approve approval-task-0002-1")
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "confused"))
    assert sent(ended.requests) == []
    assert ended.outputs["approved"] == "false"


def test_t62_a_proposal_that_has_changed_behind_its_id_is_not_approved(waiting: ChatWorld) -> None:
    state = waiting.world.github
    (report,) = state.by_bot()
    marker = report.body.partition("-->")[0]
    digest = marker.partition('"approval-task-0001-7":"')[2].partition('"')[0]
    assert len(digest) == 32
    report.body = report.body.replace(digest, "0" * 32)
    ended = waiting.say("/upshot approve approval-task-0001-7")
    assert sent(ended.requests) == []
    assert "asks for something else by now" in ended.answer


def test_t62_what_was_not_shown_here_is_not_approved(waiting: ChatWorld) -> None:
    ended = waiting.say(
        "/upshot approve approval-task-0001-7",
        inputs={"comment-key": "other", "task-id": "task-0001"},
    )
    assert sent(ended.requests) == []
    assert "was not shown here yet" in ended.answer


def test_t51_an_approval_that_graphql_calls_edited_is_none(waiting: ChatWorld) -> None:
    state = waiting.world.github
    payload = waiting.payload("/upshot approve approval-task-0001-7")
    state.comments[-1].minimized = "outdated"
    ended = waiting.deliver(payload)
    assert sent(ended.requests) == []
    assert ended.reactions == ("eyes", "confused")


def test_t29_a_person_without_access_approves_nothing(waiting: ChatWorld) -> None:
    ended = waiting.say("/upshot approve approval-task-0001-7", "ines-k")
    assert (sent(ended.requests), ended.reactions) == ([], ("-1",))


def test_a_question_is_answered_by_a_reply(start: Start) -> None:
    world = start("neo-question")
    assert world.report().outputs["task-status"] == "awaiting-answer"
    ended = world.say("/upshot reply Take the first one.")
    (event,) = sent(ended.requests)
    assert event["instructions"] == "Take the first one."
    assert ended.reactions == ("eyes", "rocket")


def test_cancel_stops_the_task(waiting: ChatWorld) -> None:
    ended = waiting.say("/upshot cancel")
    assert f"{TASK}/cancel" in ended.lines
    assert "The task was cancelled." in ended.answer
    again = waiting.say("/upshot cancel")
    assert f"{TASK}/cancel" not in again.lines
    assert again.reactions == ("eyes", "confused")


def test_a_task_is_started_followed_and_what_it_asks_is_shown_with_the_line_to_paste(
    start: Start,
) -> None:
    ended = start("neo-approval").say("/upshot task Let Pulumi choose the bucket's name.")
    assert ended.outputs["task-status"] == "awaiting-approval"
    answer = ended.answers[-1]
    assert "**Pulumi Neo asks for an approval**" in answer
    assert "/upshot approve approval-task-0001-" in answer


def test_an_outage_of_pulumi_cloud_sends_nothing_twice(waiting: ChatWorld) -> None:
    from upshot_sandbox.faults import Fault, FaultKind

    waiting.world.faults.add(Fault(f"GET {TASK[5:]}/events", FaultKind.STATUS, status=503))
    ended = waiting.say("/upshot approve approval-task-0001-7")
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "confused"))
    assert sent(ended.requests) == []


GATE = {"mode": "gate", "stack-name": "acme/shop/prod"}
CHAT = {"stack-name": "acme/shop/prod", "commit-status": "deploy/approved"}


def gate_id(world: ChatWorld) -> str:
    return world.report(**GATE, prompt="").outputs["approval-request-id"]


def test_a_vote_opens_the_gate_and_sets_its_outputs(start: Start) -> None:
    world = start("gate-waiting")
    asked = gate_id(world)
    ended = world.say(f"/upshot approve {asked} --reason Checked.", inputs=CHAT)
    assert (ended.exit_code, ended.reactions) == (0, ("eyes", "rocket"))
    assert (ended.outputs["approved"], ended.outputs["approved-by"]) == ("true", "tomas-b")
    assert ended.outputs["approved-sha"] == world.world.github.head_sha
    assert ended.outputs["approval-state"] == "approved"
    assert world.world.github.statuses[-1].state == "success"
    assert "**approved**" in ended.answers[-1]


def test_a_rejection_closes_the_gate(start: Start) -> None:
    world = start("gate-waiting")
    ended = world.say(f"/upshot reject {gate_id(world)}", inputs=CHAT)
    assert (ended.exit_code, ended.outputs["approved"]) == (0, "false")
    assert ended.outputs["approval-state"] == "rejected"


def test_t53_a_vote_for_another_commit_opens_nothing(start: Start) -> None:
    world = start("gate-waiting")
    asked = gate_id(world)
    state = world.world.github
    old = state.head_sha
    state.head_sha = "f" * 40
    ended = world.say(f"/upshot approve {asked}", inputs=CHAT)
    assert old != state.head_sha
    assert (ended.outputs["approved"], ended.reactions) == ("false", ("eyes", "confused"))


def test_t56_the_author_approves_nothing_of_their_own(start: Start) -> None:
    world = start("gate-waiting", collaborators={"maria-lopez": "write"})
    ended = world.say(f"/upshot approve {gate_id(world)}", "maria-lopez", inputs=CHAT)
    assert (ended.outputs["approved"], ended.outputs["approved-sha"]) == ("false", "")


def test_t57_an_outage_at_the_gate_is_no_approval(start: Start) -> None:
    from upshot_sandbox.faults import Fault, FaultKind

    world = start("gate-waiting")
    asked = gate_id(world)
    route = "GET /repos/acme/shop/pulls/7/reviews"
    world.world.faults.add(Fault(route, FaultKind.STATUS, status=503))
    ended = world.say(f"/upshot approve {asked}", inputs=CHAT)
    assert (ended.exit_code, ended.outputs["approved"]) == (0, "false")


def test_a_wrong_input_of_the_gate_stops_everything(start: Start) -> None:
    ended = start().say("/upshot help", inputs={"required-approvals": "none"})
    assert (ended.exit_code, ended.lines) == (1, [])
