"""The report about an organization's stacks, for the job summary and the report file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from upshot.model import Run
from upshot.report.content import map_texts
from upshot.report.fleet.page import FleetPage, Row
from upshot.report.markdown.escape import code_span, fence
from upshot.report.markdown.fit import SUMMARY, Room, Rows, Size, cut_markdown, fit_rows, less, tidy
from upshot.report.markdown.text import clip_line
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered, render_run_footer
from upshot.report.rows import plain
from upshot.report.templating.sandbox import render_template
from upshot.report.view import lines
from upshot.report.words import number

_SLACK: Final = 2_000
_MOST_ROWS: Final = 1_000
_MOST_SKIPPED: Final = 200
_LONGEST_WHY: Final = 300
_LONGEST_FAULT: Final = 2_000
_WORDS: Final = {
    "failed": "its newest update failed",
    "drifted": "it has drifted",
    "stale": "no update for long",
    "deployment-failed": "its newest deployment failed",
}

_OF_MANY: Final = {
    "failed": "whose newest update failed",
    "drifted": "that drifted",
    "stale": "without an update for long",
    "deployment-failed": "whose newest deployment failed",
}


def render_fleet(
    page: FleetPage,
    *,
    run: Run,
    made_at: float,
    notices: Sequence[str],
    redactor: Redactor,
    limit: Size = SUMMARY,
) -> Rendered:
    """The page within a limit, redacted. `made_at`: seconds since the Unix epoch."""
    page = map_texts(page, redactor.redact)
    shown = lines([redactor.redact(notice) for notice in notices])
    footer = render_run_footer(run, made_at)
    room = Room(less(limit, footer + "\n".join(shown), _SLACK))
    part = room.part(1, 4)
    skipped = fit_rows(page.skipped[:_MOST_SKIPPED], _skipped_row, part.room)
    part.settle()
    rows = fit_rows(page.rows[:_MOST_ROWS], _row, room)
    values = _values(page, rows, skipped) | {"notices": shown}
    body = redactor.redact(tidy(render_template("fleet.md.j2", values)))
    text = cut_markdown(body, less(limit, footer, 2))
    left_out = len(page.rows) - len(rows.kept) + len(page.skipped) - len(skipped.kept)
    digest = sha256(text.encode()).hexdigest()
    is_cut = left_out > 0 or not text.startswith(body)
    return Rendered(f"{text}\n\n{footer}\n", is_cut, digest)


def _values(page: FleetPage, rows: Rows, skipped: Rows) -> dict[str, Any]:
    icon, title = _headline(page)
    said = "\n".join(filter(None, (page.fault, page.hint)))
    return {
        "icon": icon,
        "title": title,
        "fault": fence(said[:_LONGEST_FAULT]) if said else "",
        "selection": code_span(clip_line(page.selection, 200)),
        "counts": _counts(page.rows),
        "legs": number(page.legs, "job") if page.legs else "",
        "rows": rows.kept,
        "omitted": _more(len(page.rows) - len(rows.kept)),
        "skipped": skipped.kept,
        "skipped_label": number(len(page.skipped), "stack"),
        "skipped_omitted": _more(len(page.skipped) - len(skipped.kept)),
    }


def _headline(page: FleetPage) -> tuple[str, str]:
    return headline_of(page, plain(page.organization, 100))


def headline_of(page: FleetPage, organization: str) -> tuple[str, str]:
    """Icon and title; `organization` is written as the place of the title needs it."""
    if page.listed is None:
        return "❔", f"The stacks of {organization} could not be read"
    of = f"of {number(page.listed, 'stack')} in {organization}"
    if not page.rows:
        return ("⚠️" if page.skipped else "✅"), f"None {of} needs a look"
    verb = "needs" if len(page.rows) == 1 else "need"
    return "🔎", f"{len(page.rows):,} {of} {verb} a look"


def _counts(rows: Sequence[Row]) -> list[str]:
    """`3 whose newest update failed`, the most frequent first."""
    counts = Counter(word for row in rows for word in row.why)
    return [f"**{count:,}** {_OF_MANY.get(word, word)}" for word, count in counts.most_common()]


def _row(row: Row) -> str:
    name = code_span(clip_line(row.stack, 300), in_table=True)
    shown = f"[{name}]({row.url})" if row.url else name
    why = ", ".join(_WORDS.get(word, word) for word in row.why)
    return f"| {shown} | {why} | {_day(row.last_update)} |"


def _skipped_row(entry: tuple[str, str]) -> str:
    stack, why = entry
    return f"| {code_span(clip_line(stack, 300), in_table=True)} | {plain(why, _LONGEST_WHY)} |"


def _day(moment: float | None) -> str:
    if moment is None:
        return "never"
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return "unknown"


def _more(count: int) -> str:
    return f"{count:,}" if count > 0 else ""
