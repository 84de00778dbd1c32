"""The end of an operation on an agent account: report, outputs, exit code."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.inputs.choices import CommentMode, CommentOn
from upshot.job import Job
from upshot.model import Facts, Stamp, Verdict, VerdictStatus
from upshot.modes.accounts.outcome import Outcome
from upshot.modes.shared.finish import note_receipt, write_files
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.report import run_of
from upshot.publish import summary
from upshot.publish.comment import publish as comment
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft
from upshot.publish.interface import Publication, PullRequestContext
from upshot.report.accounts.render import AccountRenderer
from upshot.report.render import Rendered
from upshot.result.build import build_document
from upshot.result.run_result import RunResult

_SHORT: Final = 16


def publish_outcome(job: Job, outcome: Outcome, lookup: PullRequestLookup) -> RunResult:
    """Writes the summary, for a claim the comment too, and the files; the run's result.

    The comment has a name of its own: a report about a deployment is never overwritten.
    """
    is_off = job.inputs.publish.comment_mode is CommentMode.OFF
    has_comment = outcome.has_comment and not is_off
    context = lookup.result() if has_comment else PullRequestContext()
    renderer = AccountRenderer(
        outcome.page,
        run=run_of(job, context),
        made_at=job.clock.now(),
        notices=job.warnings.notices,
        redactor=job.redactor,
    )
    pages = [renderer.summary()]
    if has_comment:
        pages.append(renderer.comment())
    publication = Publication(
        facts=Facts(),
        verdict=Verdict(VerdictStatus.UNKNOWN),
        run=run_of(job, context),
        summary=pages[0].text,
        draft=_draft(job, pages[-1], context, outcome),
    )
    receipts = [summary.publish(publication, context, job)]
    if has_comment:
        receipts.append(comment.publish(publication, context, job))
    for receipt in receipts:
        note_receipt(job, receipt)
    result = RunResult(
        reason_code=outcome.reason,
        run=publication.run,
        exit_code=outcome.exit_code,
        receipts=tuple(receipts),
        own_outputs={name: job.redactor.redact(text) for name, text in outcome.outputs.items()},
        is_truncated=outcome.is_truncated or any(page.truncated for page in pages),
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )
    result = replace(result, document=build_document(result, redact=job.redactor.redact))
    return write_files(job, result, pages[0].text)


def _draft(job: Job, page: Rendered, context: PullRequestContext, outcome: Outcome) -> Draft:
    run = run_of(job, context)
    stamp = Stamp(
        run=run.run_id,
        attempt=run.attempt,
        sha=run.sha,
        started=int(job.started_at),
        verdict=VerdictStatus.UNKNOWN.value,
        digest=page.digest[:_SHORT],
    )
    is_due = job.inputs.publish.comment_on is not CommentOn.FAILURE or outcome.exit_code > 0
    return Draft(page.text, build_marker(job.comment_key, stamp), is_due=is_due)
