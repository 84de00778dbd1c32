"""A report in short, for a chat: plain text, no markup of any kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from upshot.model import Failure, VerdictStatus
from upshot.model.announcement import Announcement
from upshot.registry import BACKENDS
from upshot.report.content import Report
from upshot.report.fleet.page import FleetPage
from upshot.report.fleet.render import headline_of
from upshot.report.markdown.text import clip_block, clip_line
from upshot.report.rows import clipped
from upshot.report.words import (
    could_not,
    count_failed,
    counted,
    duration,
    headline,
    is_preview,
    kind_word,
    moment,
    number,
)
from upshot.subject import build_stack_url, build_update_url
from upshot.verdict.health import has_drift, is_well

MOST_ROWS: Final = 12
_MOST_STEPS: Final = 3
_MOST_REASONS: Final = 3
_LONGEST_ERROR: Final = 1_200
_LONGEST_STEP: Final = 300
_LONGEST_ANSWER: Final = 6_000
_WRONG: Final = frozenset({VerdictStatus.FAILED, VerdictStatus.CANCELLED})
_FENCE: Final = re.compile(r"^ *(```|~~~).*?(^ *\1|\Z)", re.MULTILINE | re.DOTALL)
_LEFT_OUT: Final = "(it is in the report)"
_LINK: Final = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_MARKS: Final = re.compile(r"(\*\*|__|`+)")
_HEADING: Final = re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE)


def announce_report(report: Report) -> Announcement:
    """One stack's report; every text of it is redacted already."""
    icon, phrase = headline(report)
    facts, subject, cause = report.facts, report.subject, report.facts.root_cause
    stack = str((subject.stack if subject else facts.stack) or "")
    version = f" #{subject.version}" if subject and subject.version is not None else ""
    return Announcement(
        icon=icon,
        title=phrase,
        where=f"{stack}{version}",
        verdict=report.verdict.status.value,
        counts=tuple(_counts(report)),
        failed=_failed(cause) if cause else "",
        error=_error(cause) if cause else "",
        reasons=tuple(_reasons(report)),
        why=report.diagnosis.title,
        steps=tuple(_steps(report.diagnosis.next_steps)) if cause else (),
        question=report.question,
        answer=plain_text(report.reply.text)[:_LONGEST_ANSWER],
        answered_by=BACKENDS[report.reply.backend_used].title if report.reply.text else "",
        links=tuple(_links(report)),
    )


def announce_joined(joined: Report, named: Sequence[tuple[str, Report]]) -> Announcement:
    """Several stacks' reports, at least one, the worst first."""
    if len(named) == 1:
        return announce_report(named[0][1])
    wrong = [(name, one) for name, one in named if is_well(one.facts, one.verdict) is False]
    shown = wrong or list(named)
    first = announce_report(shown[0][1])
    verb = "needs" if len(wrong) == 1 else "need"
    title = f"{len(wrong):,} of {number(len(named), 'stack')} {verb} a person"
    if not wrong:
        title = f"{number(len(named), 'stack')} looked at, none needs a person"
    return Announcement(
        icon=first.icon,
        title=title,
        where=shown[0][0] if wrong else "",
        verdict=joined.verdict.status.value,
        counts=tuple(_counts(joined)),
        failed=first.failed if wrong else "",
        error=first.error if wrong else "",
        reasons=first.reasons if wrong else (),
        why=first.why if wrong else "",
        steps=first.steps if wrong else (),
        rows=tuple((name, _phrase(one)) for name, one in wrong[:MOST_ROWS]),
        rows_omitted=max(0, len(wrong) - MOST_ROWS),
        links=tuple(_run_link(joined)),
    )


def announce_fleet(page: FleetPage, *, url: str) -> Announcement:
    """The stacks that mode `fleet` has selected; `url` is the run's."""
    icon, title = headline_of(page, clip_line(page.organization, 60))
    return Announcement(
        icon=icon,
        title=title,
        verdict="unknown",
        rows=tuple((row.stack, ", ".join(row.why)) for row in page.rows[:MOST_ROWS]),
        rows_omitted=max(0, len(page.rows) - MOST_ROWS),
        reasons=tuple(filter(None, (clip_line(page.fault, _LONGEST_STEP),))),
        links=(("Workflow run", url),) if url else (),
    )


def plain_text(markdown: str) -> str:
    """Markdown without its marks: words of links without their addresses, no pictures."""
    text = _LINK.sub(r"\1", markdown)
    return _MARKS.sub("", _HEADING.sub("", text)).strip()


def _phrase(report: Report) -> str:
    cause = report.facts.root_cause
    reasons = list(_reasons(report))
    said = _failed(cause) if cause else next(iter(reasons), "")
    return f"{headline(report)[1]}{f': {said}' if said else ''}"


def _failed(failure: Failure) -> str:
    """`orders-db (aws:rds/instance:Instance) could not be updated (AccessDenied, HTTP 403)`."""
    name, kind = clipped(failure.name), clipped(failure.type)
    who = f"{name} ({kind})" if name and kind else name or kind
    if not who:
        who = "The Pulumi program" if failure.location else "The run"
    what = could_not(failure.operation) if failure.is_resource else "failed"
    status = f"HTTP {failure.status_code}" if failure.status_code is not None else ""
    codes = ", ".join(filter(None, (clip_line(failure.error_code, 60), status)))
    return f"{who} {what}{f' ({codes})' if codes else ''}"


def _error(failure: Failure) -> str:
    return clip_block(failure.headline.strip() or failure.message.strip(), _LONGEST_ERROR)


def _counts(report: Report) -> list[str]:
    facts = report.facts
    failed = count_failed(facts)
    counts = [f"{failed:,} failed"] if failed else []
    counts += counted(facts.counts or {}, planned=is_preview(report))
    if facts.duration_s is not None:
        counts.append(f"took {duration(facts.duration_s)}")
    return [clip_line(one, 60) for one in counts[:8]]


def _reasons(report: Report) -> list[str]:
    verdict = report.verdict
    found = [str(breach) for breach in verdict.breaches]
    if has_drift(report.facts):
        since = report.facts.drifted_since
        found.append(f"Changed outside of Pulumi{f' since {moment(since)}' if since else ''}")
    if verdict.risk_level.is_notable:
        found.append(f"Risk {verdict.risk_level.value}: {'; '.join(verdict.risk_reasons[:2])}")
    return [clip_line(one, _LONGEST_STEP) for one in found[:_MOST_REASONS]]


def _steps(steps: Sequence[str]) -> list[str]:
    """What a fence holds is left out: the report has it."""
    plain = (plain_text(_FENCE.sub(_LEFT_OUT, step)) for step in steps)
    return [clip_line(one, _LONGEST_STEP) for one in plain if one][:_MOST_STEPS]


def _links(report: Report) -> list[tuple[str, str]]:
    subject = report.subject
    found: list[tuple[str, str]] = []
    if subject is not None:
        url = build_update_url(subject) or build_stack_url(subject.stack, subject.console)
        if url:
            found.append((f"{kind_word(report)} in Pulumi Cloud", url))
    return [*found, *_run_link(report)]


def _run_link(report: Report) -> list[tuple[str, str]]:
    return [("Workflow run", report.run.url)] if report.run.url else []
