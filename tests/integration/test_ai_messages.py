"""Why an AI did not answer: the true cause, who acts, the right section; no word of a library alone."""

from __future__ import annotations

import re
from typing import Any, Final

import httpx
import pytest
from tests.integration.test_copilot_backend import Copilot, answered, ask, not_answered, status

ACTOR: Final = re.compile(r"must act|No action needed")
LIBRARY: Final = re.compile(
    r"Server disconnected|peer closed|RemoteProtocol|Errno|kinds of messages|Traceback|Expected `"
)
DROPPED: Final = httpx.RemoteProtocolError("Server disconnected without sending a response.")
CUT: Final = httpx.RemoteProtocolError(
    "peer closed connection without sending complete message body (received 4, expected 9)"
)


def reply(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


ODD: Final[dict[str, tuple[Any, str, str]]] = {
    "a connection that breaks": (DROPPED, "closed the connection", "pulumi-unreachable"),
    "an answer that is cut off": (CUT, "before the reply was complete", "pulumi-unreachable"),
    "a bad request": (status(400, "bad request"), "did not take the request", "pulumi-bad-request"),
    "a conflict": (status(409, "conflict"), "still busy", "pulumi-conflict"),
    "no messages": (reply(messages=[]), "holds no answer of the assistant", "pulumi-bad-reply"),
    "a message of the user": (
        reply(messages=[{"role": "user", "kind": "response", "content": "x"}]),
        "holds no answer of the assistant",
        "pulumi-bad-reply",
    ),
    "a huge reply": (
        httpx.Response(200, content=b" " * 70_000_000),
        "larger than",
        "pulumi-bad-reply",
    ),
    "a page": (
        httpx.Response(200, html="<p>Sign in</p>"),
        "not JSON ('text/html')",
        "pulumi-bad-reply",
    ),
    "half an object": (
        httpx.Response(200, content=b'{"mess', headers={"content-type": "application/json"}),
        "broken JSON, or was cut off",
        "pulumi-bad-reply",
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_end_names_its_cause_and_who_acts(what: str) -> None:
    odd, cause, anchor = ODD[what]
    told = not_answered(ask(Copilot(chat=[odd] * 5, skill=[odd] * 5)))
    assert cause in told.why
    assert ACTOR.search(told.hint), told.hint
    assert told.anchor == anchor
    assert not LIBRARY.search(f"{told.why} {told.hint}")


def test_half_a_character_in_an_answer_does_not_lose_it() -> None:
    body = b'{"messages":[{"role":"assistant","kind":"response","content":"Taken \\ud83d."}]}'
    said = httpx.Response(200, content=body, headers={"content-type": "application/json"})
    assert answered(ask(Copilot(chat=[said]))).text == "Taken \ufffd."
