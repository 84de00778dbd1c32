"""The claim token stands in no error, no traceback and no value that is shown (threat T66)."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.stage import StillClock
from tests.unit.accounts.places import Place, find_exposed
from tests.unit.accounts.shapes import CLAIM_TOKEN

from upshot.errors import UpshotError
from upshot.http.client import ServiceClient, Transport
from upshot.pulumi.agents.accounts import AgentAccounts
from upshot.pulumi.agents.destination import Destination
from upshot.pulumi.agents.proof.challenge import Challenge
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline

TOKEN = Secret(CLAIM_TOKEN)
ACCESS = Secret("pul-" + "0123456789" * 4)
ADDRESS = f"https://app.pulumi.com/claim/{CLAIM_TOKEN}"


def accounts(http: Transport) -> AgentAccounts:
    clock = StillClock()
    deadline = Deadline.after(clock, 600)
    return AgentAccounts("https://api.pulumi.com", clock=clock, deadline=deadline, http=http)


def destination(http: Transport) -> Destination:
    clock = StillClock()
    client = ServiceClient(
        "https://api.pulumi.com",
        ACCESS,
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, 600),
        http=http,
    )
    return Destination(client, "acme")


CALLS: dict[str, Callable[[Transport], object]] = {
    "validate": lambda http: accounts(http).validate(TOKEN),
    "preview": lambda http: destination(http).preview(TOKEN),
    "start": lambda http: destination(http).start(TOKEN),
}


def said(text: str) -> dict[str, Any]:
    return {"code": 1, "message": text, "errors": [{"errorType": "custom", "attribute": text}]}


REPEATING = {
    "plain": said(f"no claim {CLAIM_TOKEN}"),
    "address": said(f"see {ADDRESS}"),
    "capitals": said(f"no claim {CLAIM_TOKEN.upper()}"),
    "cut by our own limit": said("x" * 280 + CLAIM_TOKEN),
    "cut": said(CLAIM_TOKEN[:20]),
    "encoded": said(httpx.QueryParams({"claim": CLAIM_TOKEN}).__str__()),
    "backwards": said(CLAIM_TOKEN[::-1]),
    "hexadecimal": said(CLAIM_TOKEN.encode().hex()),
    "in lines": said(f"{CLAIM_TOKEN[:12]}\n{CLAIM_TOKEN[12:]}"),
    "single sign-on": {
        "code": 401,
        "message": "reauth",
        "errors": [{"errorType": "saml_reauth_required", "attribute": CLAIM_TOKEN}],
    },
}


def hostile(status: int, body: object) -> Transport:
    headers = {
        "X-Pulumi-Request-ID": CLAIM_TOKEN,
        "Location": f"https://{CLAIM_TOKEN}.evil.example/{CLAIM_TOKEN}",
        "Retry-After": CLAIM_TOKEN,
    }
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body, headers=headers))


def shown_by(error: UpshotError) -> dict[Place, str]:
    """Everything that is shown of an error anywhere, its traceback with all that hangs on it."""
    chain = [error, error.__context__, error.__cause__]
    parts = [repr(one) + str(one) + repr(vars(one)) for one in chain if one is not None]
    return {
        Place.ERROR: " ".join([error.message, error.hint, *parts]),
        Place.TRACEBACK: "".join(traceback.format_exception(error)),
    }


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422, 423, 429, 500, 503])
@pytest.mark.parametrize("form", REPEATING)
@pytest.mark.parametrize("call", CALLS)
def test_t66_no_refusal_repeats_the_claim_token(call: str, form: str, status: int) -> None:
    error: UpshotError | None = None
    try:
        CALLS[call](hostile(status, REPEATING[form]))
    except UpshotError as caught:
        error = caught
    if (call, status) == ("validate", 404):
        assert error is None
        return
    assert error
    assert error.message
    assert not (call == "validate" and "/validate" in f"{vars(error)} {error}")
    assert find_exposed(shown_by(error), [TOKEN, ACCESS]) == ()


@pytest.mark.parametrize("text", ["", "<html>", f'"{CLAIM_TOKEN}', f'{{"agent": "{CLAIM_TOKEN}"}}'])
@pytest.mark.parametrize("call", CALLS)
def test_t66_no_reply_that_cannot_be_read_repeats_it(call: str, text: str) -> None:
    headers = {"Content-Type": f"text/{CLAIM_TOKEN}"}
    answer = httpx.MockTransport(lambda _: httpx.Response(200, text=text, headers=headers))
    with pytest.raises(UpshotError) as caught:
        CALLS[call](answer)
    assert find_exposed(shown_by(caught.value), [TOKEN, ACCESS]) == ()


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError(f"no route for {ADDRESS}"),
        httpx.ReadTimeout(f"timed out at {ADDRESS}"),
        httpx.RemoteProtocolError(f"broke at {ADDRESS}"),
        httpx.ProxyError(f"CERTIFICATE of {ADDRESS}"),
    ],
)
@pytest.mark.parametrize("call", CALLS)
def test_t66_no_fault_of_the_network_repeats_it(call: str, fault: httpx.HTTPError) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise fault

    with pytest.raises(UpshotError) as caught:
        CALLS[call](httpx.MockTransport(fail))
    assert find_exposed(shown_by(caught.value), [TOKEN, ACCESS]) == ()


@pytest.mark.parametrize("call", CALLS)
def test_t66_no_log_of_the_libraries_holds_it(call: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(UpshotError):
        CALLS[call](hostile(500, said("down")))
    assert find_exposed({Place.LOG: caplog.text}, [TOKEN, ACCESS]) == ()


def test_t66_an_account_shows_none_of_its_secrets() -> None:
    reply = {
        "accessToken": ACCESS.reveal(),
        "claimToken": CLAIM_TOKEN,
        "refreshToken": "refresh-" + "0123456789",
        "userInfo": {"githubLogin": "agent-1"},
    }
    masked: list[Secret] = []
    account = accounts(httpx.MockTransport(lambda _: httpx.Response(200, json=reply))).sign_up(
        Challenge("c", "v1:abcdef:8", 8), "277", on_secret=masked.append
    )
    assert [secret.reveal() for secret in masked] == [
        ACCESS.reveal(), CLAIM_TOKEN, "refresh-0123456789",
    ]  # fmt: skip
    shown = {Place.LOG: f"{account} {account!r} {masked}"}
    assert find_exposed(shown, masked) == ()
    assert "agent-1" in shown[Place.LOG]


def test_t66_a_sign_up_whose_reply_is_broken_shows_none_of_it() -> None:
    reply = {"accessToken": ACCESS.reveal(), "claimToken": CLAIM_TOKEN, "userInfo": None}
    http = httpx.MockTransport(lambda _: httpx.Response(200, json=reply))
    with pytest.raises(UpshotError) as caught:
        accounts(http).sign_up(Challenge("c", "v1:abcdef:8", 8), "277", on_secret=lambda _: None)
    assert find_exposed(shown_by(caught.value), [TOKEN, ACCESS]) == ()
