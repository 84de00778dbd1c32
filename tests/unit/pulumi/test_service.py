"""What Pulumi Cloud's refusals mean, and what each request to it carries."""

from __future__ import annotations

import json

import pytest

from upshot.errors import (
    ServiceAuthError,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceUnavailable,
)
from upshot.http.faults import Where, build_error
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret


def fault(status: int, body: object = "", *, console: str = "") -> ServiceError:
    where = Where(pulumi_cloud(console), "GET", "/api/user")
    headers = {"content-type": "application/json", "x-pulumi-request-id": "req-77"}
    return build_error(where, status, headers, json.dumps(body).encode(), now_s=0.0)


@pytest.mark.parametrize(
    ("status", "kind", "who"),
    [
        (401, ServiceAuthError, "PULUMI_ACCESS_TOKEN"),
        (402, ServiceLimitReached, "An organization administrator must act: raise the limit"),
        (403, ServiceForbidden, "An organization administrator must act"),
        (404, ServiceNotFound, "check the organization, project and stack names"),
        (429, ServiceRateLimited, "No action needed: Pulumi Cloud limits requests"),
        (500, ServiceUnavailable, "https://status.pulumi.com"),
    ],
)
def test_a_status_says_who_acts(status: int, kind: type[ServiceError], who: str) -> None:
    error = fault(status)
    assert type(error) is kind
    assert who in error.hint
    assert error.request_id == "req-77"


def test_the_token_is_sent_in_pulumis_own_scheme() -> None:
    headers = pulumi_cloud().headers(Secret("pul-abc"))
    assert headers["Authorization"] == "token pul-abc"
    assert headers["Accept"] == "application/vnd.pulumi+8"


@pytest.mark.parametrize("kind", ["saml_reauth_required", "saml_login_required"])
def test_single_sign_on_gets_a_link_to_sign_in_again(kind: str) -> None:
    problem = {"resource": "Org", "attribute": "acme", "errorType": kind}
    said = {"message": "SAML", "errors": [problem]}
    link = "https://app.pulumi.com/signin/sso/acme/reauth"
    assert link in fault(401, said, console="https://app.pulumi.com").hint
    assert "/signin/sso/acme/reauth" in fault(401, said).hint


@pytest.mark.parametrize("problems", [[], None, "x", [7], [{"errorType": "other"}], [{}]])
def test_other_problems_keep_the_general_hint(problems: object) -> None:
    assert "PULUMI_ACCESS_TOKEN" in fault(401, {"message": "no", "errors": problems}).hint
