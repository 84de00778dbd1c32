"""The end of a run whose report is about no deployment: summary, comment, files, result.

Its comment has a name of its own (`ModeSpec.has_own_comment`): a report about a deployment is never
overwritten.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.inputs.choices import CommentOn
from upshot.job import Job
from upshot.model import Facts, ReasonCode, Receipt, Run, Stamp, Verdict, VerdictStatus
from upshot.model.announcement import Announcement
from upshot.modes.shared.finish import note_receipt, publish_everywhere, write_files
from upshot.modes.shared.report import run_of
from upshot.publish.comment import publish as comment
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft
from upshot.publish.interface import Publication, PullRequestContext
from upshot.publish.summary import publish_page
from upshot.report.render import Rendered
from upshot.result.build import build_document
from upshot.result.run_result import RunResult

_SHORT: Final = 16
_ELSEWHERE: Final = ("issue", "slack", "teams", "webhook")


class PageEnd(Struct, frozen=True, kw_only=True):
    """What a mode came to, beside its pages."""

    exit_code: int = 0
    reason: ReasonCode = ReasonCode.OK
    outputs: dict[str, str] = {}
    """Of the mode; they are redacted here."""
    answer: str = ""
    """Redacted text of a model, for the output."""
    conversation: str = ""
    """Id for the next run, kept in the comment's marker."""
    is_truncated: bool = False
    """An output has only a part of what belongs there; pages say so themselves."""
    is_waiting: bool = False
    """A person must decide."""


class Elsewhere(Struct, frozen=True, kw_only=True):
    """For the places that a report goes to where there is no pull request."""

    page: Rendered
    """Of a comment's length."""
    is_well: bool | None
    announcement: Announcement | None = None


def publish_pages(
    job: Job,
    end: PageEnd,
    summary: Rendered,
    on_pull: Rendered | None = None,
    context: PullRequestContext | None = None,
    *,
    elsewhere: Elsewhere | None = None,
) -> RunResult:
    """`on_pull` is the page for the comment, None for none; `context` where it goes."""
    context = context or PullRequestContext()
    run = run_of(job, context)
    receipts = [publish_page(summary.text, job)]
    if on_pull is not None:
        publication = Publication(
            facts=Facts(),
            verdict=Verdict(VerdictStatus.UNKNOWN),
            run=run,
            summary=summary.text,
            draft=_draft(job, end, run, on_pull),
            is_waiting=end.is_waiting,
        )
        receipts.append(comment.publish(publication, context, job))
    for receipt in receipts:
        note_receipt(job, receipt)
    if elsewhere is not None:
        publication = Publication(
            facts=Facts(),
            verdict=Verdict(VerdictStatus.UNKNOWN),
            run=run,
            summary=summary.text,
            draft=_draft(job, end, run, elsewhere.page),
            is_well=elsewhere.is_well,
            announcement=elsewhere.announcement,
            document=lambda sent: _document(job, end, run, sent),
        )
        receipts += publish_everywhere(job, publication, context, names=_ELSEWHERE)
    pages = [page for page in (summary, on_pull) if page is not None]
    result = RunResult(
        reason_code=end.reason,
        run=run,
        exit_code=end.exit_code,
        answer=end.answer,
        receipts=tuple(receipts),
        own_outputs={name: job.redactor.redact(text) for name, text in end.outputs.items()},
        is_truncated=end.is_truncated or any(page.truncated for page in pages),
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )
    result = replace(result, document=build_document(result, redact=job.redactor.redact))
    return write_files(job, result, summary.text)


def _document(job: Job, end: PageEnd, run: Run, receipts: tuple[Receipt, ...]) -> dict[str, Any]:
    result = RunResult(
        reason_code=end.reason, run=run, receipts=receipts, duration_s=job.duration_s
    )
    return build_document(result, redact=job.redactor.redact)


def _draft(job: Job, end: PageEnd, run: Run, page: Rendered) -> Draft:
    stamp = Stamp(
        run=run.run_id,
        attempt=run.attempt,
        sha=run.sha,
        started=int(job.started_at),
        verdict=VerdictStatus.UNKNOWN.value,
        conversation=end.conversation,
        digest=page.digest[:_SHORT],
    ).clean()
    is_due = job.inputs.publish.comment_on is not CommentOn.FAILURE or end.exit_code > 0
    return Draft(page.text, build_marker(job.comment_key, stamp), is_due=is_due)
