"""When a request is sent again: small values, one for each kind of call, and one pure decision.

Knows the error tree and nothing of HTTP clients, clocks or sleep.
Source of the rules: the shipped CLI (`pkg/util/httputil`, `client/api.go`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.errors import (
    ServiceError,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)

FIRST_DELAY_S: Final = 1.0
MAX_DELAY_S: Final = 30.0
_SERVICE_UNAVAILABLE: Final = 503


class ServerErrors(StrEnum):
    """Which 5xx replies are worth another try."""

    ALL = "all"
    REFUSED = "refused"
    """Only 503 with `Retry-After`: the service says itself that it did not take the request."""
    NONE = "none"


class RetryPolicy(Struct, frozen=True):
    """What one kind of call may repeat. A connection that never stood is always safe to retry."""

    tries: int
    """The first one included."""
    server_errors: ServerErrors
    rate_limit: bool = True
    """429: certainly not accepted."""
    lost_replies: bool = False
    """A reply that never came, or broke off: what was asked may have been done."""


READ: Final = RetryPolicy(4, ServerErrors.ALL, lost_replies=True)
"""GETs and Copilot's direct skills: asking twice does no harm."""
ASK: Final = RetryPolicy(4, ServerErrors.ALL)
"""A chat turn: a lost reply is not asked for again, or the conversation would hold it twice."""
CREATE: Final = RetryPolicy(4, ServerErrors.REFUSED)
"""Calls that make or change something: only when the last try was certainly not accepted."""
EXCHANGE: Final = RetryPolicy(3, ServerErrors.ALL, rate_limit=False, lost_replies=True)
"""OIDC: two more tries for the network's and the service's faults, none for a refusal."""
ONCE: Final = RetryPolicy(1, ServerErrors.NONE, rate_limit=False)


def wait_before_retry(policy: RetryPolicy, error: ServiceError, *, tries_made: int) -> float | None:
    """Seconds to wait before the next try, or None when there is none.

    The service's own `Retry-After` comes before our doubling back-off; both end at 30 seconds.
    """
    if tries_made >= policy.tries or not _may_repeat(policy, error):
        return None
    if error.retry_after_s:
        return min(error.retry_after_s, MAX_DELAY_S)
    return min(FIRST_DELAY_S * 2.0 ** (tries_made - 1), MAX_DELAY_S)


def _may_repeat(policy: RetryPolicy, error: ServiceError) -> bool:
    if isinstance(error, ServiceUnreachable):
        return True
    if isinstance(error, ServiceTimeout):
        return policy.lost_replies
    if isinstance(error, ServiceRateLimited):
        return policy.rate_limit
    if not isinstance(error, ServiceUnavailable):
        return False
    if policy.server_errors is ServerErrors.REFUSED:
        return error.status == _SERVICE_UNAVAILABLE and error.retry_after_s is not None
    return policy.server_errors is ServerErrors.ALL


def parse_retry_after(text: str, *, now_s: float) -> float | None:
    """The wait that a `Retry-After` header asks for, in seconds, 0 and up; None when unreadable.

    Both forms of RFC 9110: a number of seconds, or a date, compared with `now_s` (Unix epoch).
    """
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    from email.utils import parsedate_to_datetime  # only on this rare path

    try:
        return max(0.0, parsedate_to_datetime(text[:64]).timestamp() - now_s)
    except (ValueError, OverflowError):
        return None
