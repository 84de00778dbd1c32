"""Two small texts about time: the earlier runs below a report, and the line that announces a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.model import Run, Stamp, VerdictStatus
from upshot.report.content import Report
from upshot.report.markdown.escape import code_span, escape_inline
from upshot.report.words import headline, moment

_MOST: Final = 5
_YEAR_9999_S: Final = 253_370_764_800
_STATUSES: Final = frozenset(VerdictStatus)


def render_history(past: Sequence[Stamp], run: Run) -> str:
    """The earlier runs of this comment, newest first, folded; empty where there are none.

    `run` is the present one: the others are of the same repository.
    """
    rows = [_row(earlier, run) for earlier in past[:_MOST] if earlier.verdict in _STATUSES]
    if not rows:
        return ""
    label = "1 earlier run" if len(rows) == 1 else f"{len(rows)} earlier runs"
    head = "| | Outcome | Commit | Run | Started |\n|:-:|:--|:--|:--|:--|"
    table = "\n".join([head, *rows])
    return f"<details><summary>{label}</summary>\n\n{table}\n\n</details>"


def render_change(report: Report, before: str, *, url: str) -> str:
    """One line about a new verdict, `before` being a `VerdictStatus`; empty when there is no news.

    `url` is the address of the comment that holds the report.
    """
    if before not in _STATUSES or before == report.verdict.status:
        return ""
    icon, phrase = headline(report)
    stack = report.subject.stack if report.subject else report.facts.stack
    name = f" · {escape_inline(str(stack))}" if stack else ""
    link = f" [See the report]({url})" if url else ""
    return f"{icon} **{phrase}**{name}; the run before: {VerdictStatus(before).shown.alone}.{link}"


def _row(earlier: Stamp, run: Run) -> str:
    shown_as = VerdictStatus(earlier.verdict).shown
    home = f"{run.server_url}/{run.repository}" if run.server_url and run.repository else ""
    commit, attempt = code_span(earlier.sha[:7]), ""
    if home and earlier.sha:
        commit = f"[{commit}]({home}/commit/{earlier.sha})"
    if earlier.attempt > 1:
        attempt = f", attempt {earlier.attempt}"
    shown = f"{earlier.run}{attempt}"
    if home and earlier.run.isdecimal():
        shown = f"[{shown}]({home}/actions/runs/{earlier.run})"
    started = moment(earlier.started) if 0 < earlier.started < _YEAR_9999_S else ""
    return f"| {shown_as.icon} | {shown_as.alone} | {commit} | {shown} | {started} |"
