"""Facts, diagnosis and reply become a `Report`: bounded and redacted, nothing judged, nothing shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from upshot.model import (
    Diagnosis,
    Facts,
    Failure,
    PullRequest,
    Reply,
    Run,
    SourceLocation,
    Subject,
    Verdict,
)
from upshot.report.content import Report, map_texts
from upshot.report.markdown.text import clip_block, clip_line
from upshot.report.redact.redact import Redactor
from upshot.report.source import path_in_repository

_LONGEST_MESSAGE: Final = 16_000
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
    backend_asked: str = "auto",
    looked_at: Sequence[str] = (),
    find_source: Callable[[SourceLocation], SourceLocation] = path_in_repository,
) -> Report:
    """What is to be told, with every text redacted and free of hidden characters.

    `now` is the time in seconds since the Unix epoch; `find_source` makes a path of the log
    relative to the repository.
    """
    report = Report(
        facts=_bounded(facts, find_source),
        diagnosis=diagnosis,
        reply=reply,
        verdict=verdict,
        run=run,
        subject=subject,
        pull_request=pull_request.number if pull_request else None,
        notices=tuple(dict.fromkeys(notices)),
        backend_asked=backend_asked,
        looked_at=tuple(looked_at),
        made_at=now,
    )
    return map_texts(report, redactor.redact)


def _bounded(facts: Facts, find_source: Callable[[SourceLocation], SourceLocation]) -> Facts:
    """Without the engine's last words ("update failed") where a cause is told."""
    has_cause = facts.root_cause is not None
    told = (f for f in facts.failures if not (has_cause and f.is_cascade and not f.is_resource))
    return replace(facts, failures=tuple(_failure(failure, find_source) for failure in told))


def _failure(failure: Failure, find_source: Callable[[SourceLocation], SourceLocation]) -> Failure:
    return replace(
        failure,
        message=clip_block(failure.message, _LONGEST_MESSAGE),
        headline=clip_line(failure.headline, _LONGEST_LINE),
        location=find_source(failure.location) if failure.location else None,
    )
