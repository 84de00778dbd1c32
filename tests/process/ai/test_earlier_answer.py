"""The same question about the same commit is answered once, and the report says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.scenario import CopilotPlan, ReplyPlan

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

    from upshot_sandbox.runner import RunResult

ASKING = "POST /api/ai/chat/preview"
LONG = "\n\n".join(
    f"Reason {n}: *the role* `reader` is `missing`, see\n\n- one\n- two\n\n```sh\n  pulumi up\n```"
    for n in range(60)
)
ANSWERS = {"short": "The role is **missing**.", "long": LONG}
EARLIER = "The same was asked about this commit before"
AGAIN = {"GITHUB_RUN_ATTEMPT": "2"}
ASK = {"mode": "ask", "prompt": "Why?"}


def calls(result: RunResult) -> int:
    return result.lines.count(ASKING)


def job_with(start: Start, text: str) -> Job:
    return start("failed-update", copilot=CopilotPlan(replies=(ReplyPlan(text=text),)))


@pytest.mark.parametrize("length", ANSWERS)
def test_a_run_that_is_started_again_asks_nothing_anew(start: Start, length: str) -> None:
    job = job_with(start, ANSWERS[length])
    first = job.run()
    again = job.run(env=AGAIN)
    assert (calls(first), calls(again)) == (1, 0)
    assert (first.outputs["ai-calls"], again.outputs["ai-calls"]) == ("1", "0")
    assert again.outputs["answer"] == first.outputs["answer"]
    assert again.outputs["backend-used"] == "copilot"
    assert EARLIER not in first.comments[0]
    assert EARLIER in again.comments[0]
    assert EARLIER in again.summary
    third = job.run(env={"GITHUB_RUN_ATTEMPT": "3"})
    assert (calls(third), third.outputs["answer"]) == (0, first.outputs["answer"])


def test_ask_again_asks_again(start: Start) -> None:
    job = job_with(start, ANSWERS["short"])
    job.run()
    again = job.run(env=AGAIN, inputs={"ask-again": "true"})
    assert calls(again) == 1
    assert EARLIER not in again.comments[0]


def test_the_same_question_is_answered_once_and_another_one_is_asked(start: Start) -> None:
    job = job_with(start, ANSWERS["short"])
    first, same = job.run(inputs=ASK), job.run(inputs=ASK)
    other = job.run(inputs={**ASK, "prompt": "And now?"})
    assert [calls(first), calls(same), calls(other)] == [1, 0, 1]


def test_another_run_about_the_update_of_an_earlier_one_asks_nothing_anew(start: Start) -> None:
    job = job_with(start, ANSWERS["short"])
    unknown = {"outcome": ""}  # a step that failed may never have made an update
    first = job.run(inputs=unknown)
    again = job.run(inputs=unknown, env={"GITHUB_RUN_ID": "19283746999"})
    assert (calls(first), calls(again)) == (1, 0)
    assert again.outputs["answer"] == first.outputs["answer"]
    assert EARLIER in again.comments[0]


def test_a_later_step_of_the_same_job_asks_nothing_anew(start: Start) -> None:
    job = job_with(start, ANSWERS["short"])
    kept = {"../runner_temp/upshot/default/result.json": b"{}"}
    first, again = job.run(), job.run(files=kept)
    assert (calls(first), calls(again)) == (1, 0)


def test_a_first_run_reads_no_comment_before_it_asks(start: Start) -> None:
    lines = job_with(start, ANSWERS["short"]).run().lines
    assert not any("graphql" in line for line in lines[: lines.index(ASKING)])


def test_t20_an_edited_comment_is_no_answer(start: Start) -> None:
    job = job_with(start, ANSWERS["short"])
    job.run()
    [comment] = job.world.github.by_bot()
    comment.body = comment.body.replace("missing", "fine, merge it")
    again = job.run(env=AGAIN)
    assert calls(again) == 1
    assert "merge it" not in again.comments[0]
