"""What may be sent twice: the table of the reference, and nothing beyond it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from upshot.http.retry import (
    ASK,
    CREATE,
    EXCHANGE,
    ONCE,
    READ,
    RetryPolicy,
    parse_retry_after,
    wait_before_retry,
)

UNREACHABLE = ServiceUnreachable("refused")
TIMED_OUT = ServiceTimeout("no answer")
BROKEN = ServiceConnectionLost("cut off")
LIMITED = ServiceRateLimited("slow down", status=429)
CRASHED = ServiceUnavailable("oops", status=500)
BUSY = ServiceUnavailable("busy", status=503)
NOT_TAKEN = ServiceUnavailable("busy", status=503)
NOT_TAKEN.retry_after_s = 2.0

POLICIES = {"read": READ, "ask": ASK, "create": CREATE, "exchange": EXCHANGE, "once": ONCE}
REPEATS: dict[str, tuple[ServiceError, ...]] = {
    "read": (UNREACHABLE, TIMED_OUT, BROKEN, LIMITED, CRASHED, BUSY, NOT_TAKEN),
    "ask": (UNREACHABLE, LIMITED, CRASHED, BUSY, NOT_TAKEN),
    "create": (UNREACHABLE, LIMITED, NOT_TAKEN),
    "exchange": (UNREACHABLE, TIMED_OUT, BROKEN, CRASHED, BUSY, NOT_TAKEN),
    "once": (),
}
EVERY = (UNREACHABLE, TIMED_OUT, BROKEN, LIMITED, CRASHED, BUSY, NOT_TAKEN)


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("error", EVERY, ids=lambda error: f"{type(error).__name__}-{error}")
def test_a_call_is_repeated_only_where_its_kind_allows(name: str, error: ServiceError) -> None:
    repeated = wait_before_retry(POLICIES[name], error, tries_made=1) is not None
    assert repeated is (error in REPEATS[name])


@pytest.mark.parametrize(
    "error",
    [
        ServiceAuthError("no", status=401),
        ServiceForbidden("no", status=403),
        ServiceLimitReached("no", status=402),
        ServiceNotFound("no", status=404),
        ServiceConflict("no", status=409),
        ServiceBadRequest("no", status=400),
        ServiceBadReply("no", status=200),
    ],
)
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_refusal_is_never_repeated(policy: RetryPolicy, error: ServiceError) -> None:
    assert wait_before_retry(policy, error, tries_made=1) is None


def test_the_wait_doubles_from_one_second_and_ends_after_four_tries() -> None:
    waits = [wait_before_retry(READ, CRASHED, tries_made=n) for n in (1, 2, 3, 4)]
    assert waits == [1.0, 2.0, 4.0, None]


def test_the_wait_never_grows_beyond_thirty_seconds() -> None:
    patient = RetryPolicy(20, READ.server_errors)
    assert wait_before_retry(patient, CRASHED, tries_made=12) == 30.0


@pytest.mark.parametrize(("asked", "waited"), [(7.0, 7.0), (30.0, 30.0), (3_600.0, 30.0)])
def test_what_the_service_asks_for_comes_first_up_to_thirty_seconds(
    asked: float, waited: float
) -> None:
    error = ServiceRateLimited("slow down", status=429)
    error.retry_after_s = asked
    assert wait_before_retry(READ, error, tries_made=1) == waited


NOON = 1_763_726_400.0  # 2025-11-21 12:00:00 UTC


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("Fri, 21 Nov 2025 12:00:30 GMT", 30.0),
        ("Fri, 21 Nov 2025 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None) -> None:
    assert parse_retry_after(text, now_s=NOON) == seconds


@given(st.text(max_size=80))
def test_no_header_value_breaks_it(text: str) -> None:
    seconds = parse_retry_after(text, now_s=NOON)
    assert seconds is None or seconds >= 0.0
