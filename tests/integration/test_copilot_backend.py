"""Asking Copilot, whole: forms, fall-backs, follow-ups and every odd reply, over a fake wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from upshot.backends.copilot import NEW_CONVERSATION, CopilotBackend
from upshot.http.client import ServiceClient
from upshot.inputs.choices import ApiDialect
from upshot.model import (
    Answer,
    BackendName,
    NoAnswer,
    Outcome,
    Question,
    ReasonCode,
    Reply,
    StackRef,
    Subject,
    UpdateKind,
)
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline

APP = "https://app.pulumi.com"
SUBJECT = Subject(StackRef("acme", "web", "prod"), version=41, console=APP)
AUTO, DOCUMENTED, CURRENT = ApiDialect.AUTO, ApiDialect.DOCUMENTED, ApiDialect.CURRENT


class FakeClock:
    def __init__(self) -> None:
        self.at_s = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at_s

    def now(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at_s += seconds


class Evidence:
    def __init__(self, text: str) -> None:
        self.text = text

    def cut(self, budget_bytes: int) -> str:
        return self.text.encode()[:budget_bytes].decode(errors="ignore")


class Copilot:
    """Answers in turn from a script, by form of the request; keeps what it was sent."""

    def __init__(self, *, chat: Any = (), skill: Any = ()) -> None:
        self._left = {"chat": list(chat), "skill": list(skill)}
        self.chats: list[dict[str, Any]] = []
        self.skills: list[dict[str, Any]] = []
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/api/ai/chat/preview")
        body = json.loads(request.content)
        self.headers.append(request.headers)
        form = "skill" if "directSkillCall" in body else "chat"
        (self.skills if form == "skill" else self.chats).append(body)
        answer = self._left[form].pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer


def says(text: str, conversation: str = "c-1") -> httpx.Response:
    message = {"role": "assistant", "kind": "response", "content": text}
    return httpx.Response(200, json={"conversationId": conversation, "messages": [message]})


def status(code: int, message: str = "", **headers: str) -> httpx.Response:
    return httpx.Response(code, json={"message": message}, headers=headers)


def question(
    *,
    prompt: str = "",
    outcome: Outcome = Outcome.FAILED,
    kind: UpdateKind = UpdateKind.UPDATE,
    subject: Subject | None = SUBJECT,
    evidence: str = "error: boom",
    conversation_id: str = "",
) -> Question:
    return Question(
        prompt, "acme", subject, outcome, kind, Evidence(evidence), conversation_id=conversation_id
    )


def ask(
    copilot: Callable[[httpx.Request], httpx.Response],
    asked: Question | None = None,
    *,
    dialect: ApiDialect = AUTO,
    console: str = APP,
    clock: FakeClock | None = None,
    within_s: float = 600.0,
) -> Reply:
    """Asks, and checks what holds for every ask: a signal once it is sent, no ServiceError escapes."""
    clock = clock or FakeClock()
    sent: list[int] = []
    answers: list[httpx.Response] = []

    def service(request: httpx.Request) -> httpx.Response:
        answers.append(copilot(request))
        return answers[-1]

    with ServiceClient(
        "https://api.pulumi.com",
        Secret("pul-0123456789abcdef"),
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, within_s),
        http=httpx.MockTransport(service),
    ) as client:
        backend = CopilotBackend(client, console=console, dialect=dialect)
        reply = backend.ask(asked or question(), on_sent=lambda: sent.append(1))
    assert bool(sent) == bool(answers)
    return reply


def answered(reply: Reply) -> Answer:
    assert isinstance(reply, Answer), reply
    assert reply.backend == BackendName.COPILOT
    return reply


def not_answered(reply: Reply) -> NoAnswer:
    assert isinstance(reply, NoAnswer), reply
    assert reply.backend == BackendName.COPILOT
    assert "\n" not in reply.why
    assert reply.why
    return reply


def test_a_conversation_starts_with_the_documented_body_and_headers() -> None:
    copilot = Copilot(chat=[says("Because.")])
    reply = answered(ask(copilot, question(prompt="Why did it fail?")))
    (body,) = copilot.chats
    assert set(body) == {"query", "state"}
    assert body["query"].startswith("Why did it fail?")
    assert "error: boom" in body["query"]
    assert body["state"] == {
        "client": {"cloudContext": {"orgId": "acme", "url": f"{APP}/acme/web/prod/updates/41"}}
    }
    headers = copilot.headers[0]
    assert headers["content-type"] == "application/json"
    assert headers["authorization"].startswith("token ")
    assert headers["responseformatversion"] == "2"
    assert "x-pulumi-source" in headers
    assert (reply.text, reply.conversation_id, reply.calls) == ("Because.", "c-1", 1)
    assert reply.notes == ()


def test_a_conversation_goes_on_by_its_id() -> None:
    copilot = Copilot(chat=[says("Still because.", "c-9")])
    reply = answered(ask(copilot, question(prompt="And?", conversation_id="c-9")))
    assert copilot.chats[0]["conversationId"] == "c-9"
    assert reply.conversation_id == "c-9"


def test_a_reply_that_forgets_the_conversation_does_not_end_it() -> None:
    copilot = Copilot(chat=[says("ok", "")])
    assert answered(ask(copilot, question(conversation_id="c-9"))).conversation_id == "c-9"


@pytest.mark.parametrize(
    "gone", [status(404), status(410), status(400, "unknown conversation c-9")]
)
def test_a_conversation_that_is_gone_is_started_anew_once_saying_so(gone: httpx.Response) -> None:
    copilot = Copilot(chat=[gone, says("Fresh.", "c-10")])
    reply = answered(ask(copilot, question(prompt="And?", conversation_id="c-9")))
    assert [chat.get("conversationId") for chat in copilot.chats] == ["c-9", None]
    assert (reply.text, reply.conversation_id, reply.calls) == ("Fresh.", "c-10", 2)
    assert reply.notes == (NEW_CONVERSATION,)


@pytest.mark.parametrize(
    "subject",
    [
        None,
        Subject(StackRef("acme", "web", "prod")),
        Subject(StackRef("acme", "web", "prod"), version=4, console="https://evil.io"),
        Subject(StackRef("acme", "web", "prod"), version=4, console="https://app.pulumi.com.evil"),
    ],
)
def test_the_context_address_always_starts_as_documented(subject: Subject | None) -> None:
    copilot = Copilot(chat=[says("ok")])
    ask(copilot, question(subject=subject, prompt="Who?"))
    assert copilot.chats[0]["state"]["client"]["cloudContext"]["url"] == APP


@pytest.mark.parametrize("dialect", [AUTO, DOCUMENTED, CURRENT])
def test_a_self_hosted_console_is_refused_with_a_reason_and_nothing_is_sent(
    dialect: ApiDialect,
) -> None:
    reply = not_answered(ask(Copilot(), dialect=dialect, console="https://pulumi.acme.io"))
    assert reply.reason_code is ReasonCode.AI_SELF_HOSTED
    assert "https://pulumi.acme.io" in reply.why
    assert reply.calls == 0


def test_an_unknown_console_may_be_asked_anyway() -> None:
    assert answered(ask(Copilot(chat=[says("ok")]), console="")).text == "ok"


NOT_THE_FORM = [
    status(400, "query not supported"),
    status(403, "chat is off"),
    status(404),
    status(405),
    httpx.Response(204),
    httpx.Response(200, text="<html>"),
    httpx.Response(200, json={"messages": []}),
    httpx.Response(200, json={"error": "no such skill", "messages": []}),
]


@pytest.mark.parametrize("refusal", NOT_THE_FORM, ids=lambda reply: str(reply.status_code))
def test_a_refused_chat_is_followed_by_the_skill_without_a_word(refusal: httpx.Response) -> None:
    copilot = Copilot(chat=[refusal], skill=[says("It failed because …", "")])
    reply = answered(ask(copilot))
    assert (reply.text, reply.calls, reply.notes) == ("It failed because …", 2, ())
    (body,) = copilot.skills
    assert body["directSkillCall"]["skill"] == "summarizeUpdate"
    assert body["directSkillCall"]["params"]["pulumiUpdateOutput"] == "error: boom"


def test_a_chat_that_is_unavailable_is_retried_and_then_followed_by_one_skill_call() -> None:
    clock = FakeClock()
    copilot = Copilot(chat=[status(500)] * 4, skill=[says("ok")])
    reply = answered(ask(copilot, clock=clock))
    assert reply.calls == 5
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_chat_that_recovers_needs_no_skill() -> None:
    copilot = Copilot(chat=[status(503, **{"retry-after": "3"}), says("ok")])
    clock = FakeClock()
    assert answered(ask(copilot, clock=clock)).calls == 2
    assert clock.slept == [3.0]


def test_a_preview_is_explained_by_its_own_skill() -> None:
    preview = question(outcome=Outcome.SUCCEEDED, kind=UpdateKind.PREVIEW, evidence="+ bucket")
    copilot = Copilot(chat=[status(404)], skill=[says("It would create a bucket.")])
    answered(ask(copilot, preview))
    call = copilot.skills[0]["directSkillCall"]
    assert call["skill"] == "explainPreview"
    assert call["params"] == {
        "pulumiPreviewOutput": "+ bucket",
        "previewDetails": {"kind": "update"},
    }


def test_the_evidence_is_cut_to_the_limit_of_each_skill() -> None:
    for outcome, key, limit in (
        (Outcome.FAILED, "pulumiUpdateOutput", 4_000),
        (Outcome.SUCCEEDED, "pulumiPreviewOutput", 200_000),
    ):
        huge = question(outcome=outcome, kind=UpdateKind.PREVIEW, evidence="é" * 300_000)
        copilot = Copilot(skill=[says("ok")])
        answered(ask(copilot, huge, dialect=CURRENT))
        output = copilot.skills[0]["directSkillCall"]["params"][key]
        assert limit - 10 <= len(output.encode()) <= limit


@pytest.mark.parametrize(
    "asked",
    [
        question(prompt="Who pays?"),
        question(outcome=Outcome.SUCCEEDED),
        question(outcome=Outcome.CANCELLED),
        question(evidence=" "),
    ],
    ids=["free question", "succeeded update", "cancelled update", "no evidence"],
)
def test_where_no_skill_fits_the_chats_failure_stands(asked: Question) -> None:
    reply = not_answered(ask(Copilot(chat=[status(403, "off")]), asked))
    assert reply.reason_code is ReasonCode.AI_FORBIDDEN
    declined = not_answered(ask(Copilot(), asked, dialect=CURRENT))
    assert declined.reason_code is ReasonCode.AI_DECLINED
    assert "api-dialect: auto" in declined.hint
    assert declined.calls == 0


@pytest.mark.parametrize("dialect", [DOCUMENTED, CURRENT])
def test_a_chosen_dialect_is_the_only_one_spoken(dialect: ApiDialect) -> None:
    copilot = Copilot(chat=[status(404)], skill=[status(404)])
    reply = not_answered(ask(copilot, dialect=dialect))
    assert reply.reason_code is ReasonCode.AI_NOT_FOUND
    assert (len(copilot.chats), len(copilot.skills)) == (
        (1, 0) if dialect is DOCUMENTED else (0, 1)
    )


@pytest.mark.parametrize(
    ("replies", "reason", "who"),
    [
        ([status(401)], ReasonCode.AI_TOKEN, "owner of the token"),
        ([httpx.Response(402, text="Usage limit reached")], ReasonCode.AI_USAGE_LIMIT, "admin"),
        ([status(429)] * 4, ReasonCode.AI_RATE_LIMITED, "No action needed"),
        ([httpx.ConnectError("refused")] * 4, ReasonCode.AI_UNREACHABLE, "network"),
        ([httpx.ReadError("reset")], ReasonCode.AI_UNREACHABLE, ""),
        ([httpx.ReadTimeout("")], ReasonCode.AI_TIMED_OUT, ""),
    ],
)
def test_what_a_skill_would_meet_again_is_reported_at_once(
    replies: list[httpx.Response | Exception], reason: ReasonCode, who: str
) -> None:
    copilot = Copilot(chat=replies)
    reply = not_answered(ask(copilot))
    assert reply.reason_code is reason
    assert who in reply.hint
    assert reply.calls == len(replies)
    assert copilot.skills == []


@pytest.mark.parametrize(
    ("chat", "skill", "reason"),
    [
        (status(403, "off"), status(403, "off"), ReasonCode.AI_FORBIDDEN),
        (status(403, "off"), status(400, "no skills here"), ReasonCode.AI_FORBIDDEN),
        (status(404), status(402), ReasonCode.AI_USAGE_LIMIT),
        (httpx.Response(204), httpx.Response(204), ReasonCode.AI_DECLINED),
        (httpx.Response(204), status(403), ReasonCode.AI_FORBIDDEN),
        (
            httpx.Response(200, json={"messages": []}),
            httpx.Response(200, text="?"),
            ReasonCode.AI_BAD_REPLY,
        ),
    ],
)
def test_when_both_forms_fail_the_more_telling_reason_is_given(
    chat: httpx.Response, skill: httpx.Response, reason: ReasonCode
) -> None:
    reply = not_answered(ask(Copilot(chat=[chat], skill=[skill])))
    assert reply.reason_code is reason
    assert reply.calls == 2


def test_a_service_that_is_down_costs_five_requests_and_seven_seconds() -> None:
    clock = FakeClock()
    copilot = Copilot(chat=[status(500)] * 4, skill=[status(500)])
    reply = not_answered(ask(copilot, clock=clock))
    assert reply.reason_code is ReasonCode.AI_UNAVAILABLE
    assert (reply.calls, clock.at_s) == (5, 7.0)


def test_the_wait_for_an_answer_is_bounded_by_the_deadline() -> None:
    clock = FakeClock()
    slow_down = [status(429, **{"retry-after": "30"})] * 4
    reply = not_answered(ask(Copilot(chat=slow_down), clock=clock, within_s=20.0))
    assert reply.reason_code is ReasonCode.AI_RATE_LIMITED
    assert clock.at_s == 0.0


def test_no_time_left_is_no_answer_and_still_a_signal() -> None:
    reply = not_answered(ask(Copilot(), within_s=0.0))
    assert (reply.reason_code, reply.calls) == (ReasonCode.AI_TIMED_OUT, 0)


def test_a_program_is_part_of_the_answer() -> None:
    content = {"code": "x", "language": "python", "programId": "p", "plan": {"instructions": "1."}}
    message = {"role": "assistant", "kind": "program", "content": content}
    copilot = Copilot(chat=[httpx.Response(200, json={"messages": [message]})])
    reply = answered(ask(copilot, question(prompt="Write code")))
    assert reply.text == ""
    assert (reply.programs[0].code, reply.programs[0].language) == ("x", "python")


def test_t50_nothing_but_the_question_its_evidence_and_its_context_is_sent() -> None:
    copilot = Copilot(chat=[status(404)], skill=[says("ok")])
    ask(copilot)
    chat, skill = copilot.chats[0], copilot.skills[0]
    assert set(chat) == {"query", "state"}
    assert set(skill) == {"query", "state", "directSkillCall"}
    for body in (chat, skill):
        assert set(body["state"]) == {"client"}
        assert set(body["state"]["client"]) == {"cloudContext"}
        assert set(body["state"]["client"]["cloudContext"]) == {"orgId", "url"}
    assert set(skill["directSkillCall"]["params"]) == {"pulumiUpdateOutput", "maxLen"}
