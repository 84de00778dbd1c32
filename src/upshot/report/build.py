"""Builds a `Report` from facts, diagnosis and reply: redacted, and with a bounded length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.model import (
    Diagnosis,
    Facts,
    Failure,
    Reply,
    Run,
    Subject,
    Verdict,
)
from upshot.model.limits import MESSAGE_KEPT
from upshot.report.content import Report, map_texts
from upshot.report.markdown.text import clip_block, clip_line
from upshot.report.redact.redact import Redactor
from upshot.report.source import path_in_repository

_LONGEST_LINE: Final = 1_000


class RunContext(Struct, frozen=True):
    """What a report says about the run of Upshot that wrote it."""

    run: Run
    made_at: float
    """Seconds since the Unix epoch."""
    notices: Sequence[str] = ()
    """What went wrong with this run, a line each."""
    looked_at: Sequence[str] = ()
    question: str = ""
    """Where an update was looked for, when none was found."""


def build_report(
    facts: Facts,
    diagnosis: Diagnosis,
    *,
    reply: Reply,
    verdict: Verdict,
    subject: Subject | None,
    context: RunContext,
    redactor: Redactor,
) -> Report:
    """The report, with every text redacted and free of hidden characters, in one pass."""
    report = Report(
        facts=_bounded(facts),
        diagnosis=diagnosis,
        reply=reply,
        verdict=verdict,
        run=context.run,
        subject=subject,
        notices=tuple(dict.fromkeys(context.notices)),
        looked_at=tuple(context.looked_at),
        question=context.question,
        made_at=context.made_at,
    )
    return map_texts(report, redactor.redact)


def _bounded(facts: Facts) -> Facts:
    """Drops the engine's last error ("update failed") when another failure states the cause."""
    has_cause = facts.root_cause is not None
    shown = (f for f in facts.failures if not (has_cause and f.is_cascade and not f.is_resource))
    return replace(facts, failures=tuple(map(_failure, shown)))


def _failure(failure: Failure) -> Failure:
    return replace(
        failure,
        message=clip_block(failure.message, MESSAGE_KEPT),
        headline=clip_line(failure.headline, _LONGEST_LINE),
        location=path_in_repository(failure.location) if failure.location else None,
    )
