"""The end of an operation on an agent account: report, outputs, exit code."""

from __future__ import annotations

from upshot.inputs.choices import CommentMode
from upshot.job import Job
from upshot.modes.accounts.outcome import Outcome
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.page_end import PageEnd, publish_pages
from upshot.modes.shared.report import run_of
from upshot.publish.interface import PullRequestContext
from upshot.report.accounts.render import AccountRenderer
from upshot.result.run_result import RunResult


def publish_outcome(job: Job, outcome: Outcome, lookup: PullRequestLookup) -> RunResult:
    """Writes the summary, for a claim the comment too, and the files; the run's result."""
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
    end = PageEnd(
        exit_code=outcome.exit_code,
        reason=outcome.reason,
        outputs=outcome.outputs,
        is_truncated=outcome.is_truncated,
    )
    on_pull = renderer.comment() if has_comment else None
    return publish_pages(job, end, renderer.summary(), on_pull, context)
