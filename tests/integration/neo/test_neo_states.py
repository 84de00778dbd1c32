"""What becomes of a task, by the script of its server: every way in which a turn can end."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from upshot.backends.neo.progress import LogLine
from upshot.inputs.choices import ApprovalMode, OnTimeout
from upshot.model import NoAnswer, ReasonCode, TaskState, TaskStatus, Todo
from upshot_sandbox.neo.plan import NeoStep

if TYPE_CHECKING:
    from tests.integration.neo.conftest import SetStage

TASK = "task-0001"
URL = "https://app.pulumi.com/acme/neo/tasks/task-0001"
FINAL = NeoStep(do="final", text="Because of the **role**.", after_s=3.0)
ASK = NeoStep(do="ask", text="May I run the update?", tool="pulumi__pulumi_up",
              sensitivity="sensitive", diff={"index.ts": "-a\n+b"})  # fmt: skip


def test_a_plain_answer(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="Looking"), FINAL)
    state = play.explain()
    assert isinstance(state, TaskState)
    assert state.status is TaskStatus.FINISHED
    assert state.text == "Because of the **role**."
    assert (state.task_id, state.task_url) == (TASK, URL)
    assert state.tokens_used == 2000
    assert state.calls == 1
    assert play.sent == 1
    assert play.watcher.tasks == [(TASK, URL)]


def test_an_empty_final_message_is_an_answer_too(stage: SetStage) -> None:
    state = stage(NeoStep(do="final")).run_task()
    assert (state.status, state.text) == (TaskStatus.FINISHED, "")


def test_an_approval_ends_the_run_at_once(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="I have a fix"), ASK, FINAL)
    state = play.run_task()
    assert state.status is TaskStatus.AWAITING_APPROVAL
    assert state.requests
    assert state.requests[0].kind == "approval"
    assert state.requests[0].message == "May I run the update?"
    assert state.requests[0].sensitivity == "sensitive"
    assert state.requests[0].tool_name == "pulumi__pulumi_up"
    assert state.requests[0].diff == {"index.ts": "-a\n+b"}
    assert state.text == "I have a fix"
    assert play.clock.at_s < 1, "no runner is held while somebody thinks"


def test_two_approvals_at_once_are_both_shown(stage: SetStage) -> None:
    second = NeoStep(do="ask", text="And open a pull request?", tool="github__create", after_s=0.0)
    state = stage(ASK, second, FINAL).run_task()
    assert [one.message for one in state.requests] == [
        "May I run the update?",
        "And open a pull request?",
    ]


def test_a_question(stage: SetStage) -> None:
    ask = NeoStep(do="question", text="Which region?", choices=("eu", "us"))
    state = stage(ask, FINAL).run_task()
    assert state.status is TaskStatus.AWAITING_ANSWER
    assert state.requests
    assert (state.requests[0].kind, state.requests[0].choices) == ("question", ("eu", "us"))


def test_a_plan(stage: SetStage) -> None:
    state = stage(NeoStep(do="plan", text="Shall I?", plan="1. Look"), FINAL).run_task()
    assert state.status is TaskStatus.AWAITING_APPROVAL
    assert state.requests
    assert (state.requests[0].kind, state.requests[0].plan) == ("plan", "1. Look")


def test_an_error_event(stage: SetStage) -> None:
    state = stage(NeoStep(do="fail", text="the model is overloaded")).run_task()
    assert (state.status, state.why) == (TaskStatus.FAILED, "the model is overloaded")


def test_a_cancelled_task(stage: SetStage) -> None:
    assert stage(NeoStep(do="cancelled")).run_task().status is TaskStatus.CANCELLED


def test_a_pull_request_that_was_opened(stage: SetStage) -> None:
    state = stage(NeoStep(do="pull-request", number=9), FINAL).run_task()
    assert state.pull_requests == ("https://github.com/acme/shop/pull/9",)


def test_a_pull_request_that_only_the_task_knows(stage: SetStage) -> None:
    """It was attached after the final message, when nobody listened any more."""
    play = stage(FINAL)
    assert play.run_task().pull_requests == ()
    entity = {"type": "pull_request", "number": 9, "repo": {"name": "shop", "org": "acme"}}
    play.server.neo.tasks[TASK].settings["entities"] = [entity]
    state = play.run_task(play.question(task_id=TASK))
    assert state.pull_requests == ("https://github.com/acme/shop/pull/9",)


def test_automatic_mode_answers_itself_and_says_so(stage: SetStage) -> None:
    play = stage(ASK, FINAL)
    state = play.run_task(approval_mode=ApprovalMode.AUTO)
    assert state.status is TaskStatus.FINISHED
    assert LogLine("The approval mode said yes") in play.watcher.lines


def test_todos_tools_and_unknown_kinds(stage: SetStage) -> None:
    play = stage(
        NeoStep(do="todos", todos=(("Look", "completed"), ("Fix", "in_progress"))),
        NeoStep(do="tool", tool="pulumi__pulumi_preview", count=2),
        NeoStep(do="raw", body={"type": "brand_new", "x": 1}),
        NeoStep(do="compress"),
        NeoStep(do="warn", text="hm"),
        FINAL,
    )
    state = play.run_task()
    assert state.todos == (Todo("Look", "completed"), Todo("Fix", "in_progress"))
    assert state.tools == {"todo__TodoWrite": 1, "pulumi__pulumi_preview": 2}
    assert sum("does not know: brand_new" in line.ours for line in play.watcher.lines) == 1


def test_t9_a_token_between_services_leaves_no_trace(stage: SetStage) -> None:
    play = stage(NeoStep(do="token"), FINAL)
    state = play.run_task()
    shown = repr((state, play.watcher.lines, play.watcher.states))
    assert "SEALED" not in shown
    assert "encrypted" not in shown


def test_out_of_time_reports_a_link_and_how_to_go_on(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="Working"), NeoStep(do="wait"))
    state = play.run_task(max_wait_s=90)
    assert state.status is TaskStatus.TIMED_OUT
    assert state.why == "Neo was still working after 90 seconds"
    assert "run Upshot in mode `task` with this `task-id`" in state.notes[-1]
    assert state.task_url == URL
    assert 90 <= play.clock.at_s < 100
    assert play.server.neo.tasks[TASK].is_working


def test_out_of_time_can_cancel(stage: SetStage) -> None:
    play = stage(NeoStep(do="wait"))
    state = play.run_task(max_wait_s=30, on_timeout=OnTimeout.CANCEL)
    assert state.status is TaskStatus.TIMED_OUT
    assert "was cancelled" in state.notes[-1]
    assert f"POST /api/preview/agents/acme/tasks/{TASK}/cancel" in play.server.lines
    assert not play.server.neo.tasks[TASK].is_working


def test_a_task_that_goes_idle_without_a_word_is_noticed(stage: SetStage) -> None:
    play = stage(NeoStep(do="say", text="Half way"))
    state = play.run_task()
    assert state.status is TaskStatus.FAILED
    assert "without a final message" in state.why
    assert play.clock.at_s < 120


def test_a_request_of_a_service_that_does_not_say_it_waits_is_noticed(stage: SetStage) -> None:
    """Older services send no `awaiting_approvals`: then the idle task says it."""
    play = stage(ASK, says_it_waits=False)
    state = play.run_task()
    assert state.status is TaskStatus.AWAITING_APPROVAL
    assert play.clock.at_s < 20


def test_an_exhausted_budget_is_reported_before_anything_is_spent(stage: SetStage) -> None:
    play = stage(FINAL, budget="exhausted")
    reply = play.explain()
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_USAGE_LIMIT
    assert "token budget is used up" in reply.why
    assert "administrator" in reply.hint
    assert play.created() == 0
    assert play.sent == 0


def test_a_budget_that_is_not_served_is_no_obstacle(stage: SetStage) -> None:
    assert stage(FINAL, budget="unserved").run_task().status is TaskStatus.FINISHED


@pytest.mark.parametrize("kind", ["organization", "team"])
def test_a_machine_token_is_warned_about(stage: SetStage, kind: str) -> None:
    play = stage(FINAL)
    play.server.user = {"githubLogin": "acme", "tokenInfo": {"name": "ci", kind: "acme"}}
    state = play.run_task()
    assert any("machine token" in note and kind in note for note in state.notes)


def test_progress_is_shown_seldom_and_never_twice_alike(stage: SetStage) -> None:
    steps = [NeoStep(do="tool", tool="a__b", count=100, after_s=0.5), FINAL]
    play = stage(*steps)
    play.run_task()
    assert 2 <= len(play.watcher.states) <= 6
    assert all(state.status is TaskStatus.RUNNING for state in play.watcher.states)
    shown = [(state.todos, state.text, tuple(state.tools)) for state in play.watcher.states]
    assert all(one != other for one, other in itertools.pairwise(shown))
