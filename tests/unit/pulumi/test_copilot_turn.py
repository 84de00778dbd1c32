"""What counts as Copilot's answer, in every shape that a reply has been seen in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from upshot.errors import ServiceBadReply, ServiceUnavailable
from upshot.http.calls import Response
from upshot.http.faults import Where
from upshot.model import Program
from upshot.pulumi.copilot import CopilotTurn, parse_turn
from upshot.pulumi.service import pulumi_cloud

WHERE = Where(pulumi_cloud(), "POST", "/api/ai/chat/preview")


def turn(body: object, *, status: int = 200) -> CopilotTurn:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_turn(Response(status, {}, raw, WHERE, tries=2))


def said(kind: str, content: object, *, role: str = "assistant") -> dict[str, Any]:
    return {"role": role, "kind": kind, "content": content}


def test_the_documented_reply_gives_its_response_and_its_conversation() -> None:
    reply = turn(
        {
            "conversationId": "522e0fdb",
            "messages": [
                said("response", "Analyze this update.", role="user"),
                said("trace", "Conversation with user 'john'"),
                said("status", "Executing Pulumi Cloud skill"),
                said("response", "The update failed because …"),
            ],
        }
    )
    assert reply == CopilotTurn("The update failed because …", (), "522e0fdb", tries=2)


def test_only_what_follows_the_last_question_is_the_answer() -> None:
    reply = turn(
        {
            "messages": [
                said("response", "first question", role="user"),
                said("response", "old answer"),
                said("response", "second question", role="user"),
                said("status", "thinking"),
                said("response", "new answer"),
            ]
        }
    )
    assert reply.text == "new answer"


def test_a_reply_without_our_question_is_an_answer_as_a_whole() -> None:
    assert turn({"messages": [said("response", "yes")]}).text == "yes"


def test_several_responses_are_joined_and_repeated_ones_folded() -> None:
    messages = [said("response", "a"), said("response", "b"), said("response", "a")]
    assert turn({"messages": messages}).text == "a\n\nb"


def test_a_program_comes_with_language_and_plan() -> None:
    content = {
        "code": "new aws.s3.Bucket()",
        "language": "typescript",
        "programId": "pn7Gfod",
        "plan": {"instructions": "1. Install", "searchTerms": ["s3"]},
    }
    reply = turn({"messages": [said("program", content)]})
    assert reply.text == ""
    assert reply.programs == (Program("new aws.s3.Bucket()", "typescript", "1. Install"),)


@pytest.mark.parametrize(
    ("kind", "content", "program"),
    [
        ("program", "print(1)", Program("print(1)")),
        ("program", {"code": "x", "plan": None, "language": None}, Program("x")),
        ("program", {"code": "x", "plan": ["?"]}, Program("x")),
        ("improvedProgram", {"code": "y"}, Program("y")),
    ],
)
def test_odd_programs_are_still_programs(kind: str, content: object, program: Program) -> None:
    assert turn({"messages": [said(kind, content)]}).programs == (program,)


def test_content_that_is_no_text_is_shown_as_json() -> None:
    assert turn({"messages": [said("response", {"a": [1]})]}).text == '{"a":[1]}'


def test_unknown_kinds_roles_and_fields_are_passed_over() -> None:
    reply = turn(
        {
            "messages": [
                said("hologram", "?"),
                said("response", "from the system", role="system"),
                {"role": 7, "kind": None, "content": [], "more": True},
                said("response", "answer"),
            ],
            "novelty": {"x": 1},
            "conversationId": None,
            "error": None,
        }
    )
    assert (reply.text, reply.conversation_id) == ("answer", "")


def test_204_means_that_it_chose_not_to_answer() -> None:
    assert turn(b"", status=204) == CopilotTurn(tries=2, declined=True)


def test_an_error_in_a_200_is_a_failure_of_the_service() -> None:
    with pytest.raises(ServiceUnavailable, match="of its own: model overloaded"):
        turn({"messages": [said("response", "half")], "error": "model\noverloaded", "details": "x"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None},
        {"messages": []},
        {"messages": [said("status", "Executing"), said("trace", "t")]},
        {"messages": [said("response", "   ")]},
        {"messages": [said("response", "answer"), said("response", "question", role="user")]},
    ],
)
def test_a_reply_without_an_assistant_message_is_a_bad_reply(body: object) -> None:
    with pytest.raises(ServiceBadReply, match="holds no answer of the assistant"):
        turn(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"Usage limit", b'{"messages": ', b"[1]", b"7"])
def test_what_is_no_reply_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(ServiceBadReply):
        turn(body)


@pytest.mark.parametrize("odd", ["a b", "../../x", "c-1\nverdict=succeeded", "x" * 200, 5, ["c"]])
def test_t20_a_conversation_whose_id_is_none_is_not_kept(odd: object) -> None:
    reply = turn({"conversationId": odd, "messages": [said("response", "yes")]})
    assert (reply.text, reply.conversation_id) == ("yes", "")
