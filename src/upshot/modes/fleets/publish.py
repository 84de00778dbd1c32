"""The end of a run in mode `fleet`: report, list, outputs, exit code."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.shared.announced import announced
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.page_end import Elsewhere, PageEnd, publish_pages
from upshot.modes.shared.report import run_of
from upshot.publish.interface import PullRequestContext
from upshot.registry import PUBLISHERS
from upshot.report.announcement.build import announce_fleet
from upshot.report.fleet.page import FleetPage
from upshot.report.fleet.render import render_fleet
from upshot.report.markdown.fit import COMMENT, SUMMARY, Size
from upshot.report.render import Rendered
from upshot.result.run_result import RunResult
from upshot.runner.scratch import write_scratch

FILE: Final = "fleet.txt"
"""The whole list, a name a line, in the order of the alphabet."""


class Listing(Struct, frozen=True, kw_only=True):
    page: FleetPage
    outputs: dict[str, str]
    names: str = ""
    """Of the whole list, a line each."""
    is_well: bool | None = None
    """Whether no stack needs a person; None where that was not asked for, or not all was read."""
    is_truncated: bool = False
    exit_code: int = 0
    reason: ReasonCode = ReasonCode.OK


def publish_listing(job: Job, lookup: PullRequestLookup, listing: Listing) -> RunResult:
    """The summary, the files and the outputs. A list belongs to no pull request: no comment."""
    run = run_of(job, PullRequestContext())

    def render(limit: Size) -> Rendered:
        return render_fleet(
            listing.page,
            run=run,
            made_at=job.clock.now(),
            notices=job.warnings.notices,
            redactor=job.redactor,
            limit=limit,
        )

    rendered = render(SUMMARY)
    elsewhere, context = None, None
    if PUBLISHERS.keys() & job.inputs.own.keys():
        elsewhere = Elsewhere(
            page=render(COMMENT),
            is_well=listing.is_well,
            announcement=announced(job, lambda: announce_fleet(listing.page, url=run.url)),
        )
        context = lookup.result() if "issue" in job.inputs.own else None
    outputs = listing.outputs | {"fleet-file": _write_list(job, listing.names)}
    codes = job.warnings.codes
    is_done = listing.reason is ReasonCode.OK
    end = PageEnd(
        exit_code=listing.exit_code,
        reason=codes[0] if is_done and codes else listing.reason,
        outputs=outputs,
        is_truncated=listing.is_truncated,
    )
    return publish_pages(job, end, rendered, context=context, elsewhere=elsewhere)


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
