"""Sends one message to one address: one retry where it was certainly not taken, then no more.

The address is a right in itself and what answers may be anybody: neither is ever shown (threat T68).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from msgspec import Raw

from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
)
from upshot.http.calls import Call
from upshot.http.client import ServiceClient, Transport
from upshot.http.retry import RetryPolicy, ServerErrors
from upshot.http.service import Refusal, Service
from upshot.secret import Secret
from upshot.timing import Clock, Deadline

_WITHIN_S: Final = 40.0
_READ_S: Final = 15.0
_MOST_REPLY_BYTES: Final = 64 * 1024
_NOT_DELIVERED: Final = b"failed with error"
"""In the body of a 200 by which a connector of Teams says that it could not deliver (learn.microsoft.com,
"Rate limiting for connectors")."""
ONE_RETRY: Final = RetryPolicy(2, ServerErrors.REFUSED)
"""429, or 503 with `Retry-After`, or no connection: the message was not taken. An answer that is lost is
no reason to post twice."""


def describe(name: str, address_input: str) -> Service:
    """A place that messages go to, for errors and headers."""
    again = f"The workflow's author must act: make a new address and store it as `{address_input}`."
    return Service(
        name=name,
        address_input=address_input,
        token_input=address_input,
        accept="*/*",
        auth={},
        anchor="announce",
        is_path_secret=True,
        is_quoted=False,
        refusals={
            400: Refusal(
                ServiceBadRequest,
                f"{name} did not accept the message",
                "If every run says this, report it: the message breaks a rule of theirs.",
            ),
            401: Refusal(ServiceForbidden, f"{name} refused the address", again),
            403: Refusal(ServiceForbidden, f"{name} does not let this address post", again),
            404: Refusal(ServiceNotFound, f"{name} does not know this address", again),
            410: Refusal(ServiceNotFound, f"The channel at {name} is gone", again),
            413: Refusal(
                ServiceBadRequest, f"The message is too long for {name}", "Please report it."
            ),
        },
    )


def send(
    service: Service,
    address: Secret,
    payload: bytes,
    *,
    headers: dict[str, str],
    clock: Clock,
    deadline: Deadline,
    http: Transport | None,
) -> None:
    """Posts JSON. Raises ServiceError; its texts hold neither the address nor what was answered."""
    parts = urlsplit(address.reveal())
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    base_url = f"{parts.scheme}://{parts.netloc}"
    call = Call(
        method="POST",
        path=path,
        headers=headers,
        body=Raw(payload),
        retry=ONE_RETRY,
        read_timeout_s=_READ_S,
        within_s=_WITHIN_S,
        max_bytes=_MOST_REPLY_BYTES,
        is_path_secret=True,
    )
    with ServiceClient(
        base_url, None, service=service, clock=clock, deadline=deadline, http=http
    ) as client:
        reply = client.send(call)
    if _NOT_DELIVERED in reply.body:
        raise _not_delivered(service)


def _not_delivered(service: Service) -> ServiceError:
    return ServiceBadReply(
        f"{service.name} took the message and did not deliver it",
        hint="No action needed: the next run tries again. If every run says this, make the address anew.",
        anchor=service.anchor,
    )
