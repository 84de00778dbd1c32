"""Pulumi Cloud as a service of the transport: its headers, and what its refusals mean.

Source: the service's error body and status codes (service description, shipped CLI 3.259).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from upshot.address import build_path
from upshot.errors import ServiceAuthError, ServiceForbidden, ServiceLimitReached, ServiceNotFound
from upshot.http.service import Refusal, Service
from upshot.lenient import as_dict, as_list, as_text

ACCEPT: Final = "application/vnd.pulumi+8"
"""The version that Pulumi's REST documentation asks for."""
_SINGLE_SIGN_ON: Final = frozenset({"saml_reauth_required", "saml_login_required"})
_REFUSALS: Final = {
    401: Refusal(
        ServiceAuthError,
        "Pulumi Cloud refused the access token",
        "The owner of the token must act: make a new one at the console under Settings > Access "
        "tokens and store it as the secret PULUMI_ACCESS_TOKEN.",
    ),
    402: Refusal(
        ServiceLimitReached,
        "the organization's AI usage limit is reached",
        "An organization administrator must act: raise the limit, or wait until it starts anew.",
    ),
    403: Refusal(
        ServiceForbidden,
        "Pulumi Cloud says that this token may not do that",
        "An organization administrator must act: give the token's owner access, and switch on "
        "Neo and its explanations for the organization if an AI was asked.",
    ),
    404: Refusal(
        ServiceNotFound,
        "Pulumi Cloud does not know it",
        "The workflow's author must act: check the organization, project and stack names, and "
        "that the token may see the stack.",
    ),
}


def pulumi_cloud(console: str = "") -> Service:
    """Pulumi Cloud, the managed one or a self-hosted one.

    `console`: origin of its console for links in hints, empty when unknown (`upshot.subject`).
    """
    return Service(
        name="Pulumi Cloud",
        address_input="cloud-url",
        token_input="pulumi-access-token",  # noqa: S106 - the name of an input
        accept=ACCEPT,
        auth={"Authorization": "token {}"},
        warning_header="x-pulumi-warning",
        request_id_header="x-pulumi-request-id",
        refusals=_REFUSALS,
        status_page="https://status.pulumi.com",
        find_hint=lambda body: _find_sign_on_hint(body, console),
    )


def _find_sign_on_hint(body: Mapping[str, Any], console: str) -> str:
    """From `{"errors": [{"resource", "attribute", "errorType"}]}`: where to sign in again."""
    for problem in map(as_dict, as_list(body.get("errors"))):
        if as_text(problem.get("errorType")) in _SINGLE_SIGN_ON:
            try:
                path = build_path("/signin/sso/{}/reauth", as_text(problem.get("attribute")))
            except ValueError:
                path = "/signin"
            return (
                "The owner of the token must act: sign in again with the organization's single "
                f"sign-on at {console or 'the console, path '}{path}"
            )
    return ""
