"""Copilot as the sandbox plays it: strict on what is sent, odd in its replies when told so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from upshot_sandbox.scenario import CopilotPlan, ReplyPlan

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve

PATH = "/api/ai/chat/preview"
CONSOLE = "https://app.pulumi.com"


def chat(query: str, **more: Any) -> dict[str, Any]:
    context = {"orgId": "acme", "url": f"{CONSOLE}/acme/shop/prod/updates/41"}
    return {"query": query, "state": {"client": {"cloudContext": context}}, **more}


def skill(name: str, **params: Any) -> dict[str, Any]:
    return chat("", directSkillCall={"skill": name, "params": params})


def test_starts_and_continues_a_conversation(serve: Serve) -> None:
    to = serve(copilot=CopilotPlan(replies=(ReplyPlan(text="First."), ReplyPlan(text="Second."))))
    first = to.cloud.post(PATH, json=chat("Why?")).json()
    assert [m["kind"] for m in first["messages"]] == ["response", "trace", "status", "response"]
    assert first["messages"][-1]["content"] == "First."
    again = chat("And?", conversationId=first["conversationId"])
    second = to.cloud.post(PATH, json=again).json()
    assert second["conversationId"] == first["conversationId"]
    assert second["messages"][-1]["content"] == "Second."
    assert to.violations == []


def test_a_conversation_that_is_gone_is_not_found(serve: Serve) -> None:
    to = serve(copilot=CopilotPlan(knows=("old",), replies=(ReplyPlan(text="Yes."),)))
    assert to.cloud.post(PATH, json=chat("?", conversationId="old")).status_code == 200
    assert to.cloud.post(PATH, json=chat("?", conversationId="gone")).status_code == 404


def test_a_skill_call_has_no_conversation(serve: Serve) -> None:
    to = serve(copilot=CopilotPlan(replies=(ReplyPlan(text="Short."),)))
    reply = to.cloud.post(PATH, json=skill("summarizeUpdate", pulumiUpdateOutput="error: x"))
    assert reply.json() == {
        "messages": [{"role": "assistant", "kind": "response", "content": "Short."}],
        "error": "",
        "details": "",
    }


def test_skill_parameters_may_be_flat(serve: Serve) -> None:
    to = serve(copilot=CopilotPlan(replies=(ReplyPlan(text="Short."),)))
    call = {"skill": "summarizeUpdate", "pulumiUpdateOutput": "error: x"}
    assert to.cloud.post(PATH, json=chat("", directSkillCall=call)).status_code == 200


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (chat("   "), "query must not be empty"),
        (chat("?", conversationId=""), "conversationId must not be empty"),
        ({"query": "?"}, "state"),
        (
            {
                "query": "?",
                "state": {"client": {"cloudContext": {"orgId": "acme", "url": "http://x"}}},
            },
            "must start with",
        ),
        (skill("summarizeUpdate"), "pulumiUpdateOutput is required"),
        (skill("summarizeUpdate", pulumiUpdateOutput="é" * 2001), "longer than 4000 bytes"),
        (skill("summarizeUpdate", pulumiUpdateOutput="x", maxLen=9), "maxLen"),
        (skill("summarizeUpdate", pulumiUpdateOutput="x", model="gpt-9"), "unknown model"),
        (skill("explainPreview", pulumiPreviewOutput="x"), "previewDetails.kind"),
        (skill("sing"), "unknown skill"),
    ],
)
def test_a_wrong_body_is_refused_and_noted(
    serve: Serve, body: dict[str, Any], problem: str
) -> None:
    to = serve()
    reply = to.cloud.post(PATH, json=body)
    assert reply.status_code == 400
    assert problem in reply.json()["message"]
    assert len(to.violations) == 1
    assert to.world.cloud.asked == 0


def test_a_field_that_the_wire_does_not_have_is_noted(serve: Serve) -> None:
    to = serve()
    to.cloud.post(PATH, json=chat("?", temperature=1))
    assert to.violations == [f"POST {PATH}: body: unknown field temperature"]


def test_another_organization_is_forbidden(serve: Serve) -> None:
    body = chat("?")
    body["state"]["client"]["cloudContext"]["orgId"] = "other"
    assert serve().cloud.post(PATH, json=body).status_code == 403


@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        (ReplyPlan(status=204), 204, ""),
        (ReplyPlan(status=402, body="Usage limit reached"), 402, "Usage limit reached"),
        (ReplyPlan(status=500), 500, ""),
        (ReplyPlan(body="<html>", content_type="text/html"), 200, "<html>"),
    ],
)
def test_sends_a_scripted_reply_as_it_is(
    serve: Serve, reply: ReplyPlan, status: int, text: str
) -> None:
    answer = serve(copilot=CopilotPlan(replies=(reply,))).cloud.post(PATH, json=chat("?"))
    assert (answer.status_code, answer.text) == (status, text)


def test_fails_in_a_reply_of_status_200(serve: Serve) -> None:
    to = serve(copilot=CopilotPlan(replies=(ReplyPlan(error="boom", details="twice"),)))
    assert to.cloud.post(PATH, json=chat("?")).json()["error"] == "boom"


def test_may_have_no_answer_or_a_program(serve: Serve) -> None:
    program = {"code": "let x = 1", "language": "typescript", "instructions": "Run it."}
    replies = (ReplyPlan(silent=True, text="never said"), ReplyPlan(program=program))
    to = serve(copilot=CopilotPlan(replies=replies))
    kinds = [m["kind"] for m in to.cloud.post(PATH, json=chat("?")).json()["messages"]]
    assert kinds == ["response", "trace", "status"]
    said = to.cloud.post(PATH, json=chat("?")).json()["messages"][-1]
    assert said["kind"] == "program"
    assert said["content"]["plan"]["instructions"] == "Run it."


def test_chooses_a_reply_by_what_was_asked(serve: Serve) -> None:
    replies = (ReplyPlan(text="usual"), ReplyPlan(when="suffix", text="about the suffix"))
    to = serve(copilot=CopilotPlan(replies=replies))
    said = to.cloud.post(PATH, json=chat("Does the suffix change?")).json()["messages"]
    assert said[-1]["content"] == "about the suffix"


def test_speaks_only_what_the_scenario_says(serve: Serve) -> None:
    to = serve(copilot=CopilotPlan(speaks=("skill",), replies=(ReplyPlan(text="Short."),)))
    assert to.cloud.post(PATH, json=chat("?")).status_code == 400
    assert to.cloud.post(PATH, json=skill("summarizeUpdate", pulumiUpdateOutput="x")).is_success
