"""What chats and a webhook get of a report: made only where the workflow names one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from upshot.job import Job
from upshot.model import Receipt
from upshot.model.announcement import Announcement
from upshot.modes.shared.finish import build_result
from upshot.report.content import Report, map_texts
from upshot.result.build import build_document

_CHATS: Final = frozenset({"slack", "teams", "webhook"})


def announced(job: Job, make: Callable[[], Announcement]) -> Announcement | None:
    """The announcement, every text redacted; None where nobody gets it."""
    if _CHATS.isdisjoint(job.inputs.own):
        return None
    return map_texts(make(), job.redactor.redact)


def document_of(
    job: Job, report: Report, answer: str, receipts: tuple[Receipt, ...]
) -> dict[str, Any]:
    """`result.json` as it is at this moment."""
    result = build_result(job, report, answer=answer, receipts=receipts)
    return build_document(result, redact=job.redactor.redact)
