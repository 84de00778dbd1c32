"""Mode `collect`: the reports of many jobs become one comment, one summary and one result.

The jobs' files may say what they like: facts, diagnosis and verdict are judged again here, links
go to this repository and this console only, and the rest is shown as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from msgspec import json
from msgspec.structs import replace

from upshot import __version__
from upshot.evidence import diagnose
from upshot.job import Job
from upshot.model import ReasonCode, Run, Section
from upshot.modes.shared.finish import finish, publish_everywhere
from upshot.modes.shared.join_reports import badness, join_reports, name_of
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.report import Pages, ReportMaker, run_of
from upshot.modes.shared.stored_reports import Stored, read_reports
from upshot.publish.comment.marker import Marker, build_marker, clean_id, next_history
from upshot.publish.comment.plan import Draft, is_due
from upshot.publish.comment.sections import UNKNOWN_STACK
from upshot.publish.interface import Publication, PullRequestContext
from upshot.report.cells import build_cells
from upshot.report.content import Report, map_texts
from upshot.report.history import render_history
from upshot.report.markdown.escape import escape_inline
from upshot.report.markdown.fit import COMMENT, SUMMARY, Size, cut_markdown
from upshot.report.render import Rendered, Renderer
from upshot.report.rollup import assemble
from upshot.result.run_result import RunResult
from upshot.verdict import decide

_SHORT: Final = 16
_TIMES: Final = 3
_NOT_WRITTEN: Final = Rendered("", truncated=True, digest="")


class _Part(NamedTuple):
    """One stack's report, rendered for both places."""

    name: str
    report: Report
    comment: Rendered
    summary: Rendered

    def section(self, rendered: Rendered) -> Section:
        verdict = self.report.verdict.status.value
        return Section(
            stack=self.name,
            run=self.report.run.run_id,
            attempt=1,
            sha=self.report.run.sha,
            started=0,
            verdict=verdict,
            digest="",
            cells=build_cells(self.report),
            text=rendered.text,
        )


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Reads, judges, joins and publishes. Finding no report is a warning."""
    found = read_reports(job.inputs.subject.reports_folder)
    if found.refused:
        job.warnings.degraded(
            None,
            f"{found.refused} of the reports in 'reports-folder' cannot be used.",
            hint="Upload the folder 'upshot' of each job as it is, written by the same version.",
        )
    if found.reports:
        return Collector(job).collect(found.reports, lookup.result())
    job.warnings.degraded(
        ReasonCode.NO_EVIDENCE,
        "'reports-folder' holds no report of another job.",
        hint="Did actions/download-artifact run before this step, with the same path?",
    )
    return RunResult(
        reason_code=ReasonCode.NO_EVIDENCE, run=job.event.run, duration_s=job.duration_s
    )


class Collector:
    """Joins stored reports into one comment; GitHub is asked twice."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._maker = ReportMaker(job)

    def collect(self, stored: Sequence[Stored], context: PullRequestContext) -> RunResult:
        job = self._job
        adopted = [self._adopt(one) for one in stored]
        renderer = self._maker.renderer()
        parts = list(_render_parts(adopted, renderer))
        faults = dict.fromkeys(fault for part in parts for fault in part.comment.notices)
        self._maker.drop_template(list(faults))
        run = run_of(job, context)
        joined = join_reports([part.report for part in parts], run=run, now=job.clock.now())
        draft, pages = self._draft(parts, joined, renderer, context)
        publication = Publication(
            facts=joined.facts,
            verdict=joined.verdict,
            run=joined.run,
            summary=pages.summary.text,
            draft=draft,
            is_joined=True,
        )
        receipts = publish_everywhere(job, publication, context)
        return finish(
            job,
            joined,
            receipts=receipts,
            summary=pages.summary.text,
            is_truncated=pages.is_truncated,
            is_stored=False,
        )

    def _adopt(self, stored: Stored) -> tuple[str, Report]:
        """The report as one of our own: judged by our rules, linked to our places only."""
        job, report = self._job, stored.report
        run, subject = job.event.run, report.subject
        if subject is not None and subject.console != job.console:
            subject = replace(subject, console="")
        facts = replace(report.facts, links=())
        report = replace(
            report,
            facts=facts,
            diagnosis=diagnose(facts),
            verdict=decide(facts, report.reply, policy=job.inputs.policy),
            subject=subject,
            run=replace(
                run,
                run_id=report.run.run_id or run.run_id,
                run_attempt=report.run.run_attempt or "1",
                sha=report.run.sha or run.sha,
            ),
            pull_request=None,
        )
        name = name_of(report) or clean_id(f"{UNKNOWN_STACK}/{stored.place}")
        return name, map_texts(report, job.redactor.redact)

    def _draft(
        self, parts: list[_Part], joined: Report, renderer: Renderer, context: PullRequestContext
    ) -> tuple[Draft, Pages]:
        digest = _digest(parts)
        marker = self._marker(joined, digest[:_SHORT])
        latest = context.thread.latest if context.thread else None
        past = next_history(latest.marker, marker) if latest and not latest.marker.stack else ()
        history = render_history(past, joined.run)
        if len(parts) == 1:
            pages = Pages(renderer.comment(parts[0].report, history=history), parts[0].summary)
        else:
            notices = self._notices()
            tail = "\n\n".join(filter(None, (notices, history)))
            comment = [part.section(part.comment) for part in parts]
            summary = [part.section(part.summary) for part in parts]
            pages = Pages(_page(comment, COMMENT, tail), _page(summary, SUMMARY, notices))
        status, has_changes = joined.verdict.status, joined.facts.has_changes
        is_wanted = is_due(self._job.inputs.publish.comment_on, status, has_changes=has_changes)
        return Draft(pages.comment.text, marker, is_due=is_wanted), pages

    def _marker(self, joined: Report, digest: str) -> Marker:
        return build_marker(
            joined.run,
            key=self._job.inputs.publish.comment_key,
            started=self._job.started_at,
            verdict=joined.verdict.status.value,
            digest=digest,
        )

    def _notices(self) -> str:
        """What could not be done, as a note below the stacks."""
        lines = [f"> - {escape_inline(notice)}" for notice in self._job.warnings.notices]
        return "\n".join(["> [!NOTE]", *lines]) if lines else ""


def _render_parts(adopted: list[tuple[str, Report]], renderer: Renderer) -> Iterator[_Part]:
    """The worst first; what neither place could hold anyway is not even written."""
    comment_room, summary_room = _TIMES * COMMENT.code_points, _TIMES * SUMMARY.code_points
    for name, report in sorted(adopted, key=lambda pair: (badness(pair[1]), pair[0])):
        comment = renderer.comment(report) if comment_room > 0 else _NOT_WRITTEN
        summary = renderer.summary(report) if summary_room > 0 else _NOT_WRITTEN
        comment_room -= len(comment.text)
        summary_room -= len(summary.text)
        yield _Part(name, report, comment, summary)


def _digest(parts: list[_Part]) -> str:
    """The same for the same facts about the same commits, whatever the time and the run."""
    stable = [
        (part.name, replace(part.report, run=Run("", "", "", sha=part.report.run.sha), made_at=0.0))
        for part in parts
    ]
    return sha256(__version__.encode() + json.encode(stable)).hexdigest()


def _page(sections: list[Section], limit: Size, tail: str) -> Rendered:
    whole = assemble(sections, lambda section: section.text, limit=limit, tail=tail)
    text = cut_markdown(whole, limit)  # names alone may be longer than anything should be
    is_whole = all(section.text and section.text.strip() in text for section in sections)
    return Rendered(text, not is_whole, digest="")
