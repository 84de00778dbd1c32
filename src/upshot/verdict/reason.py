"""Why Upshot's run ended as it did: one code of the closed list, the first that applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from upshot.model import (
    Facts,
    NoAnswer,
    ReasonCode,
    Receipt,
    ReceiptStatus,
    Reply,
    TaskState,
    TaskStatus,
    Verdict,
)

_BY_TASK: Final = {
    TaskStatus.AWAITING_APPROVAL: ReasonCode.TASK_AWAITS,
    TaskStatus.AWAITING_ANSWER: ReasonCode.TASK_AWAITS,
    TaskStatus.FAILED: ReasonCode.AI_BAD_REPLY,
    TaskStatus.CANCELLED: ReasonCode.AI_DECLINED,
    TaskStatus.TIMED_OUT: ReasonCode.AI_TIMED_OUT,
}


def decide_reason(
    verdict: Verdict,
    facts: Facts,
    *,
    is_subject_known: bool,
    reply: Reply | None = None,
    receipts: Sequence[Receipt] = (),
    stopped: Iterable[ReasonCode] = (),
) -> ReasonCode:
    """The first reason, in the order of ReasonCode, of all that apply.

    `stopped` are reasons that only the caller knows (`timed-out`, `pulumi-unavailable`, …).
    """
    applying = {
        *stopped,
        *_of_evidence(verdict, facts, is_subject_known=is_subject_known),
        *_of_reply(reply),
    }
    if verdict.breaches:
        applying.add(ReasonCode.FORBIDDEN_BY_POLICY)
    if any(r.publisher == "comment" and r.status is ReceiptStatus.FAILED for r in receipts):
        applying.add(ReasonCode.COMMENT_FAILED)
    return next(code for code in ReasonCode if code in applying or code is ReasonCode.OK)


def _of_evidence(verdict: Verdict, facts: Facts, *, is_subject_known: bool) -> Iterator[ReasonCode]:
    if not facts.sources:
        yield ReasonCode.NO_EVIDENCE if is_subject_known else ReasonCode.NO_SUBJECT
    if facts.is_running:
        yield ReasonCode.STILL_RUNNING
    else:
        yield verdict.status.shown.reason


def _of_reply(reply: Reply | None) -> Iterator[ReasonCode]:
    if isinstance(reply, NoAnswer) and reply.reason_code:
        yield reply.reason_code
    if isinstance(reply, TaskState) and reply.status in _BY_TASK:
        yield _BY_TASK[reply.status]
