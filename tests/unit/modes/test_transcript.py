"""A transcript gives the same reply back, holds no secret, and is hostile when it is read."""

from __future__ import annotations

import pytest
from tests.unit.modes.conftest import Stage

from upshot.errors import InputError
from upshot.model import (
    Answer,
    BackendName,
    Facts,
    NoAnswer,
    ReasonCode,
    Reply,
    TaskState,
    TaskStatus,
)
from upshot.modes.shared.asking import build_question
from upshot.modes.shared.gather import Case
from upshot.modes.shared.transcript import record, replayed
from upshot.secret import Secret

REPLIES: list[Reply] = [
    Answer(BackendName.COPILOT, "Because.", conversation_id="c-1"),
    NoAnswer(BackendName.COPILOT, ReasonCode.AI_USAGE_LIMIT, why="limit"),
    TaskState(TaskStatus.FINISHED, "t-1", text="Done."),
]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_a_recorded_reply_is_played_back_as_it_was(stage: Stage, reply: Reply) -> None:
    job = stage.job()
    path = str(stage.folder / "transcript.jsonl")
    record(path, build_question(stage.inputs(), Case(Facts()), None, job), reply, job)
    assert replayed(path) == reply


def test_t09_a_transcript_holds_no_secret(stage: Stage) -> None:
    job = stage.job()
    secret = Secret("correct-horse-battery")
    job.redactor.add(secret)
    path = stage.folder / "transcript.jsonl"
    question = build_question(
        stage.inputs(mode="ask", prompt=f"is {secret.reveal()} safe?"), Case(Facts()), None, job
    )
    record(str(path), question, Answer(BackendName.COPILOT, secret.reveal()), job)
    assert secret.reveal() not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"asked":{},"reply":{"type":"Other"}}'])
def test_what_is_no_transcript_is_an_input_problem(stage: Stage, text: str) -> None:
    path = stage.folder / stage.write("replay.jsonl", text)
    with pytest.raises(InputError, match="replay-file"):
        replayed(str(path))


def test_a_transcript_that_cannot_be_written_is_a_warning(stage: Stage) -> None:
    job = stage.job()
    question = build_question(stage.inputs(), Case(Facts()), None, job)
    record(str(stage.folder / "no" / "such" / "folder"), question, REPLIES[0], job)
    assert "'transcript-file' was not written" in job.warnings.notices[0]
