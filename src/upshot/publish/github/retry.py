"""Whether a request to GitHub is made again, and after how long. Pure.

In place of PyGithub's own policy, which repeats POST (two comments), never PATCH (a lost update)
and may sleep until the hourly limit is reset (measured, PyGithub 2.10.0).
"""

from __future__ import annotations

from collections.abc import Mapping

from upshot.publish.github.request import Attempt, Request

LONGEST_WAIT_S = 65.0
"""Secondary limits ask for 60 s; give up when asked for longer."""
_SECONDARY_WAIT_S = 60.0
_SERVER_WAITS_S = (1.0, 3.0)


def is_rate_limited(attempt: Attempt) -> bool:
    """Whether a refusal is about the number of requests, not about permission.

    Both limits answer 403 or 429 (GitHub's documentation).
    """
    if attempt.status == 429:  # noqa: PLR2004 - Too Many Requests
        return True
    if attempt.status != 403:  # noqa: PLR2004 - Forbidden
        return False
    return (
        "retry-after" in attempt.headers
        or attempt.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in attempt.message.lower()
    )


def is_unclear(attempt: Attempt) -> bool:
    """Whether GitHub may have executed a request that failed: no answer, or a server error."""
    return attempt.status == 0 or attempt.status >= 500  # noqa: PLR2004


def wait_before_retry(
    request: Request, attempt: Attempt, *, tries: int, now: float, jitter: float
) -> float | None:
    """Seconds to wait before the request is sent again; None to give up.

    `tries` counts the attempts made, this one included; `now` is in seconds since the Unix epoch,
    `jitter` from 0 to 1. GitHub has not executed what it refused for a rate limit, so any such
    request is repeated; after an unclear end only one that `is_repeatable`.
    """
    if tries >= request.most_tries:
        return None
    if is_rate_limited(attempt):
        wait_s = _asked_wait_s(attempt.headers, now) + jitter
        return wait_s if wait_s <= LONGEST_WAIT_S else None
    if request.is_repeatable and is_unclear(attempt):
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
