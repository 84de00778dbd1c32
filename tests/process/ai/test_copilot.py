"""Copilot over the wire: bodies exactly as documented, and every odd reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from upshot_sandbox.scenario import CopilotPlan, ReplyPlan

if TYPE_CHECKING:
    from tests.process.conftest import Start

ASKING = "POST /api/ai/chat/preview"
ANSWER = CopilotPlan(replies=(ReplyPlan(text="An answer."),))


def test_a_conversation_starts_with_exactly_the_documented_body(start: Start) -> None:
    result = start("failed-update", copilot=ANSWER).run()
    (asked,) = [r for r in result.requests if r.line == ASKING]
    body: dict[str, Any] = asked.json
    assert set(body) == {"query", "state"}
    assert body["state"] == {
        "client": {
            "cloudContext": {
                "orgId": "acme",
                "url": "https://app.pulumi.com/acme/shop/prod/updates/41",
            }
        }
    }
    assert asked.headers["authorization"].startswith("token pul-")
    assert asked.headers["content-type"] == "application/json"


def test_a_conversation_goes_on_with_its_id_and_nothing_else(start: Start) -> None:
    copilot = CopilotPlan(knows=("c0ffee00-0000-4000-8000-000000000001",), replies=ANSWER.replies)
    conversation = copilot.knows[0]
    result = start("failed-update", copilot=copilot).run(
        inputs={"mode": "ask", "prompt": "Why?", "conversation-id": conversation}
    )
    (asked,) = [r for r in result.requests if r.line == ASKING]
    assert set(asked.json) == {"query", "state", "conversationId"}
    assert asked.json["conversationId"] == conversation
    assert result.outputs["conversation-id"] == conversation


def test_a_conversation_that_is_gone_starts_anew_and_says_so(start: Start) -> None:
    result = start("failed-update", copilot=ANSWER).run(
        inputs={"mode": "ask", "prompt": "Why?", "conversation-id": "gone-0001"}
    )
    asked = [r.json for r in result.requests if r.line == ASKING]
    assert ["conversationId" in body for body in asked] == [True, False]
    assert result.outputs["backend-used"] == "copilot"
    assert result.outputs["conversation-id"] not in {"", "gone-0001"}
    assert "conversation is gone; a new one was started" in result.comments[0]


def test_the_current_dialect_asks_by_skill(start: Start) -> None:
    result = start("failed-update", copilot=ANSWER).run(inputs={"api-dialect": "current"})
    (asked,) = [r for r in result.requests if r.line == ASKING]
    call = asked.json["directSkillCall"]
    assert call["skill"] == "summarizeUpdate"
    assert "iam:CreateRole" in call["params"]["pulumiUpdateOutput"]
    assert result.outputs["answer"]


def test_where_chat_is_not_answered_the_skill_is(start: Start) -> None:
    copilot = CopilotPlan(speaks=("skill",), replies=ANSWER.replies)
    result = start("failed-update", copilot=copilot).run()
    assert result.outputs["backend-used"] == "copilot"
    assert result.outputs["answer"] == "An answer."
    assert result.warnings == []


def test_a_preview_is_explained_by_its_own_skill(start: Start) -> None:
    result = start("replaces-database", copilot=ANSWER).run(inputs={"api-dialect": "current"})
    (asked,) = [r for r in result.requests if r.line == ASKING]
    assert asked.json["directSkillCall"]["skill"] == "explainPreview"


def test_a_program_is_shown_as_code_with_its_plan(start: Start) -> None:
    program = {
        "code": "new aws.s3.Bucket('b');",
        "language": "typescript",
        "instructions": "Run it.",
    }
    job = start("failed-update", copilot=CopilotPlan(replies=(ReplyPlan(program=program),)))
    comment = job.run().comments[0]
    assert "```typescript" in comment
    assert "new aws.s3.Bucket" in comment
    assert "Run it." in comment


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (ReplyPlan(status=204), "ai-declined"),
        (ReplyPlan(error="model overloaded"), "ai-unavailable"),
        (ReplyPlan(status=401, body='{"code":401,"message":"Unauthorized"}'), "ai-token"),
        (ReplyPlan(status=403, body="Neo is disabled"), "ai-forbidden"),
        (ReplyPlan(status=404, body='{"code":404,"message":"Not Found"}'), "ai-not-found"),
        (ReplyPlan(body="<html>gateway</html>", content_type="text/html"), "ai-bad-reply"),
        (ReplyPlan(silent=True), "ai-bad-reply"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_odd_reply_leaves_the_local_diagnosis(
    start: Start, reply: ReplyPlan, reason: str
) -> None:
    result = start("failed-update", copilot=CopilotPlan(replies=(reply,))).run()
    assert result.exit_code == 0
    assert result.outputs["backend-used"] == "local"
    assert result.outputs["reason-code"] == reason
    assert "iam:CreateRole" in result.comments[0]


def test_a_rate_limit_is_waited_for(start: Start) -> None:
    slow_down = ReplyPlan(status=429, body="slow down", headers={"Retry-After": "1"})
    copilot = CopilotPlan(replies=(slow_down, ReplyPlan(text="Now.")))
    result = start("failed-update", copilot=copilot).run()
    assert result.outputs["answer"] == "Now."
    assert result.lines.count(ASKING) == 2


def test_t50_the_evidence_that_is_sent_holds_no_secret(start: Start) -> None:
    job = start("failed-update", copilot=ANSWER)
    result = job.run(inputs={"mask-patterns": "shop-api-[a-z]+"})
    (asked,) = [r for r in result.requests if r.line == ASKING]
    assert b"shop-api-task" not in asked.body
    assert b"CreateRole" in asked.body


def test_a_self_hosted_cloud_is_refused_with_a_reason(start: Start) -> None:
    result = start("failed-update", copilot=ANSWER).run(
        inputs={"console-url": "https://pulumi.acme.example", "backend": "copilot"}
    )
    assert result.outputs["reason-code"] == "ai-self-hosted"
    assert ASKING not in result.lines


def test_strict_makes_an_ai_that_failed_count(start: Start) -> None:
    result = start("copilot-limit").run(inputs={"strict": "true"})
    assert result.exit_code == 1
    assert len(result.comments) == 1
