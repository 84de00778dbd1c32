"""The end of a run in mode `fleet`: report, list, outputs, exit code."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.shared.finish import note_receipt, write_files
from upshot.modes.shared.report import run_of
from upshot.publish.interface import PullRequestContext
from upshot.publish.summary import publish_page
from upshot.report.fleet.page import FleetPage
from upshot.report.fleet.render import render_fleet
from upshot.result.build import build_document
from upshot.result.run_result import RunResult
from upshot.runner.scratch import write_scratch

FILE: Final = "fleet.txt"
"""The whole list, a name a line, in the order of the alphabet."""


class Listing(Struct, frozen=True, kw_only=True):
    page: FleetPage
    outputs: dict[str, str]
    names: str = ""
    """Of the whole list, a line each."""
    is_truncated: bool = False
    exit_code: int = 0
    reason: ReasonCode = ReasonCode.OK


def publish_listing(job: Job, listing: Listing) -> RunResult:
    """The summary, the files and the outputs. A list belongs to no pull request: no comment."""
    run = run_of(job, PullRequestContext())
    rendered = render_fleet(
        listing.page,
        run=run,
        made_at=job.clock.now(),
        notices=job.warnings.notices,
        redactor=job.redactor,
    )
    receipt = publish_page(rendered.text, job)
    note_receipt(job, receipt)
    outputs = listing.outputs | {"fleet-file": _write_list(job, listing.names)}
    codes = job.warnings.codes
    is_done = listing.reason is ReasonCode.OK
    result = RunResult(
        reason_code=codes[0] if is_done and codes else listing.reason,
        run=run,
        exit_code=listing.exit_code,
        receipts=(receipt,),
        own_outputs=outputs,
        is_truncated=listing.is_truncated or rendered.truncated,
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )
    result = replace(result, document=build_document(result, redact=job.redactor.redact))
    return write_files(job, result, rendered.text)


def _write_list(job: Job, names: str) -> str:
    """The file's path below `runner.temp`; empty where it could not be written."""
    temp = job.workspace.temp
    if not temp:
        return ""
    try:
        return write_scratch(temp, job.inputs.publish.comment_key, FILE, names)
    except OSError as fault:
        job.warnings.degraded(None, f"The list of stacks was not written: {fault.strerror}")
        return ""
