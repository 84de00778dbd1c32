"""Trading GitHub's id token for an access token, over a fake wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from upshot.errors import (
    InputError,
    ServiceAuthError,
    ServiceBadReply,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.pulumi.oidc import IdTokenService, TokenRequest, mint_access_token
from upshot.secret import Secret
from upshot.timing import Deadline

ORGANIZATION = "urn:pulumi:token-type:access_token:organization"
SERVICE = IdTokenService(
    "https://pipelines.actions.githubusercontent.com/abc/idtoken?api-version=2.0",
    Secret("runner-token"),
)
REQUEST = TokenRequest("acme", ORGANIZATION)
MINTED = {
    "access_token": "pul-minted",
    "token_type": "token",
    "expires_in": 7200,
    "refresh_token": "pul-refresh",
}


class FakeClock:
    def __init__(self) -> None:
        self.at_s = 0.0

    def monotonic(self) -> float:
        return self.at_s

    def now(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.at_s += seconds


Answer = httpx.Response | Exception


class Both:
    """GitHub's token service and Pulumi Cloud, each answering in turn."""

    def __init__(
        self, *, github: list[Answer] | None = None, pulumi: list[Answer] | None = None
    ) -> None:
        self.github = github or [httpx.Response(200, json={"value": "h.e30.s"})]
        self.pulumi = pulumi or [httpx.Response(200, json=MINTED)]
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        queue = self.pulumi if request.url.host == "api.pulumi.com" else self.github
        answer = queue.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def mint(
    service: Callable[[httpx.Request], httpx.Response],
    *,
    id_tokens: IdTokenService = SERVICE,
    request: TokenRequest = REQUEST,
    on_secret: Callable[[Secret], None] = lambda _: None,
) -> Secret:
    clock = FakeClock()
    return mint_access_token(
        id_tokens,
        request,
        cloud_url="https://api.pulumi.com",
        clock=clock,
        deadline=Deadline.after(clock, 60),
        on_secret=on_secret,
        http=httpx.MockTransport(service),
    )


def refused(service: Callable[[httpx.Request], httpx.Response], **kwargs: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        mint(service, **kwargs)
    return caught.value


def test_an_id_token_is_asked_for_and_exchanged() -> None:
    both = Both()
    minted = mint(both)
    assert minted.reveal() == "pul-minted"
    github, pulumi = both.seen
    assert (github.method, pulumi.method) == ("GET", "POST")
    assert github.url.params["audience"] == "urn:pulumi:org:acme"
    assert github.url.params["api-version"] == "2.0"
    assert github.headers["authorization"] == "bearer runner-token"
    assert pulumi.url == "https://api.pulumi.com/api/oauth/token"
    assert json.loads(pulumi.content) == {
        "audience": "urn:pulumi:org:acme",
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": ORGANIZATION,
        "subject_token": "h.e30.s",
    }


def test_t31_each_token_goes_to_its_own_host_only() -> None:
    both = Both()
    mint(both)
    github, pulumi = both.seen
    assert b"h.e30.s" not in github.content
    assert "authorization" not in pulumi.headers
    assert b"runner-token" not in pulumi.content


def test_scope_and_expiration_are_sent_when_set() -> None:
    both = Both()
    mint(both, request=TokenRequest("acme", ORGANIZATION, scope="admin", expiration_s=900))
    body = json.loads(both.seen[1].content)
    assert (body["scope"], body["expiration"]) == ("admin", 900)


def test_every_secret_is_handed_over_before_the_next_thing_happens() -> None:
    told: list[str] = []
    both = Both()

    def on_secret(secret: Secret) -> None:
        told.append(f"{secret.reveal()} after {len(both.seen)}")

    mint(both, on_secret=on_secret)
    assert told == ["h.e30.s after 1", "pul-minted after 2", "pul-refresh after 2"]


def test_without_the_permission_nothing_is_sent() -> None:
    both = Both()
    error = refused(both, id_tokens=IdTokenService())
    assert isinstance(error, ServiceAuthError)
    assert error.anchor == "oidc-permission"
    assert "id-token: write" in error.hint
    assert both.seen == []


def test_a_fork_gets_a_message_of_its_own() -> None:
    assert refused(Both(), id_tokens=IdTokenService(is_fork=True)).anchor == "oidc-fork"


def test_a_policy_that_does_not_match() -> None:
    body = {"error": "invalid_grant", "error_description": "no policy allows it"}
    both = Both(pulumi=[httpx.Response(401, json=body)])
    error = refused(both)
    assert isinstance(error, ServiceAuthError)
    assert error.anchor == "oidc-policy"
    assert "no policy allows it" in error.message
    assert len(both.seen) == 2


def test_a_refusal_is_not_tried_again_and_says_why() -> None:
    body = {"error": "invalid_scope", "error_description": "unknown team"}
    both = Both(pulumi=[httpx.Response(400, json=body)])
    error = refused(both)
    assert error.anchor == "oidc-refused"
    assert "unknown team" in error.message
    assert len(both.seen) == 2


def test_a_service_that_stumbles_is_asked_again() -> None:
    both = Both(
        github=[httpx.Response(500), httpx.Response(200, json={"value": "h.e30.s"})],
        pulumi=[
            httpx.ConnectError("refused"),
            httpx.Response(502),
            httpx.Response(200, json=MINTED),
        ],
    )
    assert mint(both).reveal() == "pul-minted"


def test_a_service_that_is_down_is_told_apart_from_a_refusal() -> None:
    error = refused(Both(pulumi=[httpx.Response(503)] * 3))
    assert isinstance(error, ServiceUnavailable)
    assert error.anchor == "oidc-unreachable"
    error = refused(Both(github=[httpx.ConnectError("refused")] * 3))
    assert isinstance(error, ServiceUnreachable)
    assert "GitHub's token service" in error.message


@pytest.mark.parametrize("reply", [{}, {"access_token": None}, []])
def test_an_answer_without_a_token_is_a_refusal(reply: object) -> None:
    error = refused(Both(pulumi=[httpx.Response(200, json=reply)]))
    assert isinstance(error, ServiceAuthError)
    assert error.anchor == "oidc-refused"


def test_an_id_token_service_that_answers_nonsense() -> None:
    assert refused(Both(github=[httpx.Response(200, json={})])).anchor == "oidc-permission"
    assert isinstance(refused(Both(github=[httpx.Response(200, text="<html>")])), ServiceBadReply)


def test_t31_the_runners_token_does_not_travel_in_plain_http() -> None:
    service = IdTokenService("http://evil.example/idtoken?x=1", Secret("runner-token"))
    with pytest.raises(InputError) as caught:
        mint(Both(), id_tokens=service)
    assert "runner-token" not in caught.value.message


def test_t34_no_secret_is_in_any_error() -> None:
    echo = {"error": "invalid_request", "error_description": "bad token h.e30.s"}
    error = refused(Both(pulumi=[httpx.Response(400, json=echo)]))
    assert "h.e30.s" not in error.message + error.hint
