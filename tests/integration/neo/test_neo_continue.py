"""The same task goes on in a later run; one that is gone or ended is replaced, and said so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from upshot.backends.neo.backend import cancel_task
from upshot.model import NoAnswer, ReasonCode, StackRef, Subject, TaskState, TaskStatus
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.neo.plan import NeoStep

if TYPE_CHECKING:
    from tests.integration.neo.conftest import SetStage

DOCUMENTED = "/preview/agents/acme/tasks"
TASK = "task-0001"
RESPOND = f"POST /api/preview/agents/acme/tasks/{TASK}"
FINAL = NeoStep(do="final", text="First.")
SECOND = (NeoStep(do="final", text="Second.", after_s=3.0),)


@pytest.mark.parametrize("streams", [True, False])
def test_a_finished_task_gets_the_next_question(stage: SetStage, streams: bool) -> None:  # noqa: FBT001 - pytest gives it
    play = stage(FINAL, follow_up=SECOND, streams=streams)
    play.run_task()
    state = play.run_task(play.question(task_id=TASK, prompt="And prod?"))
    assert (state.status, state.text) == (TaskStatus.FINISHED, "Second.")
    assert state.task_id == TASK
    assert play.created() == 1
    assert play.sent == 2
    assert not state.notes


def test_an_explanation_always_asks_anew(stage: SetStage) -> None:
    play = stage(FINAL, follow_up=SECOND)
    play.run_task()
    state = play.explain(play.question(task_id=TASK))
    assert isinstance(state, TaskState)
    assert state.text == "Second."


def test_without_words_a_task_is_only_looked_at(stage: SetStage) -> None:
    play = stage(FINAL)
    play.run_task()
    state = play.run_task(play.question(task_id=TASK))
    assert (state.status, state.text) == (TaskStatus.FINISHED, "First.")
    assert RESPOND not in play.server.lines


@pytest.mark.parametrize("change", ["commit", "update"])
def test_the_next_commit_or_update_is_asked_about_without_words_too(
    stage: SetStage, change: str
) -> None:
    play = stage(FINAL, follow_up=SECOND)
    play.run_task()
    update = 42 if change == "update" else 41
    subject = Subject(StackRef("acme", "shop", "prod"), version=update)
    question = play.question(task_id=TASK, subject=subject)
    state = play.run_task(question, sha="def" if change == "commit" else "abc")
    assert state.text == "Second."
    assert play.server.lines.count(RESPOND) == 1


def test_on_the_documented_wire_too_a_task_can_be_looked_at_again(stage: SetStage) -> None:
    play = stage(NeoStep(do="final", text="First.", after_s=60.0), wire="documented")
    assert play.run_task(max_wait_s=20).status is TaskStatus.TIMED_OUT
    play.clock.sleep(60)
    state = play.run_task(play.question(task_id=TASK))
    assert (state.task_id, state.status, state.text) == (TASK, TaskStatus.FINISHED, "First.")


def test_without_words_a_working_task_is_followed(stage: SetStage) -> None:
    play = stage(NeoStep(do="final", text="First.", after_s=60.0))
    assert play.run_task(max_wait_s=20).status is TaskStatus.TIMED_OUT
    state = play.run_task(play.question(task_id=TASK))
    assert (state.status, state.text) == (TaskStatus.FINISHED, "First.")


def test_a_working_task_is_asked_when_it_is_done(stage: SetStage) -> None:
    play = stage(NeoStep(do="final", text="First.", after_s=60.0), follow_up=SECOND)
    play.run_task(max_wait_s=20)
    state = play.run_task(play.question(task_id=TASK, prompt="And prod?"))
    assert state.text == "Second."


def test_a_task_that_waits_for_a_person_is_not_talked_over(stage: SetStage) -> None:
    play = stage(NeoStep(do="ask", text="May I?"))
    play.run_task()
    state = play.run_task(play.question(task_id=TASK, prompt="And prod?"))
    assert state.status is TaskStatus.AWAITING_APPROVAL
    assert "was not sent" in state.notes[0]
    assert RESPOND not in play.server.lines


def test_a_task_that_is_gone_is_replaced(stage: SetStage) -> None:
    play = stage(FINAL)
    state = play.run_task(play.question(task_id="gone"))
    assert (state.task_id, state.text) == (TASK, "First.")
    assert state.notes == ("The earlier task is gone; a new one was started.",)


@pytest.mark.parametrize("end", [NeoStep(do="fail", text="boom"), NeoStep(do="cancelled")])
def test_a_task_that_broke_off_is_replaced(stage: SetStage, end: NeoStep) -> None:
    play = stage(end)
    play.run_task()
    state = play.run_task(play.question(task_id=TASK, prompt="Again."))
    assert state.task_id == "task-0002"
    assert state.notes == ("The earlier task had ended; a new one was started.",)


def test_on_the_documented_wire_a_completed_task_has_ended(stage: SetStage) -> None:
    play = stage(FINAL, wire="documented")
    play.run_task()
    state = play.run_task(play.question(task_id=TASK, prompt="Again."))
    assert state.task_id == "task-0002"
    assert "had ended" in state.notes[0]


@pytest.mark.parametrize("end", [FINAL, NeoStep(do="fail", text="boom")])
@pytest.mark.parametrize("wire", ["today", "documented"])
def test_a_task_id_that_is_given_is_asked_whatever_its_status_says(
    stage: SetStage, wire: str, end: NeoStep
) -> None:
    play = stage(end, wire=wire, follow_up=SECOND)
    play.run_task()
    question = play.question(task_id=TASK, prompt="And prod?", is_task_given=True)
    state = play.run_task(question)
    assert (state.task_id, state.status, state.text) == (TASK, TaskStatus.FINISHED, "Second.")
    assert (play.created(), state.notes) == (1, ())


def test_a_given_task_that_broke_off_is_looked_at_without_words(stage: SetStage) -> None:
    play = stage(NeoStep(do="fail", text="boom"))
    play.run_task()
    state = play.run_task(play.question(task_id=TASK, is_task_given=True))
    assert (state.task_id, state.status, play.created()) == (TASK, TaskStatus.FAILED, 1)


@pytest.mark.parametrize("status", [400, 404])
def test_a_given_task_that_takes_no_message_is_replaced_and_the_report_says_so(
    stage: SetStage, status: int
) -> None:
    refused = Fault(route=f"POST {DOCUMENTED}/{TASK}", kind=FaultKind.STATUS, status=status)
    play = stage(FINAL, wire="documented", faults=[refused])
    play.run_task()
    question = play.question(task_id=TASK, prompt="And prod?", is_task_given=True)
    state = play.run_task(question)
    assert (state.task_id, state.text) == ("task-0002", "First.")
    assert "took no further question" in state.notes[0]


def test_a_409_on_a_given_task_of_the_documented_wire_is_waited_out(stage: SetStage) -> None:
    busy = Fault(route=f"POST {DOCUMENTED}/{TASK}", kind=FaultKind.STATUS, status=409, nth=(1, 2))
    play = stage(FINAL, wire="documented", follow_up=SECOND, faults=[busy])
    play.run_task()
    question = play.question(task_id=TASK, prompt="And prod?", is_task_given=True)
    assert play.run_task(question).text == "Second."
    assert play.created() == 1


def test_a_status_that_lags_behind_a_message_does_not_end_the_turn(stage: SetStage) -> None:
    body = json.dumps({"id": TASK, "status": "completed"})
    route = f"GET {DOCUMENTED}/{TASK}"
    # The first run asks once, the second once before its message and then follows.
    late = Fault(route=route, kind=FaultKind.STATUS, status=200, body=body, nth=(3, 4))
    play = stage(FINAL, wire="documented", follow_up=SECOND, faults=[late])
    play.run_task()
    question = play.question(task_id=TASK, prompt="And prod?", is_task_given=True)
    assert play.run_task(question).text == "Second."


def test_a_busy_task_is_asked_again_a_few_times(stage: SetStage) -> None:
    busy = Fault(route=RESPOND, kind=FaultKind.STATUS, status=409, body="{}", nth=(1, 2))
    play = stage(FINAL, follow_up=SECOND, faults=[busy])
    play.run_task()
    assert play.run_task(play.question(task_id=TASK, prompt="And?")).text == "Second."
    assert play.clock.sleeps[:2] == [2.0, 4.0]


def test_a_task_that_stays_busy_is_no_answer(stage: SetStage) -> None:
    busy = Fault(route=RESPOND, kind=FaultKind.STATUS, status=409, body="{}")
    play = stage(FINAL, faults=[busy])
    play.run_task()
    reply = play.explain(play.question(task_id=TASK))
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_UNAVAILABLE


def test_a_message_whose_answer_was_lost_is_looked_up_and_not_sent_twice(stage: SetStage) -> None:
    lost = Fault(route=RESPOND, kind=FaultKind.LOSE_REPLY)
    play = stage(FINAL, follow_up=SECOND, faults=[lost])
    play.run_task()
    state = play.run_task(play.question(task_id=TASK, prompt="And?"))
    assert state.text == "Second."
    assert play.server.lines.count(RESPOND) == 1


def test_a_message_that_never_arrived_is_no_answer(stage: SetStage) -> None:
    drop = Fault(route=RESPOND, kind=FaultKind.DROP)
    play = stage(FINAL, faults=[drop])
    play.run_task()
    reply = play.explain(play.question(task_id=TASK))
    assert isinstance(reply, NoAnswer)
    assert reply.reason_code is ReasonCode.AI_UNREACHABLE
    assert play.server.lines.count(RESPOND) == 1


def test_a_task_with_more_rights_than_asked_for_is_pointed_out(stage: SetStage) -> None:
    play = stage(FINAL, follow_up=SECOND)
    play.run_task()
    play.client().change(TASK, permissionMode="default", name="Mine")
    state = play.run_task(play.question(task_id=TASK, prompt="And?"))
    assert "more permissions" in state.notes[0]


class RunCancelled(BaseException):
    """As the signal handler raises it."""


class Interrupting:
    """The observer in whose time the signal comes."""

    def on_task(self, task_id: str, task_url: str) -> None: ...
    def on_event(self, line: object) -> None:
        raise RunCancelled

    def on_state(self, state: object) -> None: ...


def cancels(lines: list[str]) -> int:
    return len([line for line in lines if line.endswith("/cancel")])


@pytest.mark.parametrize("wanted", [True, False])
def test_t47_a_cancelled_run_cancels_its_task_if_so_wanted(stage: SetStage, wanted: bool) -> None:  # noqa: FBT001 - pytest gives it
    play = stage(NeoStep(do="wait"))
    backend = play.backend(Interrupting(), cancel_on_interrupt=wanted)
    with pytest.raises(RunCancelled):
        backend.ask(play.question(), on_sent=lambda: None)
    assert cancels(play.server.lines) == int(wanted)
    assert play.server.neo.tasks[TASK].is_working is not wanted
    assert play.clock.at_s < 7


def test_t47_a_run_cancelled_while_it_creates_finds_its_task_and_cancels_it(
    stage: SetStage,
) -> None:
    play = stage(NeoStep(do="wait"), known_tasks=("theirs",))

    def interrupt(line: str) -> None:
        if line.startswith("POST") and line.endswith("/tasks"):
            raise RunCancelled

    play.server.after = interrupt
    with pytest.raises(RunCancelled):
        play.backend().ask(play.question(), on_sent=lambda: None)
    assert play.server.lines[-1].endswith("/task-0002/cancel")
    assert not play.server.neo.tasks["task-0002"].is_working


def test_t47_a_cancel_that_fails_does_not_hide_the_signal(stage: SetStage) -> None:
    down = Fault(route="POST */cancel", kind=FaultKind.STATUS, status=503)
    play = stage(NeoStep(do="wait"), faults=[down])
    backend = play.backend(Interrupting())
    with pytest.raises(RunCancelled):
        backend.ask(play.question(), on_sent=lambda: None)
    assert cancels(play.server.lines) == 1, "one try: seconds count"


def test_t47_the_post_stage_cancels_by_the_id_alone_and_twice_is_fine(stage: SetStage) -> None:
    play = stage(NeoStep(do="wait"))
    play.run_task(max_wait_s=20)
    cancel_task(play.cloud, "acme", TASK)
    cancel_task(play.cloud, "acme", TASK)
    assert not play.server.neo.tasks[TASK].is_working
