"""Turns an exchange that gave nothing into the error that says who acts: statuses and networks.

Pure. Texts of the service are quoted short, on one line, without the token; bodies never are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import httpx
import msgspec
from msgspec import Struct

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceConnectionLost,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.http.retry import parse_retry_after
from upshot.http.service import Refusal, Service
from upshot.lenient import as_dict, as_text
from upshot.secret import Secret
from upshot.timing import Deadline

E = TypeVar("E", bound=ServiceError)

MAX_QUOTE: Final = 300
_SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)
_ASKED_AGAIN: Final = "No action needed: the next run asks again."


class Where(Struct, frozen=True):
    """Which request an error belongs to."""

    service: Service
    method: str
    path: str
    token: Secret | None = None
    """Cut out of texts of the service."""

    @property
    def shown_path(self) -> str:
        """Empty where the path is a right in itself."""
        return "" if self.service.is_path_secret else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.shown_path}".rstrip()


def build_error(
    where: Where, status: int, headers: Mapping[str, str], body: bytes, *, now_s: float
) -> ServiceError:
    """The error for a reply that is not 2xx; `headers` have lower-case names.

    `now_s`: seconds since the Unix epoch, for a `Retry-After` that is a date.
    """
    if status < _CLIENT_ERROR:
        return _redirect(where, status, headers)
    service = where.service
    refusal = service.refusals.get(status) or _general(service, status)
    said = _read_object(body) if service.is_quoted else {}
    quote = ""
    if service.is_quoted:
        quote = _one_line(_find_message(said, body, headers.get("content-type", "")), where)
    request_id = ""
    if service.request_id_header:
        request_id = _one_line(headers.get(service.request_id_header, ""), where)[:80]
    error = _build(
        refusal.kind,
        where,
        f"{refusal.found} (HTTP {status} at {where})"
        + (f": {quote}" if quote else "")
        + (f" [request {request_id}]" if request_id else ""),
        status=status,
        hint=service.find_hint(said) or refusal.hint,
        anchor=refusal.anchor,
    )
    error.request_id = request_id
    if "retry-after" in headers:
        wait_s = parse_retry_after(headers["retry-after"], now_s=now_s)
        if wait_s is not None:
            error.retry_after_s = wait_s
    return error


def build_bad_reply(where: Where, status: int, found: str, *, hint: str = "") -> ServiceBadReply:
    """The error for a success that cannot be read; `found` is our own words."""
    service = where.service
    return _build(
        ServiceBadReply,
        where,
        f"{found} (HTTP {status} at {where})",
        status=status,
        hint=hint
        or f"{_ASKED_AGAIN} If every run says this, check that `{service.address_input}` is the "
        f"address of {service.name}'s API, and that no proxy changes its replies.",
    )


def build_network_error(where: Where, error: httpx.HTTPError, until: Deadline) -> ServiceError:
    """What a failed exchange means for the caller: was it certainly not accepted, or perhaps?"""
    name = where.service.name
    if until.passed and isinstance(error, (*_NOT_SENT, httpx.TimeoutException)):
        return build_no_time(where)
    if isinstance(error, _NOT_SENT):
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        hint = (
            f"{_ASKED_AGAIN} If every run says this, check `{where.service.address_input}`, and "
            "the network and the proxy of the runner."
        )
        if "CERTIFICATE" in cause.upper():
            hint = (
                "The workflow's author must act: set SSL_CERT_FILE to the certificate authority "
                "that the server uses."
            )
        return _build(
            ServiceUnreachable, where, f"no connection to {name} ({cause}) at {where}", hint=hint
        )
    if isinstance(error, httpx.TimeoutException):
        return _build(
            ServiceTimeout, where, f"{name} did not answer in time at {where}", hint=_ASKED_AGAIN
        )
    return _build(
        ServiceConnectionLost,
        where,
        f"{name} or a proxy closed the connection before the reply was complete at {where}",
        hint=_ASKED_AGAIN,
    )


def build_no_time(where: Where) -> ServiceTimeout:
    """The error for a call whose own time is up, not the network's."""
    return _build(
        ServiceTimeout,
        where,
        f"the time ran out before {where.service.name} had answered at {where}",
        hint="The workflow's author must act if this happens often: raise `max-wait` or `timeout`.",
    )


def _general(service: Service, status: int) -> Refusal:
    """What a status means from any service."""
    name = service.name
    if status >= _SERVER_ERROR:
        page = f" (see {service.status_page})" if service.status_page else ""
        return Refusal(
            ServiceUnavailable,
            f"{name} is unavailable",
            f"No action needed: {name} has a fault of its own{page}, the next run asks again.",
        )
    match status:
        case 401:
            return Refusal(
                ServiceAuthError,
                f"{name} refused the token",
                "The owner of the token must act: make a new one and store it as the secret that "
                f"`{service.token_input}` names.",
            )
        case 402:
            return Refusal(
                ServiceLimitReached,
                f"{name} says that a usage limit is reached",
                "The owner of the account must act: raise the limit, or wait until it starts anew.",
            )
        case 403:
            return Refusal(
                ServiceForbidden,
                f"{name} says that this token may not do that",
                "The owner of the token must act: use a token that may.",
            )
        case 404:
            return Refusal(
                ServiceNotFound,
                f"{name} does not know it",
                f"The workflow's author must act: check `{service.address_input}` and the names "
                "and ids in the inputs, and that the token may see what they mean.",
            )
        case 409:
            return Refusal(
                ServiceConflict,
                f"{name} is still busy with an earlier request",
                _ASKED_AGAIN,
            )
        case 429:
            return Refusal(
                ServiceRateLimited,
                f"{name} was asked too often",
                f"No action needed: {name} limits requests, the next run asks again.",
            )
    return Refusal(
        ServiceBadRequest,
        f"{name} did not take the request",
        "The workflow's author must act if the message names a value of the inputs; otherwise "
        "please report the message to Upshot.",
    )


def _redirect(where: Where, status: int, headers: Mapping[str, str]) -> ServiceBadReply:
    from urllib.parse import urlsplit

    service = where.service
    try:
        host = urlsplit(headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    to = f" to the host {host[:80]!a}" if host and service.is_quoted else ""
    return build_bad_reply(
        where,
        status,
        f"{service.name} redirects{to}, and redirects are not followed",
        hint="The workflow's author must act: give the address of the API itself as "
        f"`{service.address_input}`.",
    )


def _build(
    kind: type[E], where: Where, message: str, *, status: int = 0, hint: str, anchor: str = ""
) -> E:
    return kind(
        message,
        method=where.method,
        path=where.shown_path,
        status=status,
        hint=hint,
        anchor=anchor or where.service.anchor,
    )


def _read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of an error body; empty for anything else."""
    try:
        return as_dict(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _find_message(said: Mapping[str, Any], body: bytes, content_type: str) -> str:
    """`message`, OAuth's `error` and `error_description`, or a body that is plain text."""
    if said:
        oauth = (as_text(said.get("error")), as_text(said.get("error_description")))
        return as_text(said.get("message")) or ": ".join(filter(None, oauth))
    text = body[: MAX_QUOTE * 4].decode(errors="replace")
    is_no_message = "html" in content_type or text.lstrip().startswith(("<", "{", "["))
    return "" if is_no_message else text


def _one_line(text: str, where: Where) -> str:
    if where.token:
        text = text.replace(where.token.reveal(), "***")
    if where.service.is_path_secret:
        text = text.replace(where.path, "***")
    text = " ".join(text[: MAX_QUOTE * 4].split())
    text = "".join(char for char in text if char.isprintable())
    return text if len(text) <= MAX_QUOTE else text[:MAX_QUOTE] + "…"
