"""A failed request becomes a reason, a line, a hint and a place in the docs."""

from __future__ import annotations

import pytest

from upshot.backends.interface import build_no_answer
from upshot.backends.local import LocalBackend
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
from upshot.model import BackendName, NoAnswer, Outcome, Question, ReasonCode, UpdateKind


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ServiceUnreachable, ReasonCode.AI_UNREACHABLE),
        (ServiceConnectionLost, ReasonCode.AI_UNREACHABLE),
        (ServiceTimeout, ReasonCode.AI_TIMED_OUT),
        (ServiceAuthError, ReasonCode.AI_TOKEN),
        (ServiceForbidden, ReasonCode.AI_FORBIDDEN),
        (ServiceLimitReached, ReasonCode.AI_USAGE_LIMIT),
        (ServiceNotFound, ReasonCode.AI_NOT_FOUND),
        (ServiceRateLimited, ReasonCode.AI_RATE_LIMITED),
        (ServiceBadReply, ReasonCode.AI_BAD_REPLY),
        (ServiceUnavailable, ReasonCode.AI_UNAVAILABLE),
        (ServiceBadRequest, ReasonCode.AI_UNAVAILABLE),
        (ServiceConflict, ReasonCode.AI_UNAVAILABLE),
        (ServiceError, ReasonCode.AI_UNAVAILABLE),
    ],
)
def test_each_error_has_its_reason(error: type[ServiceError], reason: ReasonCode) -> None:
    answer = build_no_answer(BackendName.NEO, error("x"), calls=1)
    assert answer.reason_code is reason


def test_the_reason_is_reported_in_one_line_with_who_must_act() -> None:
    error = ServiceLimitReached("limit\nreached", hint="An administrator must act.")
    assert build_no_answer(BackendName.COPILOT, error, calls=3) == NoAnswer(
        BackendName.COPILOT,
        ReasonCode.AI_USAGE_LIMIT,
        why="limit reached",
        hint="An administrator must act.",
        anchor="ai-usage-limit",
        calls=3,
    )


def test_an_error_that_has_its_own_place_in_the_docs_keeps_it() -> None:
    error = ServiceAuthError("no policy fits", anchor="oidc-policy")
    assert build_no_answer(BackendName.NEO, error, calls=0).anchor == "oidc-policy"
    busy = ServiceConflict("still busy")
    assert build_no_answer(BackendName.NEO, busy, calls=1).anchor == "pulumi-conflict"


class NoEvidence:
    def cut(self, budget_bytes: int) -> str:
        return ""


QUESTION = Question("", "", None, Outcome.UNKNOWN, UpdateKind.UNKNOWN, NoEvidence())


def test_local_answers_nothing_at_once_sends_nothing_and_gives_no_reason() -> None:
    sent: list[int] = []
    reply = LocalBackend().ask(QUESTION, on_sent=lambda: sent.append(1))
    assert reply == NoAnswer(BackendName.LOCAL)
    assert sent == []


def test_local_passes_on_why_no_ai_could_be_asked() -> None:
    why = NoAnswer(BackendName.COPILOT, ReasonCode.AI_TOKEN, why="no token")
    assert LocalBackend(why).ask(QUESTION, on_sent=lambda: None) is why
