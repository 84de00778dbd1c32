"""Each way in which an OIDC exchange fails has its own words and something to paste."""

from __future__ import annotations

import base64
import json

import pytest

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.pulumi.oidc_faults import (
    build_exchange_error,
    build_id_token_error,
    build_missing_permission,
    describe_subject,
)
from upshot.secret import Secret


def jwt(claims: object) -> Secret:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl")


ID_TOKEN = jwt({"sub": "repo:acme/web:pull_request", "aud": "urn:pulumi:org:acme"})


def test_a_missing_permission_gets_the_yaml_to_paste() -> None:
    error = build_missing_permission(is_fork=False)
    assert "permissions:\n  id-token: write" in error.hint
    assert error.anchor == "oidc-permission"


def test_a_fork_learns_that_no_permission_would_help() -> None:
    error = build_missing_permission(is_fork=True)
    assert "fork" in error.message
    assert "id-token: write" not in error.hint
    assert error.anchor == "oidc-fork"


@pytest.mark.parametrize(
    "error",
    [
        ServiceAuthError("nope", status=401),
        ServiceForbidden("nope", status=403),
        ServiceBadRequest("invalid_grant: no matching policy", status=400),
    ],
)
def test_a_policy_mismatch_shows_what_the_policy_must_match(error: ServiceError) -> None:
    told = build_exchange_error(error, ID_TOKEN, "acme")
    assert isinstance(told, ServiceAuthError)
    assert told.anchor == "oidc-policy"
    assert "sub repo:acme/web:pull_request" in told.hint
    assert "urn:pulumi:org:acme" in told.hint


def test_an_unknown_organization_or_issuer_is_an_administrators_business() -> None:
    told = build_exchange_error(ServiceNotFound("?", status=404), ID_TOKEN, "acme")
    assert told.anchor == "oidc-policy"
    assert "token.actions.githubusercontent.com" in told.hint


def test_another_refusal_names_the_inputs_to_check() -> None:
    error = ServiceBadRequest("invalid_scope: team:nobody", status=400)
    told = build_exchange_error(error, ID_TOKEN, "acme")
    assert told.anchor == "oidc-refused"
    assert "invalid_scope: team:nobody" in told.message
    assert "`token-expiration`" in told.hint


@pytest.mark.parametrize("kind", [ServiceUnreachable, ServiceTimeout, ServiceUnavailable])
def test_a_service_that_is_not_there_needs_no_action(kind: type[ServiceError]) -> None:
    told = build_exchange_error(kind("down"), ID_TOKEN, "acme")
    assert type(told) is kind
    assert told.anchor == "oidc-unreachable"
    assert "No action needed" in told.hint


@pytest.mark.parametrize(
    ("error", "anchor"),
    [
        (ServiceForbidden("no", status=403), "oidc-permission"),
        (ServiceBadRequest("no", status=400), "oidc-permission"),
        (ServiceUnavailable("no", status=503), "oidc-unreachable"),
        (ServiceUnreachable("no"), "oidc-unreachable"),
    ],
)
def test_githubs_own_token_service_may_fail_too(error: ServiceError, anchor: str) -> None:
    told = build_id_token_error(error)
    assert type(told) is type(error)
    assert told.anchor == anchor
    assert "GitHub's token service" in told.message


def test_t34_the_id_token_never_appears() -> None:
    error = ServiceBadRequest(f"cannot read {ID_TOKEN.reveal()}", status=400)
    told = build_exchange_error(error, ID_TOKEN, "acme")
    assert ID_TOKEN.reveal() not in told.message + told.hint


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "a.e30.c", "a." + "W" * 9_000 + ".c"])
def test_a_token_that_is_no_jwt_is_described_without_a_crash(token: str) -> None:
    assert describe_subject(Secret(token)).startswith("sub ")


def test_a_hostile_subject_is_kept_to_one_printable_line() -> None:
    told = describe_subject(jwt({"sub": "repo\n::error::x\u202e" + "y" * 999}))
    assert "\n" not in told
    assert told.isascii()
    assert len(told) <= 210
