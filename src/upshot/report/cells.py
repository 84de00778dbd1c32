"""One stack's row in a table of many stacks, as ids and numbers that are written and read back.

The cells are stored in hidden lines of a comment, or in a file by another job. So every reader here
checks the shape of a cell, and takes it for empty when it has another one.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from upshot.model import Meaning, RiskLevel, Section, VerdictStatus
from upshot.model.verdict import RUNNING_ICON, WARNING_ICON
from upshot.report.content import Report
from upshot.report.failures.groups import stable_words
from upshot.report.words import KINDS, count_drifted, count_failed, headline, number
from upshot.subject import build_stack_url, build_update_url
from upshot.verdict.health import is_well

COUNTS: Final = ("failed", "create", "update", "replace", "delete")
"""The columns of numbers, in order."""
_WORDS: Final = {kind.value: word for kind, word in KINDS.items()}
_URL: Final = re.compile(r"https?://[A-Za-z0-9.:-]{1,100}(?:/[A-Za-z0-9_.:-]{1,100}){1,6}")
_CAUSE: Final = re.compile(r"[0-9a-f]{12}")
_MOST_DIGITS: Final = 9
_NOTABLE: Final = frozenset(level for level in RiskLevel if level.is_notable)


def build_cells(report: Report) -> dict[str, str]:
    """Cell -> id or number of at most 200 characters; what is zero or unknown is left out."""
    facts, icon = report.facts, headline(report)[0]
    numbers = {"failed": count_failed(facts)} | {
        name: facts.count(Meaning(name)) or 0 for name in COUNTS if name != "failed"
    }
    risk = report.verdict.risk_level
    cells = {
        **{name: str(numbers[name]) for name in COUNTS if numbers[name]},
        "kind": facts.kind.value if facts.kind.value in _WORDS else "",
        "risk": risk.value if risk.is_notable else "",
        "look": {RUNNING_ICON: "running", WARNING_ICON: "warning"}.get(icon, ""),
        "url": _url(report),
        "cause": _cause(report),
        "drift": str(count_drifted(facts) or ""),
        "needs": "person" if _needs_person(report) else "",
    }
    return {name: value for name, value in cells.items() if value}


def _needs_person(report: Report) -> bool:
    """Where the verdict alone does not say so."""
    wrong = report.verdict.status in {VerdictStatus.FAILED, VerdictStatus.CANCELLED}
    return not wrong and is_well(report.facts, report.verdict) is False


def _cause(report: Report) -> str:
    """An id that stacks have in common which failed for the same reason; empty without a failure.

    Names, numbers and quoted values differ from stack to stack and are left out.
    """
    failure = report.facts.root_cause
    if failure is None:
        return ""
    words = f"{failure.type} {failure.error_code} {stable_words(failure)}"
    return sha256(words.encode()).hexdigest()[:12]


def _url(report: Report) -> str:
    subject = report.subject
    if subject is None:
        return ""
    url = build_update_url(subject) or build_stack_url(subject.stack, subject.console)
    return url if _URL.fullmatch(url) and len(url) <= 200 else ""  # noqa: PLR2004 - an id's bound


def icon_of(section: Section) -> str:
    """The icon at the start of the stack's own report."""
    look = section.cells.get("look")
    if look == "running":
        return RUNNING_ICON
    if look == "warning" and section.verdict == VerdictStatus.SUCCEEDED:
        return WARNING_ICON
    return VerdictStatus.read(section.verdict).shown.icon


def phrase_of(section: Section, kind: str = "") -> str:
    """`Preview failed`. `kind` replaces the section's own kind."""
    kind = kind or kind_of(section) or "Run"
    if section.cells.get("look") == "running":
        return f"{kind} still running"
    drifted = count_of(section, "drift")
    if drifted and VerdictStatus.read(section.verdict) is VerdictStatus.SUCCEEDED:
        return f"Drift in {number(drifted, 'resource')}"
    return f"{kind} {VerdictStatus.read(section.verdict).shown.ending}"


def kind_of(section: Section) -> str:
    """`Update`, `Preview`, …; empty when the section has none."""
    return _WORDS.get(section.cells.get("kind", ""), "")


def count_of(section: Section, name: str) -> int:
    """The number in a cell; 0 when there is none."""
    cell = section.cells.get(name, "")
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) <= _MOST_DIGITS else 0


def risk_of(section: Section) -> str:
    """`medium`, `high` or `critical`; empty for less."""
    risk = section.cells.get("risk", "")
    return risk if risk in _NOTABLE else ""


def cause_of(section: Section) -> str:
    """The id of what failed first; empty when there is none."""
    cause = section.cells.get("cause", "")
    return cause if _CAUSE.fullmatch(cause) else ""


def url_of(section: Section) -> str:
    """The address of the update or the stack; empty when it is missing or may not be linked."""
    url = section.cells.get("url", "")
    return url if _URL.fullmatch(url) else ""
