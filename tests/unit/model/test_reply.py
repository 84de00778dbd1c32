"""Whatever kind of reply it is, it can be asked the same questions."""

from __future__ import annotations

import msgspec
import pytest

from upshot.model import (
    Answer,
    ApprovalRequest,
    BackendName,
    NoAnswer,
    ReasonCode,
    Reply,
    TaskState,
    TaskStatus,
)

ANSWER = Answer(BackendName.COPILOT, "Because.", conversation_id="c-1")
FAILED = NoAnswer(BackendName.COPILOT, ReasonCode.AI_TOKEN, why="no token", hint="Get one.")
UNASKED = NoAnswer(BackendName.LOCAL)
TASK = TaskState(
    TaskStatus.AWAITING_ANSWER,
    "t-1",
    "https://app.pulumi.com/t-1",
    text="Found it.",
    requests=(ApprovalRequest("r-1", "question", "Where?"),),
)


def test_an_answer_explains() -> None:
    assert (ANSWER.is_answered, ANSWER.is_explanation) == (True, True)
    assert (ANSWER.backend_used, ANSWER.conversation_id) == ("copilot", "c-1")
    assert (ANSWER.reason_code, ANSWER.why, ANSWER.hint, ANSWER.anchor) == (None, "", "", "")
    assert (ANSWER.task_id, ANSWER.task_status, ANSWER.requests) == ("", TaskStatus.NONE, ())


@pytest.mark.parametrize("reply", [FAILED, UNASKED])
def test_without_an_answer_the_offline_rules_explain(reply: Reply) -> None:
    assert (reply.is_answered, reply.is_explanation) == (False, False)
    assert (reply.backend_used, reply.text, reply.conversation_id) == ("local", "", "")
    assert (reply.task_id, reply.task_status) == ("", TaskStatus.NONE)


def test_a_task_is_an_answer_beside_the_offline_rules() -> None:
    assert (TASK.is_answered, TASK.is_explanation) == (True, False)
    assert TASK.backend == "neo"
    assert (TASK.backend_used, TASK.text, TASK.conversation_id) == ("neo", "Found it.", "")
    assert (TASK.task_id, TASK.task_status) == ("t-1", TaskStatus.AWAITING_ANSWER)
    assert [request.id for request in TASK.requests] == ["r-1"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (TaskStatus.RUNNING, None),
        (TaskStatus.FINISHED, None),
        (TaskStatus.AWAITING_APPROVAL, ReasonCode.TASK_AWAITS),
        (TaskStatus.AWAITING_ANSWER, ReasonCode.TASK_AWAITS),
        (TaskStatus.FAILED, ReasonCode.AI_BAD_REPLY),
        (TaskStatus.CANCELLED, ReasonCode.AI_DECLINED),
        (TaskStatus.TIMED_OUT, ReasonCode.AI_TIMED_OUT),
    ],
)
def test_a_task_without_an_end_says_why(status: TaskStatus, reason: ReasonCode | None) -> None:
    assert TaskState(status, "t-1").reason_code is reason


def test_a_task_waits_for_a_person_or_works_or_is_over() -> None:
    waiting = {status for status in TaskStatus if status.is_waiting}
    assert waiting == {TaskStatus.AWAITING_APPROVAL, TaskStatus.AWAITING_ANSWER}
    assert {status for status in TaskStatus if status.is_open} == {*waiting, TaskStatus.RUNNING}


@pytest.mark.parametrize("reply", [ANSWER, FAILED, UNASKED, TASK])
def test_a_reply_survives_a_file(reply: Reply) -> None:
    assert msgspec.json.decode(msgspec.json.encode(reply), type=Reply) == reply
