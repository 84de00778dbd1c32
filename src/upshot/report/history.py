"""What changed since earlier runs: a table of them below the report, and a line about a new verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.model import Run, Stamp, VerdictStatus
from upshot.report.content import Report
from upshot.report.markdown.escape import code_span, escape_inline
from upshot.report.templating.sandbox import render_template
from upshot.report.words import headline, moment

_MOST: Final = 5
_YEAR_9999_S: Final = 253_370_764_800
_STATUSES: Final = frozenset(VerdictStatus)


def render_history(past: Sequence[Stamp], run: Run) -> str:
    """The earlier runs of a comment, newest first, at most five, folded; empty when there are none.

    `run` is the present one: the others are of the same repository.
    """
    runs = [_earlier(one, run) for one in past[:_MOST] if one.verdict in _STATUSES]
    if not runs:
        return ""
    label = "1 earlier run" if len(runs) == 1 else f"{len(runs)} earlier runs"
    return render_template("history.md.j2", {"label": label, "runs": runs})


def render_change(report: Report, before: str, *, url: str) -> str:
    """One line about a new verdict; empty when the verdict is the same, or was not known.

    `before` is the verdict that the comment showed until now, `url` the comment's address.
    """
    if before not in _STATUSES or before == report.verdict.status:
        return ""
    icon, phrase = headline(report)
    stack = report.subject.stack if report.subject else report.facts.stack
    values = {
        "icon": icon,
        "phrase": phrase,
        "stack": escape_inline(str(stack or "")),
        "before": VerdictStatus(before).shown.alone,
        "url": url,
    }
    return render_template("news.md.j2", values)


def _earlier(earlier: Stamp, run: Run) -> dict[str, str]:
    shown = VerdictStatus(earlier.verdict).shown
    home = f"{run.server_url}/{run.repository}" if run.server_url and run.repository else ""
    commit, attempt = code_span(earlier.sha[:7]), ""
    if home and earlier.sha:
        commit = f"[{commit}]({home}/commit/{earlier.sha})"
    if earlier.attempt > 1:
        attempt = f", attempt {earlier.attempt}"
    link = f"{earlier.run}{attempt}"
    if home and earlier.run.isdecimal():
        link = f"[{link}]({home}/actions/runs/{earlier.run})"
    is_known = 0 < earlier.started < _YEAR_9999_S
    return {
        "icon": shown.icon,
        "outcome": shown.alone,
        "commit": commit,
        "link": link,
        "started": moment(earlier.started) if is_known else "",
    }
