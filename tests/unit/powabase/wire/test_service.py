"""Each refusal of Powabase says what was found, who acts first, and what to do."""

from __future__ import annotations

import json

import pytest

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceUnavailable,
)
from upshot.http.faults import Where, build_error
from upshot.powabase.wire.service import powabase
from upshot.secret import Secret

KEY = Secret("service-role-key-0123456789")
WHERE = Where(powabase(), "POST", "/api/copilot/sessions", KEY)
HTML = b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>"
ACTORS = (
    "The workflow's author must act",
    "The owner of the project must act",
    "The person who asked must act",
    "No action needed",
)


def refused(status: int, body: object, content_type: str = "application/json") -> ServiceError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return build_error(WHERE, status, {"content-type": content_type}, raw, now_s=0)


@pytest.mark.parametrize(
    ("status", "said", "kind", "hint"),
    [
        (400, "workflow_id is required", ServiceBadRequest, "set `workflow-id`"),
        (400, "workflow_id query param required", ServiceBadRequest, "set `workflow-id`"),
        (400, "message is required", ServiceBadRequest, "set `prompt`"),
        (400, "pre_snapshot is required", ServiceBadRequest, "`powabase-dialect: server`"),
        (400, "model is required", ServiceBadRequest, "set `powabase-model`"),
        (400, "Value must be one of: gpt-5.2, o3", ServiceBadRequest, "leave it empty"),
        (400, "Unknown block type: llm", ServiceBadRequest, "ask again for a block of a type"),
        (400, "Edge references a block not in this graph", ServiceBadRequest, "report the message"),
        (401, "Authorization header required", ServiceAuthError, "`powabase-key`"),
        (401, "Token has expired", ServiceAuthError, "the token has expired"),
        (403, "This endpoint requires the project's service role key", ServiceForbidden, "a user's token"),
        (404, "Workflow not found", ServiceNotFound, "check `workflow-id`"),
        (404, "Session not found", ServiceNotFound, "`powabase-session: new`"),
        (404, "session_not_found", ServiceNotFound, "`powabase-session`"),
        (409, "a copilot turn is already in progress", ServiceConflict, "in a few minutes"),
        (429, "Rate limit exceeded. Max 20 executions per minute.", ServiceRateLimited, "20 a minute"),
        (503, "billing service unreachable; cannot verify balance", ServiceUnavailable, "the next run"),
    ],
)  # fmt: skip
def test_each_documented_refusal(
    status: int, said: str, kind: type[ServiceError], hint: str
) -> None:
    error = refused(status, {"error": said})
    assert type(error) is kind
    assert hint in error.hint
    assert error.hint.startswith(ACTORS)
    assert said in error.message
    assert f"(HTTP {status} at POST /api/copilot/sessions)" in error.message
    assert error.anchor == "powabase"


def test_the_gateways_own_shape() -> None:
    error = refused(401, {"message": "No API key found in request"})
    assert "No API key found in request" in error.message


def test_out_of_credits_with_all_that_is_known() -> None:
    error = refused(
        402,
        {"error": "insufficient_credits", "balance": 3, "estimated_cost": 1000, "renews_at": "2026-12-01T00:00:00Z"},
    )  # fmt: skip
    assert isinstance(error, ServiceLimitReached)
    assert error.hint == (
        "The owner of the project must act: buy credits, or wait until the plan renews "
        "(the balance is 3, the turn costs about 1,000, the plan renews on 2026-12-01)."
    )


@pytest.mark.parametrize(
    "more",
    [{}, {"balance": "many"}, {"renews_at": 7}, {"renews_at": "<script>"}, {"balance": None}],
)
def test_out_of_credits_with_nothing_that_can_be_read(more: dict[str, object]) -> None:
    error = refused(402, {"error": "insufficient_credits", **more})
    assert error.hint.endswith("until the plan renews.")


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_page_in_html_is_not_quoted(status: int) -> None:
    error = refused(status, HTML, "text/html; charset=utf-8")
    assert isinstance(error, ServiceUnavailable)
    assert "<" not in error.message
    assert error.hint.startswith("No action needed: Powabase has a fault of its own")


def test_a_missing_content_type_is_ours_or_a_proxys() -> None:
    error = refused(415, HTML, "text/html")
    assert isinstance(error, ServiceBadRequest)
    assert "if a proxy stands between" in error.hint


def test_the_key_is_in_no_message() -> None:
    error = refused(401, {"error": f"Invalid token: {KEY.reveal()}"})
    assert KEY.reveal() not in f"{error} {error.hint}"


def test_the_key_goes_to_the_gateway_and_to_the_service() -> None:
    headers = powabase().headers(KEY)
    assert headers["apikey"] == KEY.reveal()
    assert headers["Authorization"] == f"Bearer {KEY.reveal()}"
