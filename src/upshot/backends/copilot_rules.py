"""Decisions about Copilot's two forms, apart from the requests: when to try the other one, when a
conversation is gone, which of two failures to report. Pure.
"""

from __future__ import annotations

from typing import Final

from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.model import BackendName, NoAnswer, ReasonCode
from upshot.pulumi.copilot_bodies import CONSOLE

_BAD_REQUEST: Final = 400
_GONE: Final = 410
_OTHER_FORM_MAY_WORK: Final = (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceForbidden,
    ServiceNotFound,
    ServiceUnavailable,
)
"""Failures of the chat that a skill may not share: the form, or its own switch. A bad token, a
reached limit or a dead network would fail again."""


def other_form_may_work(error: ServiceError) -> bool:
    """Whether the other form of asking may succeed where this one failed."""
    return isinstance(error, _OTHER_FORM_MAY_WORK)


def is_gone(error: ServiceError) -> bool:
    """Whether the conversation is unknown; no document says how the service tells it."""
    if isinstance(error, ServiceNotFound):
        return True
    says_so = error.status == _BAD_REQUEST and "conversation" in error.message.lower()
    return says_so or error.status == _GONE


def pick_error(first: ServiceError | None, second: ServiceError) -> ServiceError:
    """Of two failures the one to report: that of the form which the service takes."""
    if first is None:
        return second
    if isinstance(first, ServiceForbidden | ServiceUnavailable) or isinstance(
        second, ServiceTimeout
    ):
        return first
    return second


def build_self_hosted(console: str) -> NoAnswer:
    return NoAnswer(
        BackendName.COPILOT,
        ReasonCode.AI_SELF_HOSTED,
        why=f"Pulumi Copilot answers for {CONSOLE} only, and the console here is {console}",
        hint="No action needed: the local diagnosis stands. Set `backend: local` to leave this "
        "note out.",
        anchor="self-hosted",
    )
