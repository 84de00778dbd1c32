"""One message, one address: retried only where it was not taken, and nothing of either is shown."""

from __future__ import annotations

import json

import httpx
import pytest

from upshot.announce.send import describe, send
from upshot.errors import ServiceError
from upshot.secret import Secret
from upshot.timing import Deadline

ADDRESS = "https://hooks.slack.com/services/T0/B0/s3cr3t-p4rt?sig=s1gn4ture"
PAYLOAD = b'{"text":"hi"}'


class Clock:
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


class Wire:
    """Answers in turn; the last answer stays."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []
        self.clock = Clock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send(self, address: str = ADDRESS) -> None:
        send(
            describe("Slack", "slack-webhook-url"),
            Secret(address),
            PAYLOAD,
            headers={"X-Upshot-Signature-256": "sha256=0"},
            clock=self.clock,
            deadline=Deadline.after(self.clock, 100.0),
            http=httpx.MockTransport(self),
        )


def test_the_payload_goes_to_the_address_as_it_is() -> None:
    wire = Wire(httpx.Response(200, text="ok"))
    wire.send()
    [request] = wire.sent
    assert (request.method, str(request.url)) == ("POST", ADDRESS)
    assert request.content == PAYLOAD
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-upshot-signature-256"] == "sha256=0"
    assert "authorization" not in request.headers


def test_a_limit_is_waited_for_once() -> None:
    wire = Wire(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200))
    wire.send()
    assert wire.clock.slept == [7.0]
    assert len(wire.sent) == 2
    wire = Wire(httpx.Response(429, headers={"Retry-After": "7"}))
    with pytest.raises(ServiceError):
        wire.send()
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("no answer"),
        httpx.RemoteProtocolError("closed"),
        httpx.Response(500),
        httpx.Response(502),
        httpx.Response(503),
        httpx.Response(400, text="invalid_blocks"),
        httpx.Response(404, text="no_service"),
    ],
)
def test_what_may_have_been_posted_is_not_posted_again(
    answer: httpx.Response | Exception,
) -> None:
    wire = Wire(answer)
    with pytest.raises(ServiceError):
        wire.send()
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"Location": "http://169.254.169.254/latest/"}),
        httpx.Response(400, text="internal words"),
        httpx.Response(403, text="internal words"),
        httpx.Response(404, json={"message": "internal words"}),
        httpx.Response(410, text="internal words"),
        httpx.Response(500, text="internal words"),
        httpx.Response(200, text="internal words: failed with error 429"),
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("no answer"),
    ],
)
def test_t68_neither_the_address_nor_the_answer_is_shown_and_no_redirect_is_followed(
    answer: httpx.Response | Exception,
) -> None:
    wire = Wire(answer)
    with pytest.raises(ServiceError) as caught:
        wire.send()
    shown = f"{caught.value.message} {caught.value.hint} {caught.value.path}"
    for hidden in ("s3cr3t-p4rt", "s1gn4ture", "internal words", "169.254"):
        assert hidden not in shown
    assert {request.url.host for request in wire.sent} == {"hooks.slack.com"}
    assert caught.value.hint


def test_a_message_that_teams_took_and_did_not_deliver_is_a_failure() -> None:
    said = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
    with pytest.raises(ServiceError, match="did not deliver"):
        Wire(httpx.Response(200, text=said)).send()


def test_the_body_is_json_as_it_was_signed() -> None:
    wire = Wire(httpx.Response(204))
    wire.send()
    assert json.loads(wire.sent[0].content) == {"text": "hi"}
