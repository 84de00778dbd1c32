"""The reports of several stacks, published as one comment, one summary and one result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from string import ascii_letters, digits
from typing import Final, NamedTuple

from msgspec import json
from msgspec.structs import replace

from upshot import __version__
from upshot.job import Job
from upshot.model import Reply, Run, Section, Stamp
from upshot.model.stamp import UNKNOWN_STACK, is_id
from upshot.modes.joined.join import badness, join_reports
from upshot.modes.shared.announced import announced, document_of
from upshot.modes.shared.draft import Drafter, labels_of
from upshot.modes.shared.finish import finish, publish_everywhere
from upshot.modes.shared.gather import Case
from upshot.modes.shared.report import Pages, ReportMaker, publish_report, run_of
from upshot.publish.comment.marker import Marker, build_marker
from upshot.publish.comment.plan import Draft, Share, is_due
from upshot.publish.comment.sections import wrap_section
from upshot.publish.interface import Publication, PullRequestContext, StackFacts
from upshot.report.announcement.build import announce_joined
from upshot.report.cells import build_cells
from upshot.report.content import Report, map_texts
from upshot.report.history import render_history
from upshot.report.markdown.fit import COMMENT, SUMMARY, Size, cut_markdown, size
from upshot.report.render import Rendered, Renderer, Rendering, render_notices
from upshot.report.rollup import assemble
from upshot.result.run_result import RunResult
from upshot.verdict.health import are_well, is_well

_SHORT: Final = 16
_LONGEST_NAME: Final = 80
_READABLE: Final = frozenset(f"{ascii_letters}{digits}_.-/")
_TIMES: Final = 3
_MANY: Final = 256
"""Stacks whose pages take longer to make than a reading of the conversation stays fresh."""
_MOST_WELL: Final = 500
"""Stacks after which one that needs nobody has a row and no text."""
_NOT_WRITTEN: Final = Rendered("", truncated=True, digest="")


def publish_reports(
    job: Job, answered: Sequence[tuple[Case, Reply]], context: PullRequestContext
) -> RunResult:
    """One report a case, at least one; several are published as one."""
    if len(answered) == 1:
        return publish_report(job, *answered[0], context)
    maker = ReportMaker(job)
    redact = job.redactor.redact
    answered = [
        (replace(case, stack=map_texts(case.stack, redact)), reply) for case, reply in answered
    ]
    names = name_sections([case for case, _ in answered])
    named = [
        (name, maker.build(case, reply, context))
        for name, (case, reply) in zip(names, answered, strict=True)
    ]
    ids = {
        name: (_section_id(name, case), case.asked)
        for name, (case, _) in zip(names, answered, strict=True)
    }
    return publish_joined(job, named, lambda: context, maker=maker, is_annotated=False, ids=ids)


def name_sections(cases: Sequence[Case]) -> tuple[str, ...]:
    """A name for each case, none twice: its stack, else its job, else a number."""
    names: list[str] = []
    for number, case in enumerate(cases, start=1):
        name = str(case.stack or case.job or f"stack {number}")
        if name in names and case.job:
            name = f"{name} ({case.job})"
        names.append(f"{name} {number}" if name in names else name)
    return tuple(names)


def publish_joined(
    job: Job,
    named: Sequence[tuple[str, Report]],
    look_up: Callable[[], PullRequestContext],
    *,
    maker: ReportMaker,
    is_annotated: bool,
    ids: Mapping[str, tuple[str, str]] | None = None,
) -> RunResult:
    """Publishes reports, each with the name of its section; at least one.

    `look_up` is asked when the reports are rendered, so that thousands of them leave no old reading.
    `is_annotated`: other jobs have annotated these failures already. `ids`: of each name the id of its
    section in a comment that other workflows share, and the digest of what an AI was asked; without
    them the comment is only for these reports.
    """
    renderer = maker.renderer()
    parts = list(_render_parts(named, renderer))
    faults = dict.fromkeys(fault for part in parts for fault in part.comment.notices)
    maker.drop_template(list(faults))
    made = _make_pages(job, parts) if len(parts) > _MANY else None
    digest = _digest(parts)[:_SHORT]
    context = look_up()
    joined = join_reports(
        [part.report for part in parts], run=run_of(job, context), now=job.clock.now()
    )
    stamp = replace(
        _stamp(job, joined, digest), labels=labels_of(job, *(part.report for part in parts))
    )
    marker = build_marker(job.inputs.publish.comment_key, stamp)
    draft, pages = _draft(job, parts, joined, context, ids or {}, marker=marker, made=made)
    publication = Publication(
        facts=joined.facts,
        verdict=joined.verdict,
        run=joined.run,
        summary=pages.summary.text,
        draft=draft,
        is_joined=is_annotated,
        stacks=tuple(StackFacts(name, report.facts) for name, report in named),
        is_well=are_well(is_well(report.facts, report.verdict) for _, report in named),
        verdict_before=_verdict_before(context),
        announcement=announced(
            job, lambda: announce_joined(joined, [(part.name, part.report) for part in parts])
        ),
        document=lambda receipts: document_of(job, joined, pages.answer, receipts),
    )
    receipts = publish_everywhere(job, publication, context)
    return finish(
        job,
        joined,
        receipts=receipts,
        summary=pages.summary.text,
        answer=pages.answer,
        is_truncated=pages.is_truncated,
        stored=() if is_annotated else [report for _, report in named],
    )


def _verdict_before(context: PullRequestContext) -> str:
    """Of the report of all stacks together, where our comment is one."""
    latest = context.latest
    return latest.marker.verdict if latest and not latest.marker.stack else ""


class _Part(NamedTuple):
    """One stack's report, rendered for both places."""

    name: str
    report: Report
    rendering: Rendering
    comment: Rendered
    summary: Rendered

    def section(self, rendered: Rendered) -> Section:
        return Section(
            stack=self.name,
            run=self.report.run.run_id,
            sha=self.report.run.sha,
            verdict=self.report.verdict.status.value,
            cells=build_cells(self.report),
            text=rendered.text,
        )


def _stamp(job: Job, joined: Report, digest: str) -> Stamp:
    return Stamp(
        run=joined.run.run_id,
        attempt=joined.run.attempt,
        sha=joined.run.sha,
        started=int(job.started_at),
        verdict=joined.verdict.status.value,
        digest=digest,
    )


def _make_pages(job: Job, parts: list[_Part], history: str = "") -> Pages:
    notices = render_notices(job.warnings.notices)
    tail = "\n\n".join(filter(None, (notices, history)))
    comment = [part.section(part.comment) for part in parts]
    summary = [part.section(part.summary) for part in parts]
    return Pages(_page(comment, COMMENT, tail), _page(summary, SUMMARY, notices))


def _draft(
    job: Job,
    parts: list[_Part],
    joined: Report,
    context: PullRequestContext,
    ids: Mapping[str, tuple[str, str]],
    *,
    marker: Marker,
    made: Pages | None,
) -> tuple[Draft, Pages]:
    """`made`: pages that were made before the look-up, without what it knows of earlier runs."""
    latest = context.latest
    past = latest.runs_before(marker) if latest else ()
    history = render_history(past, joined.run)
    share = None
    if len(parts) == 1:
        pages = Pages(parts[0].rendering.comment(history=history), parts[0].summary)
    else:
        pages = made or _make_pages(job, parts, history)
        share = _share(job, parts, context, ids, history) if ids and made is None else None
    status, has_changes = joined.verdict.status, joined.facts.has_changes
    is_wanted = is_due(job.inputs.publish.comment_on, status, has_changes=has_changes)
    return Draft(pages.comment.text, marker, is_due=is_wanted, share=share), pages


def _share(
    job: Job,
    parts: list[_Part],
    context: PullRequestContext,
    ids: Mapping[str, tuple[str, str]],
    history: str,
) -> Share | None:
    """The sections for a comment that other workflows write to; None where they are too long for it."""
    tail = "\n\n".join(filter(None, (render_notices(job.warnings.notices), history)))
    sections = []
    for part in parts:
        name, asked = ids[part.name]
        drafter = Drafter(job, part.report, context.thread, asked=asked)
        draft = drafter.draft(drafter.remember(part.rendering, part.comment))
        if draft.share is None:
            return None
        sections.append(replace(draft.share.section, stack=name))
    text = assemble(sections, wrap_section, tail=tail)
    if not size(text).fits(COMMENT):
        return None
    return Share(sections[0], assemble, tuple(sections[1:]), text)


def _section_id(name: str, case: Case) -> str:
    """An id that is readable, and that no other name gets."""
    if case.stack is not None and is_id(name):
        return name
    digest = sha256(name.encode("utf-8", "replace")).hexdigest()[:6]
    readable = "".join(char if char in _READABLE else "-" for char in name[:_LONGEST_NAME])
    return f"{UNKNOWN_STACK}/{readable}-{digest}" if case.stack is None else f"{readable}-{digest}"


def _render_parts(adopted: Sequence[tuple[str, Report]], renderer: Renderer) -> Iterator[_Part]:
    """The worst first; what neither place could hold anyway is not even written."""
    comment_room, summary_room = _TIMES * COMMENT.code_points, _TIMES * SUMMARY.code_points
    in_order = sorted(adopted, key=lambda pair: (badness(pair[1]), pair[0]))
    for number, (name, report) in enumerate(in_order):
        rendering = renderer.open(report)
        if number >= _MOST_WELL and is_well(report.facts, report.verdict):
            comment_room = summary_room = 0  # a row of the table says as much
        comment = rendering.comment() if comment_room > 0 else _NOT_WRITTEN
        summary = rendering.summary() if summary_room > 0 else _NOT_WRITTEN
        comment_room -= len(comment.text)
        summary_room -= len(summary.text)
        yield _Part(name, report, rendering, comment, summary)


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
