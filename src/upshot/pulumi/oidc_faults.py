"""What went wrong with the OIDC exchange, in words that say who acts and what to paste. Pure.

The id token itself never appears; its `sub` claim does, because trust policies are compared with it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
)
from upshot.lenient import as_dict, as_text
from upshot.secret import Secret

PERMISSION_YAML: Final = "permissions:\n  id-token: write\n  contents: read\n  pull-requests: write"
_POLICY_WORDS: Final = ("invalid_grant", "access_denied", "unauthorized_client", "policy")


def build_missing_permission(*, is_fork: bool) -> ServiceAuthError:
    """No token service: the job has no permission, or may never have it."""
    if is_fork:
        return ServiceAuthError(
            "GitHub gives no id token to a pull request from a fork, so there is no OIDC exchange",
            hint="No action needed: the local diagnosis stands. To explain forks' updates too, run "
            "Upshot in a second workflow on `workflow_run`.",
            anchor="oidc-fork",
        )
    return ServiceAuthError(
        "the job may not ask GitHub for an id token, so there is no OIDC exchange",
        hint=f"The workflow's author must act: give the job the permission.\n\n{PERMISSION_YAML}",
        anchor="oidc-permission",
    )


def build_id_token_error(error: ServiceError) -> ServiceError:
    """GitHub's own token service did not answer as it should; `error` is of the same class."""
    refused = isinstance(error, ServiceAuthError | ServiceForbidden | ServiceBadRequest)
    return _reworded(
        error,
        "GitHub's token service gave no id token"
        + (f" (HTTP {error.status})" * bool(error.status)),
        hint=f"The workflow's author must act: check the job's permission.\n\n{PERMISSION_YAML}"
        if refused
        else "No action needed: GitHub's token service may be down, the next run asks again.",
        anchor="oidc-permission" if refused else "oidc-unreachable",
    )


def build_exchange_error(error: ServiceError, id_token: Secret, organization: str) -> ServiceError:
    """Pulumi Cloud did not exchange the id token: a policy says no, the request is wrong, or it is
    not there at all.
    """
    said = error.message.replace(id_token.reveal(), "***")
    if isinstance(error, ServiceNotFound):
        return ServiceAuthError(
            f"the OIDC exchange found no organization or no trusted issuer: {said}",
            method=error.method,
            path=error.path,
            status=error.status,
            hint=f"An administrator of {organization!a} must act: register GitHub as an OIDC "
            "issuer under Settings > OIDC issuers (https://token.actions.githubusercontent.com).",
            anchor="oidc-policy",
        )
    if _is_policy(error):
        return ServiceAuthError(
            f"no trust policy of the organization lets this workflow in: {said}",
            method=error.method,
            path=error.path,
            status=error.status,
            request_id=error.request_id,
            hint=f"An administrator of {organization!a} must act: under Settings > OIDC issuers, "
            "add a policy that allows the token type and matches what GitHub says of this run: "
            f"{describe_subject(id_token)}, aud urn:pulumi:org:{organization}.",
            anchor="oidc-policy",
        )
    if isinstance(error, ServiceBadRequest):
        return ServiceAuthError(
            f"the OIDC exchange was refused: {said}",
            method=error.method,
            path=error.path,
            status=error.status,
            request_id=error.request_id,
            hint="The workflow's author must act: check `organization`, `requested-token-type`, "
            "`scope` (team:NAME, user:LOGIN, admin, runner:NAME) and `token-expiration`.",
            anchor="oidc-refused",
        )
    return _reworded(
        error,
        f"the OIDC exchange did not come about: {said}",
        hint="No action needed: the next run asks again.",
        anchor="oidc-unreachable",
    )


def describe_subject(id_token: Secret) -> str:
    """The `sub` claim of a JWT as `sub repo:acme/web:pull_request`; nothing is verified here."""
    from base64 import urlsafe_b64decode

    payload = id_token.reveal().split(".")[1:2]
    try:
        claims = msgspec.json.decode(urlsafe_b64decode("".join(payload) + "=="))
    except (ValueError, RecursionError):
        return "sub (unreadable)"
    subject = as_text(as_dict(claims).get("sub"))[:200]
    return "sub " + "".join(char for char in subject if char.isascii() and char.isprintable())


def _is_policy(error: ServiceError) -> bool:
    if isinstance(error, ServiceAuthError | ServiceForbidden):
        return True
    text = error.message.lower()
    return isinstance(error, ServiceBadRequest) and any(word in text for word in _POLICY_WORDS)


def _reworded(error: ServiceError, message: str, *, hint: str, anchor: str) -> ServiceError:
    """An error of the same class, so that it is retried and reported as before."""
    return type(error)(
        message,
        method=error.method,
        path=error.path,
        status=error.status,
        request_id=error.request_id,
        hint=hint,
        anchor=anchor,
    )
