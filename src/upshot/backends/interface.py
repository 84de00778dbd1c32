"""What every backend promises, and how a failed request becomes "no answer".

A backend never raises a ServiceError: whatever happens to an AI, the local diagnosis stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, Self

from upshot.errors import (
    ServiceAuthError,
    ServiceBadReply,
    ServiceConnectionLost,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnreachable,
)
from upshot.model import BackendName, NoAnswer, Question, ReasonCode, Reply


class Backend(Protocol):
    """Someone who may know why."""

    def ask(self, question: Question, *, on_sent: Callable[[], None]) -> Reply:
        """The answer, or why there is none; never raises a ServiceError.

        `on_sent` is called exactly once: as soon as the first request to the AI is on the wire,
        or, if none ever is, before this returns.
        """
        ...


class SentOnce:
    """Passes on the first of several signals; at the end of a `with` block at the latest."""

    def __init__(self, on_sent: Callable[[], None]) -> None:
        self._on_sent: Callable[[], None] | None = on_sent

    def __call__(self) -> None:
        on_sent, self._on_sent = self._on_sent, None
        if on_sent:
            on_sent()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self()


_REASONS: Final = (
    (ServiceConnectionLost, ReasonCode.AI_UNREACHABLE),
    (ServiceUnreachable, ReasonCode.AI_UNREACHABLE),
    (ServiceTimeout, ReasonCode.AI_TIMED_OUT),
    (ServiceAuthError, ReasonCode.AI_TOKEN),
    (ServiceForbidden, ReasonCode.AI_FORBIDDEN),
    (ServiceLimitReached, ReasonCode.AI_USAGE_LIMIT),
    (ServiceRateLimited, ReasonCode.AI_RATE_LIMITED),
    (ServiceNotFound, ReasonCode.AI_NOT_FOUND),
    (ServiceBadReply, ReasonCode.AI_BAD_REPLY),
)


def reason_for(error: ServiceError) -> ReasonCode:
    """The reason code for a failed request to an AI; `ai-unavailable` for what has no other."""
    return next(
        (reason for kind, reason in _REASONS if isinstance(error, kind)), ReasonCode.AI_UNAVAILABLE
    )


def build_no_answer(backend: BackendName, error: ServiceError, *, calls: int) -> NoAnswer:
    """Says in one line why there is no answer, and who must act."""
    return NoAnswer(
        backend=backend,
        reason_code=reason_for(error),
        why=" ".join(error.message.split()),
        hint=error.hint,
        calls=calls,
    )
