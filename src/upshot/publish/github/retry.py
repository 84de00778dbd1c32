"""When a request to GitHub is made again, and after how long. Pure.

In place of PyGithub's own policy, which repeats POST (two comments), never PATCH (a lost update)
and may sleep until the hourly limit is reset (measured, PyGithub 2.10.0).
"""

from __future__ import annotations

from collections.abc import Mapping

MOST_TRIES = 3
LONGEST_WAIT_S = 65.0
"""A secondary limit asks for a minute; whoever asks for more is not waited for."""
_SECONDARY_WAIT_S = 60.0
_SERVER_WAITS_S = (1.0, 3.0)


def is_rate_limited(status: int, headers: Mapping[str, str], message: str) -> bool:
    """Whether a refusal is about the number of requests, not about permission.

    Both limits answer 403 or 429 (GitHub's documentation); header names are in lower case.
    """
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        return True
    if status != 403:  # noqa: PLR2004 - Forbidden
        return False
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in message.lower()
    )


def wait_before_retry(
    status: int,
    headers: Mapping[str, str],
    *,
    message: str,
    is_repeatable: bool,
    tries: int,
    now: float,
    jitter: float,
) -> float | None:
    """Seconds to wait before the same request is made again; None to give up.

    `status` is 0 when there was no answer; `tries` counts the requests made; `jitter` is 0 to 1.
    A request that was refused for its rate was surely not done, so any may be repeated; one that
    may have been done (no answer, 5xx) only when `is_repeatable`.
    """
    if tries >= MOST_TRIES:
        return None
    if is_rate_limited(status, headers, message):
        wait_s = _asked_wait_s(headers, now) + jitter
        return wait_s if wait_s <= LONGEST_WAIT_S else None
    if is_repeatable and (status == 0 or status >= 500):  # noqa: PLR2004 - server errors
        return _SERVER_WAITS_S[tries - 1] * (0.5 + jitter)
    return None


def _asked_wait_s(headers: Mapping[str, str], now: float) -> float:
    asked = headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked[:9])
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset[:12]) - now) + 1.0
    return _SECONDARY_WAIT_S
