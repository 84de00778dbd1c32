"""Facts, diagnosis and reply become a `Report`: bounded and redacted, nothing judged, nothing shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from upshot.model import (
    Diagnosis,
    Facts,
    Failure,
    PullRequest,
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


def build_report(
    facts: Facts,
    diagnosis: Diagnosis,
    *,
    reply: Reply,
    verdict: Verdict,
    subject: Subject | None,
    run: Run,
    pull_request: PullRequest | None,
    redactor: Redactor,
    now: float,
    notices: Sequence[str] = (),
    looked_at: Sequence[str] = (),
) -> Report:
    """The report, with every text redacted and free of hidden characters.

    `now` is the time in seconds since the Unix epoch.
    """
    report = Report(
        facts=_bounded(facts),
        diagnosis=diagnosis,
        reply=reply,
        verdict=verdict,
        run=run,
        subject=subject,
        pull_request=pull_request.number if pull_request else None,
        notices=tuple(dict.fromkeys(notices)),
        looked_at=tuple(looked_at),
        made_at=now,
    )
    return map_texts(report, redactor.redact)


def _bounded(facts: Facts) -> Facts:
    """Without the engine's last words ("update failed") where a cause is told."""
    has_cause = facts.root_cause is not None
    told = (f for f in facts.failures if not (has_cause and f.is_cascade and not f.is_resource))
    return replace(facts, failures=tuple(map(_failure, told)))


def _failure(failure: Failure) -> Failure:
    return replace(
        failure,
        message=clip_block(failure.message, MESSAGE_KEPT),
        headline=clip_line(failure.headline, _LONGEST_LINE),
        location=path_in_repository(failure.location) if failure.location else None,
    )
