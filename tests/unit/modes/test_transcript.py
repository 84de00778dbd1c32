"""A transcript gives the same reply back, holds no secret, and is hostile when it is read."""

from __future__ import annotations

import pytest
from tests.stage import Stage

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
from upshot.modes.asking.ask_backend import build_question
from upshot.modes.asking.transcript import record, replayed
from upshot.modes.shared.gather import Case
from upshot.secret import Secret

REPLIES: list[Reply] = [
    Answer(BackendName.COPILOT, "Because.", conversation_id="c-1"),
    NoAnswer(BackendName.COPILOT, ReasonCode.AI_USAGE_LIMIT, why="limit"),
    TaskState(TaskStatus.FINISHED, "t-1", text="Done."),
]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_a_recorded_reply_is_played_back_as_it_was(stage: Stage, reply: Reply) -> None:
    job = stage.job(transcript_file="transcript.jsonl")
    record(job, build_question(job, Case(Facts()), None), reply)
    assert replayed(str(stage.folder / "transcript.jsonl")) == reply


def test_t09_a_transcript_holds_no_secret(stage: Stage) -> None:
    secret = Secret("correct-horse-battery")
    prompt = f"is {secret.reveal()} safe?"
    job = stage.job(mode="ask", prompt=prompt, transcript_file="transcript.jsonl")
    job.redactor.add(secret)
    question = build_question(job, Case(Facts()), None)
    record(job, question, Answer(BackendName.COPILOT, secret.reveal()))
    path = stage.folder / "transcript.jsonl"
    assert secret.reveal() not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"asked":{},"reply":{"type":"Other"}}'])
def test_what_is_no_transcript_is_an_input_problem(stage: Stage, text: str) -> None:
    path = stage.folder / stage.write("replay.jsonl", text)
    with pytest.raises(InputError, match="replay-file"):
        replayed(str(path))


def test_a_transcript_that_cannot_be_written_is_a_warning(stage: Stage) -> None:
    job = stage.job(transcript_file=f"{stage.write('file', 'no folder')}/t.jsonl")
    record(job, build_question(job, Case(Facts()), None), REPLIES[0])
    assert "'transcript-file' was not written" in job.warnings.notices[0]
