"""What a table of many stacks shows of one of them: ids and numbers, written and read back.

The cells travel in the hidden lines of a comment or in another job's file, so whoever reads them
believes nothing but their shape.
"""

from __future__ import annotations

import re
from typing import Final

from upshot.model import Meaning, RiskLevel, Section, VerdictStatus
from upshot.report.content import Report
from upshot.report.words import KINDS, headline
from upshot.subject import build_stack_url, build_update_url

COUNTS: Final = ("failed", "create", "update", "replace", "delete")
"""The columns of numbers, in order."""
_WORDS: Final = {kind.value: word for kind, word in KINDS.items()}
_ICONS: Final = {
    VerdictStatus.FAILED.value: "❌",
    VerdictStatus.CANCELLED.value: "🚫",
    VerdictStatus.NO_CHANGES.value: "⚪",
    VerdictStatus.SUCCEEDED.value: "✅",
}
_ENDINGS: Final = {
    VerdictStatus.FAILED.value: "failed",
    VerdictStatus.CANCELLED.value: "cancelled",
    VerdictStatus.NO_CHANGES.value: "without changes",
    VerdictStatus.SUCCEEDED.value: "succeeded",
}
_RUNNING: Final = "⏳"
_WARNING: Final = "⚠️"
_URL: Final = re.compile(r"https?://[A-Za-z0-9.:-]{1,100}(?:/[A-Za-z0-9_.:-]{1,100}){1,6}")
_MOST_DIGITS: Final = 9


def build_cells(report: Report) -> dict[str, str]:
    """Cell -> id or number of at most 200 characters; what is zero or unknown is left out."""
    facts, icon = report.facts, headline(report)[0]
    failed = len(facts.failed_resources) + facts.failures_omitted
    numbers = {"failed": failed} | {
        name: facts.count(Meaning(name)) or 0 for name in COUNTS if name != "failed"
    }
    is_shown = report.verdict.risk_level not in {RiskLevel.NONE, RiskLevel.LOW}
    cells = {
        **{name: str(numbers[name]) for name in COUNTS if numbers[name]},
        "kind": facts.kind.value if facts.kind.value in _WORDS else "",
        "risk": report.verdict.risk_level.value if is_shown else "",
        "look": {_RUNNING: "running", _WARNING: "warning"}.get(icon, ""),
        "url": _url(report),
    }
    return {name: value for name, value in cells.items() if value}


def _url(report: Report) -> str:
    subject = report.subject
    if subject is None:
        return ""
    url = build_update_url(subject) or build_stack_url(subject.stack, subject.console)
    return url if _URL.fullmatch(url) and len(url) <= 200 else ""  # noqa: PLR2004 - an id's bound


def icon_of(section: Section) -> str:
    """The icon that the stack's own report starts with."""
    look = section.cells.get("look")
    if look == "running":
        return _RUNNING
    if look == "warning" and section.verdict == VerdictStatus.SUCCEEDED:
        return _WARNING
    return _ICONS.get(section.verdict, "❔")


def phrase_of(section: Section, kind: str = "") -> str:
    """`Preview failed`, with the section's own kind where none is given."""
    kind = kind or kind_of(section) or "Run"
    if section.cells.get("look") == "running":
        return f"{kind} still running"
    return f"{kind} {_ENDINGS.get(section.verdict, 'with unknown outcome')}"


def kind_of(section: Section) -> str:
    """`Update`, `Preview`, …; empty when the section does not say."""
    return _WORDS.get(section.cells.get("kind", ""), "")


def count_of(section: Section, name: str) -> int:
    """The number in a cell; 0 when there is none."""
    cell = section.cells.get(name, "")
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) <= _MOST_DIGITS else 0


def risk_of(section: Section) -> str:
    """`medium`, `high` or `critical`; empty for less."""
    risk = section.cells.get("risk", "")
    return risk if risk in {"medium", "high", "critical"} else ""


def url_of(section: Section) -> str:
    """The address of the update or the stack; empty when there is none that may be linked."""
    url = section.cells.get("url", "")
    return url if _URL.fullmatch(url) else ""
