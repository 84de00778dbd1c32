"""A person's decision, and what became of it where it was carried out.

The caller has checked the person. An applier (`registry.APPLIERS`) carries the decision to the
service that waits for it.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from upshot.model.asking import ApprovalRequest


class DecisionKind(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    REPLY = "reply"
    """The answer to a question."""


class Decision(Struct, frozen=True):
    """What a person wants done."""

    kind: DecisionKind
    subject_id: str
    """What it is about: a Neo task's id, a workflow's id."""
    organization: str
    request_id: str = ""
    """The request that it answers; empty for the oldest open question."""
    text: str = ""
    """Instructions with a rejection, or the words of a reply."""


class AnswerOutcome(StrEnum):
    """What became of a decision; each of them is a result, none an error."""

    ACCEPTED = "accepted"
    ALREADY_APPROVED = "already-approved"
    ALREADY_REJECTED = "already-rejected"
    ALREADY_ANSWERED = "already-answered"
    """Another answer came first, and it was not this one."""
    NOT_ASKED = "not-asked"
    """The subject does not wait for that: another one's id, or it broke off."""
    WRONG_KIND = "wrong-kind"
    """A question cannot be approved, and an approval is no question to reply to."""
    BUSY = "busy"
    """It still works (409): decide again later."""
    GONE = "gone"
    """It does not exist any more (404)."""


class AnswerResult(Struct, frozen=True):
    """What an applier returns."""

    outcome: AnswerOutcome
    request: ApprovalRequest | None = None
    """What was asked, where it is still known."""
