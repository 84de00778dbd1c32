"""Why Upshot's run ended as it did: one code of the closed list, the first that applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from upshot.model import (
    Facts,
    ReasonCode,
    Receipt,
    ReceiptStatus,
    Reply,
    Verdict,
)


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
    }
    if reply and reply.reason_code:
        applying.add(reply.reason_code)
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
