"""Another service is another value: its words, headers and rules need no second transport."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from msgspec.structs import replace

from upshot.errors import ServiceError, ServiceForbidden, ServiceNotFound, ServiceUnreachable
from upshot.http.calls import Call
from upshot.http.retry import ONCE
from upshot.http.service import Refusal, Service
from upshot.secret import Secret

from .conftest import BUILDER

if TYPE_CHECKING:
    from .conftest import MakeClient

HOOK = Service(
    name="The chat",
    address_input="chat-webhook-url",
    token_input="chat-webhook-url",
    anchor="chat",
    is_path_secret=True,
)
SECRET_PATH = "/services/T000/B000/abcdefghijklmnop"


def fail(
    make_client: MakeClient, answers: Callable[[httpx.Request], httpx.Response], service: Service
) -> ServiceError:
    client = make_client(answers, service=service, token="")
    with pytest.raises(ServiceError) as caught:
        client.send(Call(method="POST", path=SECRET_PATH, body={}, retry=ONCE))
    return caught.value


def refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(404, text=f"no hook at {request.url.path}")


def break_off(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def redirect(_: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"location": "https://evil.example/x"})


def test_a_services_own_words_come_before_the_general_ones(make_client: MakeClient) -> None:
    own = Refusal(ServiceForbidden, "The builder has no such graph", "Ask Ada.", anchor="graph")
    error = fail(make_client, refuse, replace(BUILDER, refusals={404: own}))
    assert type(error) is ServiceForbidden
    assert error.message.startswith("The builder has no such graph (HTTP 404 at POST /services/")
    assert (error.hint, error.anchor) == ("Ask Ada.", "graph")


def test_a_service_may_read_a_better_hint_from_the_refusal(make_client: MakeClient) -> None:
    def in_words(_: httpx.Request) -> httpx.Response:
        return httpx.Response(402, json={"error": "insufficient_credits", "renews_at": "Monday"})

    wise = replace(BUILDER, find_hint=lambda body: f"Wait until {body.get('renews_at')}.")
    assert fail(make_client, in_words, wise).hint == "Wait until Monday."
    assert fail(make_client, in_words, BUILDER).message.endswith(": insufficient_credits")


def test_an_anchor_of_the_service_replaces_those_of_the_errors(make_client: MakeClient) -> None:
    assert fail(make_client, refuse, HOOK).anchor == "chat"
    assert fail(make_client, refuse, BUILDER).anchor == ServiceNotFound.anchor


@pytest.mark.parametrize("answers", [refuse, break_off, redirect])
def test_t34_a_path_that_is_a_right_in_itself_is_in_no_error(
    make_client: MakeClient, answers: Callable[[httpx.Request], httpx.Response]
) -> None:
    error = fail(make_client, answers, HOOK)
    assert "abcdefghijklmnop" not in error.message + error.hint + repr(vars(error))
    assert "The chat" in error.message
    assert "abcdefghijklmnop" in fail(make_client, answers, BUILDER).message


def test_a_service_that_cannot_be_reached_names_the_input_with_its_address(
    make_client: MakeClient,
) -> None:
    error = fail(make_client, break_off, BUILDER)
    assert type(error) is ServiceUnreachable
    assert error.message.startswith("no connection to The builder (refused)")
    assert "`builder-url`" in error.hint


def test_the_token_goes_into_the_headers_that_the_service_reads() -> None:
    assert BUILDER.headers(Secret("abc")) | {"User-Agent": ""} == {
        "User-Agent": "",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "apikey": "abc",
        "Authorization": "Bearer abc",
    }


def test_a_token_with_braces_is_sent_as_it_is() -> None:
    assert BUILDER.headers(Secret("{0}{}"))["apikey"] == "{0}{}"


def test_a_call_brings_its_own_meaning_of_a_status_and_hides_its_own_path(
    make_client: MakeClient,
) -> None:
    client = make_client(refuse, service=BUILDER)
    own = Refusal(ServiceForbidden, "the ticket is used", "The visitor must act.", "tickets")
    special = Call(path="/tickets/abcdefghijklmnop", refusals={404: own}, is_path_secret=True)
    with pytest.raises(ServiceForbidden, match="the ticket is used") as caught:
        client.send(special)
    assert (caught.value.hint, caught.value.anchor, caught.value.path) == (
        "The visitor must act.", "tickets", "",
    )  # fmt: skip
    assert "abcdefghijklmnop" not in caught.value.message
    with pytest.raises(ServiceNotFound, match="GET /tickets"):
        client.send(Call(path="/tickets"))
