"""Each reply that is no success says who must act, quotes little, and leaks nothing."""

from __future__ import annotations

import json

import pytest
from tests.unit.http.conftest import BUILDER

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceUnavailable,
)
from upshot.http.faults import MAX_QUOTE, Where, build_error
from upshot.secret import Secret

TOKEN = "key-0123456789abcdef0123456789abcdef01234567"
WHERE = Where(BUILDER, "GET", "/api/user", token=Secret(TOKEN))
JSON = {"content-type": "application/json"}


def fault(status: int, body: object = "", headers: dict[str, str] | None = None) -> ServiceError:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return build_error(WHERE, status, headers or JSON, raw, now_s=0.0)


@pytest.mark.parametrize(
    ("status", "kind", "who"),
    [
        (400, ServiceBadRequest, "The workflow's author must act if"),
        (401, ServiceAuthError, "The owner of the token must act"),
        (402, ServiceLimitReached, "The owner of the account must act"),
        (403, ServiceForbidden, "The owner of the token must act"),
        (404, ServiceNotFound, "The workflow's author must act"),
        (409, ServiceConflict, "No action needed: the next run"),
        (418, ServiceBadRequest, "The workflow's author must act if"),
        (429, ServiceRateLimited, "No action needed: The builder limits requests"),
        (500, ServiceUnavailable, "No action needed: The builder has a fault of its own"),
        (503, ServiceUnavailable, "https://status.builder.example"),
    ],
)
def test_a_status_says_who_must_act(status: int, kind: type[ServiceError], who: str) -> None:
    error = fault(status, {"code": status, "message": "because"})
    assert type(error) is kind
    assert (error.status, error.method, error.path) == (status, "GET", "/api/user")
    assert who in error.hint
    assert "The builder" in error.message
    assert "Pulumi" not in error.message + error.hint
    assert error.message.endswith(f"(HTTP {status} at GET /api/user): because")


def test_the_request_id_is_quoted_for_the_services_support() -> None:
    error = fault(502, "", {"x-builder-request": "req-77", "content-type": "text/plain"})
    assert error.request_id == "req-77"
    assert "[request req-77]" in error.message


@pytest.mark.parametrize("body", ["Usage limit reached", {"message": "Usage limit reached"}])
def test_plain_text_and_json_say_the_same(body: object) -> None:
    assert fault(402, body).message.endswith(": Usage limit reached")


@pytest.mark.parametrize("body", ["<html><b>nginx</b>", '{"stack": "trace', "[1, 2]", ""])
def test_a_body_that_is_no_message_is_not_quoted(body: str) -> None:
    assert fault(500, body).message.endswith("at GET /api/user)")


def test_oauth_errors_are_read_too() -> None:
    error = fault(400, {"error": "invalid_grant", "error_description": "no policy"})
    assert error.message.endswith(": invalid_grant: no policy")


def test_t34_the_token_is_cut_out_of_what_the_service_says() -> None:
    error = fault(401, {"message": f"token {TOKEN} is unknown"})
    assert TOKEN not in error.message
    assert "token *** is unknown" in error.message


@pytest.mark.parametrize("body", [{"message": 7}, {"error": {"text": "no"}}, {"errors": "many"}])
def test_an_error_body_of_another_shape_is_no_message(body: object) -> None:
    assert fault(400, body).message.endswith("at GET /api/user)")


def test_a_quote_is_one_short_line_without_control_characters() -> None:
    error = fault(400, {"message": "a\n::error::b\x1b[31m\r" + "x" * 10_000})
    assert "\n" not in error.message
    assert "\x1b" not in error.message
    assert len(error.message) < MAX_QUOTE + 200


def test_t32_a_redirect_is_an_error_that_shows_the_host_only() -> None:
    location = "https://user:pw@evil.example/steal?token=abc"
    error = fault(302, "", {"location": location})
    assert isinstance(error, ServiceBadReply)
    assert "evil.example" in error.message
    assert not any(word in error.message for word in ("steal", "abc", "pw"))
    assert "`builder-url`" in error.hint


@pytest.mark.parametrize("location", ["", "http://[", "/relative"])
def test_a_redirect_to_nowhere_is_an_error_as_well(location: str) -> None:
    assert isinstance(fault(301, "", {"location": location}), ServiceBadReply)


def test_retry_after_is_kept_for_the_retry() -> None:
    assert fault(429, "", {"retry-after": "7"}).retry_after_s == 7.0
    assert fault(503, "", {"retry-after": "soon"}).retry_after_s is None
