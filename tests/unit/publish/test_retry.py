"""Which request is made again, and when."""

from __future__ import annotations

import pytest

from upshot.publish.github.request import MOST_TRIES, Attempt, Request
from upshot.publish.github.retry import LONGEST_WAIT_S, wait_before_retry

SECONDARY = "You have exceeded a secondary rate limit and have been temporarily blocked"


def wait(
    status: int,
    *,
    headers: dict[str, str] | None = None,
    message: str = "",
    is_repeatable: bool = True,
    tries: int = 1,
) -> float | None:
    request = Request(verb="PATCH", url="/x", doing="try", is_repeatable=is_repeatable)
    attempt = Attempt(status, headers or {}, None, message)
    return wait_before_retry(request, attempt, tries=tries, now=1_000.0, jitter=0.5)


@pytest.mark.parametrize("status", [0, 500, 502, 503, 504])
def test_what_may_be_done_twice_is_repeated_when_the_answer_is_lost(status: int) -> None:
    assert wait(status) == 1.0
    assert wait(status, tries=2) == 3.0


@pytest.mark.parametrize("status", [0, 500, 502, 503, 504])
def test_t43_a_create_is_not(status: int) -> None:
    assert wait(status, is_repeatable=False) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 451])
def test_a_plain_refusal_is_final(status: int) -> None:
    assert wait(status) is None


@pytest.mark.parametrize("is_repeatable", [True, False])
@pytest.mark.parametrize(
    ("headers", "message", "expected"),
    [
        ({"retry-after": "7"}, "", 7.5),
        ({}, SECONDARY, 60.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1030"}, "", 31.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, "", 1.5),
        ({"retry-after": "soon"}, "", 60.5),
    ],
)
def test_t42_a_limit_is_waited_for_because_nothing_was_done(
    headers: dict[str, str],
    message: str,
    expected: float,
    is_repeatable: bool,  # noqa: FBT001
) -> None:
    assert wait(403, headers=headers, message=message, is_repeatable=is_repeatable) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "3600"},
        {"retry-after": "9" * 400},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "4000"},
    ],
)
def test_t42_a_wait_of_an_hour_is_refused(headers: dict[str, str]) -> None:
    assert wait(429, headers=headers) is None


def test_there_is_an_end() -> None:
    assert wait(503, tries=MOST_TRIES) is None
    assert wait(429, headers={"retry-after": "1"}, tries=MOST_TRIES) is None
    assert LONGEST_WAIT_S < 120
