"""From a reply that is no success to the error that says who must act.

Pure. Texts of the service are quoted short, on one line, without the token; bodies never are.
Source: the service's error body and status codes (service description, shipped CLI).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

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
from upshot.http.address import build_path
from upshot.http.retry import parse_retry_after
from upshot.secret import Secret

MAX_QUOTE: Final = 300
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400


class _Kind(Struct, frozen=True):
    error: type[ServiceError]
    found: str
    hint: str


_BY_STATUS: Final = {
    401: _Kind(
        ServiceAuthError,
        "Pulumi Cloud refused the access token",
        "The owner of the token must act: make a new one at the console under Settings > Access "
        "tokens and store it as the secret PULUMI_ACCESS_TOKEN.",
    ),
    402: _Kind(
        ServiceLimitReached,
        "the organization's AI usage limit is reached",
        "An organization administrator must act: raise the limit, or wait until it starts anew.",
    ),
    403: _Kind(
        ServiceForbidden,
        "Pulumi Cloud says that this token may not do that",
        "An organization administrator must act: give the token's owner access, and switch on "
        "Neo and its explanations for the organization if an AI was asked.",
    ),
    404: _Kind(
        ServiceNotFound,
        "Pulumi Cloud does not know it",
        "The workflow's author must act: check the organization, project and stack names, and "
        "that the token may see the stack.",
    ),
    409: _Kind(
        ServiceConflict,
        "Pulumi Cloud is still busy with it",
        "Nobody must act: wait and ask again.",
    ),
    429: _Kind(
        ServiceRateLimited,
        "Pulumi Cloud's request rate limit is exceeded",
        "Nobody must act: wait and run it again.",
    ),
}
_OTHER: Final = _Kind(
    ServiceBadRequest, "Pulumi Cloud did not take the request", "See what the service says."
)
_UNAVAILABLE: Final = _Kind(
    ServiceUnavailable,
    "Pulumi Cloud is unavailable",
    "Pulumi must act (https://status.pulumi.com); run it again later.",
)


class Where(Struct, frozen=True):
    """Which request an error belongs to."""

    method: str
    path: str
    console: str = ""
    """Origin of the console for links in hints; empty when unknown."""
    token: Secret | None = None
    """Cut out of whatever the service says."""


def build_error(
    where: Where, status: int, headers: Mapping[str, str], body: bytes, *, now_s: float
) -> ServiceError:
    """The error for a reply that is not 2xx; `headers` have lower-case names."""
    if status < _CLIENT_ERROR:
        return _redirect(where, status, headers)
    kind = _UNAVAILABLE if status >= _SERVER_ERROR else _BY_STATUS.get(status, _OTHER)
    said = _said_by_service(body, headers.get("content-type", ""))
    request_id = _one_line(headers.get("x-pulumi-request-id", ""), None)[:80]
    message = f"{kind.found} (HTTP {status} at {where.method} {where.path})"
    if said.text:
        message += f": {_one_line(said.text, where.token)}"
    if request_id:
        message += f" [request {request_id}]"
    error = kind.error(
        message,
        method=where.method,
        path=where.path,
        status=status,
        request_id=request_id,
        hint=_saml_hint(said, where.console) or kind.hint,
    )
    if "retry-after" in headers:
        wait_s = parse_retry_after(headers["retry-after"], now_s=now_s)
        if wait_s is not None:
            error.retry_after_s = wait_s
    return error


def build_bad_reply(where: Where, status: int, found: str, *, hint: str = "") -> ServiceBadReply:
    """The error for a success that cannot be read; `found` is our own words."""
    return ServiceBadReply(
        f"{found} (HTTP {status} at {where.method} {where.path})",
        method=where.method,
        path=where.path,
        status=status,
        hint=hint,
    )


def _redirect(where: Where, status: int, headers: Mapping[str, str]) -> ServiceBadReply:
    from urllib.parse import urlsplit

    try:
        host = urlsplit(headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    to = f" to the host {host[:80]!a}" if host else ""
    return build_bad_reply(
        where,
        status,
        f"Pulumi Cloud sent us elsewhere{to}, and redirects are not followed",
        hint="The workflow's author must act: give the API's own address as `cloud-url`.",
    )


class _Problem(Struct, rename="camel"):
    error_type: str = ""
    attribute: str = ""


class _Said(Struct):
    """`{"code","message","errors":[{"resource","attribute","errorType"}]}`, OAuth's
    `{"error","error_description"}`, or a plain text.
    """

    message: str = ""
    errors: list[_Problem] | None = None
    error: str = ""
    error_description: str = ""

    @property
    def text(self) -> str:
        return self.message or ": ".join(filter(None, (self.error, self.error_description)))


def _said_by_service(body: bytes, content_type: str) -> _Said:
    try:
        return msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, RecursionError):
        pass
    text = body[: MAX_QUOTE * 4].decode(errors="replace")
    if "html" in content_type or text.lstrip().startswith(("<", "{", "[")):
        return _Said()
    return _Said(message=text)


def _saml_hint(said: _Said, console: str) -> str:
    for problem in said.errors or ():
        if problem.error_type in {"saml_reauth_required", "saml_login_required"}:
            try:
                path = build_path("/signin/sso/{}/reauth", problem.attribute)
            except ValueError:
                path = "/signin"
            return (
                "The owner of the token must act: sign in again with the organization's single "
                f"sign-on at {console or 'the console, path '}{path}"
            )
    return ""


def _one_line(text: str, token: Secret | None) -> str:
    if token:
        text = text.replace(token.reveal(), "***")
    text = " ".join(text[: MAX_QUOTE * 4].split())
    text = "".join(char for char in text if char.isprintable())
    return text if len(text) <= MAX_QUOTE else text[:MAX_QUOTE] + "…"
