"""The job summary."""

from __future__ import annotations

from upshot.job import Job
from upshot.model import Receipt, ReceiptStatus
from upshot.publish.interface import Publication, PullRequestContext
from upshot.runner.files import write_summary

_NAME = "summary"


def publish(publication: Publication, _context: PullRequestContext, job: Job) -> Receipt:
    return publish_page(publication.summary, job)


def publish_page(text: str, job: Job) -> Receipt:
    """A whole report; with `dry-run` it is printed in the log, too."""
    if job.inputs.run.dry_run:
        job.log.untrusted(text)
    if not job.inputs.publish.job_summary:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="'job-summary' is off")
    return publish_summary(job.env.get("GITHUB_STEP_SUMMARY", ""), text)


def publish_summary(path: str, text: str) -> Receipt:
    """Adds finished Markdown to GITHUB_STEP_SUMMARY; `path` is empty where there is no runner."""
    if not path:
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="there is no job summary here")
    try:
        is_whole = write_summary(path, text)
    except OSError as fault:
        why = f"the job summary cannot be written: {fault.strerror}"
        return Receipt(_NAME, ReceiptStatus.FAILED, why=why)
    return Receipt(_NAME, ReceiptStatus.POSTED, why="" if is_whole else "its end was cut off")
