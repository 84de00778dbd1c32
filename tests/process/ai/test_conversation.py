"""A conversation goes on from run to run, as docs/ask.md says; and nobody's silence is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from upshot_sandbox.scenario import CopilotPlan, ReplyPlan, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Start

    from upshot_sandbox.runner import RunResult

ASKING = "POST /api/ai/chat/preview"
ANSWER = CopilotPlan(replies=(ReplyPlan(text="An answer."),))
ASK = {"mode": "ask", "prompt": "Why?"}


def continued(result: RunResult) -> list[bool]:
    """Of each request to Copilot, whether it continued a conversation."""
    return ["conversationId" in r.json for r in result.requests if r.line == ASKING]


def test_explain_starts_anew_each_time_unless_it_is_asked_to_go_on(start: Start) -> None:
    job = start("failed-update", copilot=ANSWER)
    assert [continued(job.run()), continued(job.run())] == [[False], [False]]
    assert continued(job.run(inputs={"conversation": "continue"})) == [True]


def test_ask_goes_on_unless_it_is_asked_to_start_anew(start: Start) -> None:
    job = start("failed-update", copilot=ANSWER)
    job.run()
    assert continued(job.run(inputs=ASK)) == [True]
    assert continued(job.run(inputs={**ASK, "conversation": "new"})) == [False]


def test_a_kept_conversation_that_is_gone_is_replaced_and_the_report_says_so(start: Start) -> None:
    job = start("failed-update", copilot=ANSWER)
    job.run()
    job.world.cloud.conversations.clear()
    result = job.run(inputs=ASK)
    assert continued(result) == [True, False]
    assert result.outputs["conversation-id"]
    assert "conversation is gone; a new one was started" in result.comments[0]
    assert result.warnings == []


def test_a_question_without_a_token_is_reported_not_passed_over(start: Start) -> None:
    cloud = replace(load_scenario("failed-update").cloud, token="none")
    inputs = {**ASK, "log-file": "pulumi.log", "pulumi-access-token": ""}
    result = start("failed-update", cloud=cloud).run(inputs=inputs)
    assert (result.exit_code, result.outputs["reason-code"]) == (0, "ai-token")
    assert "no Pulumi access token" in result.comments[0]
    assert "iam:CreateRole" in result.comments[0]


def test_a_prompt_of_the_platforms_greatest_size_is_taken_and_its_cut_reported(
    start: Start,
) -> None:
    prompt = "why? " + "word " * 26_000
    job = start("failed-update", copilot=ANSWER)
    inputs = {"mode": "ask", "prompt-file": "prompt.md"}
    result = job.run(inputs=inputs, files={"prompt.md": prompt.encode()})
    assert result.outputs["answer"] == "An answer."
    assert "first 16,000 bytes of the prompt" in result.comments[0]
    too_long = job.run(inputs=inputs, files={"prompt.md": b"x" * 131_073})
    assert (too_long.exit_code, len(too_long.errors)) == (1, 1)
