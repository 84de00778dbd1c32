"""Many stacks in one text: a table of all of them, failed ones first, then a part for each.

Sections come with finished Markdown and are put in by `wrap`, whose hidden lines belong to the
publisher. When room is short the texts are cut, those of unchanged stacks first and of failed ones
last. A row is never left out, and neither is what `wrap` writes beside a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from upshot import __version__
from upshot.model import Section, VerdictStatus
from upshot.model.stamp import UNKNOWN_STACK
from upshot.model.verdict import WARNING_ICON
from upshot.report.cells import (
    COUNTS,
    cause_of,
    count_of,
    icon_of,
    kind_of,
    phrase_of,
    risk_of,
    url_of,
)
from upshot.report.markdown.escape import code_span, html_code
from upshot.report.markdown.fit import COMMENT, Size, cut_markdown, size
from upshot.report.templating.sandbox import render_template

_OPEN: Final = 2
"""Failed stacks whose reports are shown; those of the others are folded."""
_GOOD: Final = 2
"""Stacks that succeeded, each with a fold of its own; more of them share one."""
_NAMED: Final = 40
"""Stacks that a list of the same cause names."""
_ROWS: Final = 12
"""Rows of the table that are shown, so that the first failure is still on the screen."""
_SHORTEST: Final = 900
"""Code points; a text that would be cut to fewer is left out."""
_WHOLE: Final = 1 << 30
_SHORTENED: Final = "_Shortened; the job summary of the stack's own run has room for more._"
_RISKS: Final = ("critical", "high", "medium", "")
_LABELS: Final = ("Failed", "Create", "Update", "Replace", "Delete")

Wrap = Callable[[Section], str]


def assemble(
    sections: Sequence[Section], wrap: Wrap, *, limit: Size = COMMENT, tail: str = ""
) -> str:
    """The whole text of a comment for these stacks; one stack alone is just its report.

    `tail` is finished Markdown for the end. Within `limit` unless the table, the hidden lines and
    the tail alone are more than that.
    """
    if len(sections) == 1:
        return wrap(sections[0])
    rollup = _Rollup(sorted(sections, key=_rank), wrap, tail)
    for bounds in _choices(rollup, limit):
        if rollup.measure(bounds).fits(limit):
            return rollup.render(bounds)
    return _Rollup(list(map(_without_link, rollup.sections)), wrap, tail).render(_Bounds(0, 0, 0))


class _Bounds(NamedTuple):
    """The most code points of one stack's report, by the verdict of the stack."""

    failed: int
    changed: int
    unchanged: int


def _choices(rollup: _Rollup, limit: Size) -> Iterator[_Bounds]:
    """What is shortened or left out, in this order, until the text fits."""
    yield _Bounds(_WHOLE, _WHOLE, _WHOLE)
    yield _Bounds(_WHOLE, _WHOLE, 0)
    yield _widest(rollup, lambda bound: _Bounds(_WHOLE, bound, 0), limit)
    yield _widest(rollup, lambda bound: _Bounds(bound, 0, 0), limit)


def _widest(rollup: _Rollup, bounds: Callable[[int], _Bounds], limit: Size) -> _Bounds:
    """The bounds with the largest number that fits, to some hundred code points."""
    low, high = 0, limit.code_points
    while high - low > _SHORTEST // 4:
        middle = (low + high) // 2
        if rollup.measure(bounds(middle)).fits(limit):
            low = middle
        else:
            high = middle
    return bounds(low)


def _rank(section: Section) -> tuple[float, int, str]:
    """Failures first, then what is critical, then by how it ended."""
    status = _status(section)
    rank = status.rank if status is VerdictStatus.FAILED or not _is_critical(section) else 0.5
    return rank, _RISKS.index(risk_of(section)), section.stack


def _is_critical(section: Section) -> bool:
    return risk_of(section) == "critical" and _status(section) is not VerdictStatus.FAILED


def _status(section: Section) -> VerdictStatus:
    return VerdictStatus.read(section.verdict)


class _Rollup:
    """One set of sections, sorted, rendered with as much of their texts as the bounds allow.

    For measuring, everything but the texts is rendered once for each choice of stacks that keep one.
    """

    def __init__(self, sections: Sequence[Section], wrap: Wrap, tail: str) -> None:
        self.sections = sections
        self._wrap = wrap
        self._prefix = _shared_prefix(sections)
        self._frames: dict[tuple[bool, ...], Size] = {}
        good = [one for one in sections if _status(one) is VerdictStatus.SUCCEEDED]
        self._fold_good = sum(map(_is_good, good)) > _GOOD
        self._fixed = {
            **self._heading(),
            "tally": self._tally(),
            "table": self._table(),
            "tail": tail,
            "version": __version__,
            "stacks": len(sections),
        }

    def measure(self, bounds: _Bounds) -> Size:
        """The size of the text, without rendering it."""
        cut = self._cut(bounds)
        texts = [self._wrap(section) for section in cut]
        kept = tuple(bool(section.text) for section in cut)
        if kept not in self._frames:
            self._frames[kept] = size(self._render(cut, [""] * len(cut)))
        return Size(*map(sum, zip(self._frames[kept], *map(size, texts), strict=True)))

    def render(self, bounds: _Bounds) -> str:
        cut = self._cut(bounds)
        return self._render(cut, [self._wrap(section) for section in cut])

    def _cut(self, bounds: _Bounds) -> list[Section]:
        """The sections with their texts cut to the bounds."""
        longest = {
            VerdictStatus.FAILED: bounds.failed,
            VerdictStatus.NO_CHANGES: bounds.unchanged,
        }
        return [
            replace(one, text=_cut(one.text, longest.get(_status(one), bounds.changed)))
            for one in self.sections
        ]

    def _render(self, sections: Sequence[Section], texts: Sequence[str]) -> str:
        values = {**self._fixed, "parts": list(self._parts(sections, texts))}
        return render_template("rollup.md.j2", values) + "\n"

    def _parts(
        self, sections: Sequence[Section], texts: Sequence[str]
    ) -> Iterator[dict[str, object]]:
        """A stack is open or in a fold of its own; the unchanged stacks share one fold."""
        folded: dict[VerdictStatus, list[str]] = {}
        bare: list[str] = []
        causes: dict[str, str] = {}
        for number, (section, text) in enumerate(zip(sections, texts, strict=True)):
            status, cause = _status(section), cause_of(section)
            first = causes.setdefault(cause, section.stack) if cause else section.stack
            if not section.text:
                bare.append(text)
            elif status is VerdictStatus.NO_CHANGES:
                folded.setdefault(status, []).append(text)
            elif status is VerdictStatus.SUCCEEDED and self._fold_good and _is_good(section):
                folded.setdefault(status, []).append(self._fold(section, text))
            else:
                is_open = number < _OPEN and status is VerdictStatus.FAILED
                is_open = (is_open or (number == 0 and _is_critical(section))) and (
                    first == section.stack
                )
                same = self._same_cause(section) if first == section.stack else ""
                yield {
                    "icon": icon_of(section),
                    "name": html_code(self._name(section)),
                    "title": "" if is_open else self._title(section, first),
                    "texts": [same, text] if same else [text],
                }
        for status, some in folded.items():
            shown = status.shown
            yield {
                "icon": shown.icon,
                "name": "",
                "title": f"{len(some)} {shown.tally}",
                "texts": some,
            }
        yield {"title": "", "texts": bare}

    def _title(self, section: Section, first: str) -> str:
        if first == section.stack:
            return phrase_of(section)
        return f"{phrase_of(section)}, as {html_code(first.removeprefix(self._prefix))}"

    def _fold(self, section: Section, text: str) -> str:
        name = html_code(self._name(section))
        head = f"<summary>{icon_of(section)} {name} {phrase_of(section)}</summary>"
        return f"<details>{head}\n\n{text}\n\n</details>"

    def _same_cause(self, section: Section) -> str:
        """A line that names the other stacks with the cause of this one; empty for none."""
        cause = cause_of(section)
        others = [
            self._name(other)
            for other in self.sections
            if cause and cause_of(other) == cause and other.stack != section.stack
        ]
        if not others:
            return ""
        stacks = "1 more stack" if len(others) == 1 else f"{len(others)} more stacks"
        shown = ", ".join(code_span(name) for name in others[:_NAMED])
        more = f", {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
        return f"**The same cause in {stacks}:** {shown}{more}"

    def _heading(self) -> dict[str, str]:
        first, every = self.sections[0], len(self.sections)
        icon, same = icon_of(first), sum(s.verdict == first.verdict for s in self.sections)
        if _is_critical(first):
            same = sum(map(_is_critical, self.sections))
        elif first.verdict == VerdictStatus.SUCCEEDED:
            same = every  # unchanged stacks succeeded too
            is_warning = any(icon_of(s) == WARNING_ICON for s in self.sections)
            icon = WARNING_ICON if is_warning else icon
        kinds = {kind_of(s) for s in self.sections if not s.stack.startswith(UNKNOWN_STACK)}
        kind = kinds.pop() if len(kinds) == 1 else ""
        return {
            "icon": icon,
            "phrase": self._phrase(first, kind or "Run"),
            "of": f"all {every}" if same == every else f"{same} of {every}",
            "also": self._also(first),
            "where": code_span(self._prefix.rstrip("/")),
        }

    def _phrase(self, first: Section, kind: str) -> str:
        """`Preview failed`; `Critical changes` where nothing failed and a report is critical."""
        return "Critical changes" if _is_critical(first) else phrase_of(first, kind)

    def _also(self, first: Section) -> str:
        critical = sum(map(_is_critical, self.sections))
        return "" if _is_critical(first) or not critical else f"critical changes in {critical:,}"

    def _tally(self) -> list[str]:
        """`**2 failed**`, `1 succeeded`, `4 unchanged`."""
        found = Counter(_status(section) for section in self.sections)
        counts = [f"{found[each]:,} {each.shown.tally}" for each in VerdictStatus if found[each]]
        if found[VerdictStatus.FAILED]:
            counts[0] = f"**{counts[0]}**"
        if critical := sum(map(_is_critical, self.sections)):
            counts.insert(bool(found[VerdictStatus.FAILED]), f"**{critical:,} critical**")
        return counts

    def _table(self) -> dict[str, Any]:
        """A table with the columns that any stack has something in; its last rows may be folded."""
        columns = [
            (label, name)
            for label, name in zip(_LABELS, COUNTS, strict=True)
            if any(count_of(section, name) for section in self.sections)
        ]
        has_risk = any(map(risk_of, self.sections))
        has_commits = len({section.sha for section in self.sections}) > 1
        head = ["", "Stack", *(label for label, _ in columns)]
        rows = [
            [icon_of(section), self._link(section)]
            + [_number(section, name) for _, name in columns]
            + [risk_of(section)] * has_risk
            + [code_span(section.sha[:7])] * has_commits
            for section in self.sections
        ]
        shown = _ROWS if len(rows) - _ROWS > _ROWS // 4 else len(rows)
        return {
            "head": head + ["Risk"] * has_risk + ["Commit"] * has_commits,
            "rule": [":-:", ":--"] + ["--:"] * len(columns) + [":--"] * (has_risk + has_commits),
            "rows": rows[:shown],
            "folded": rows[shown:],
        }

    def _link(self, section: Section) -> str:
        shown = code_span(self._name(section), in_table=True)
        url = url_of(section)
        return f"[{shown}]({url})" if url else shown

    def _name(self, section: Section) -> str:
        return section.stack.removeprefix(self._prefix)


def _is_good(section: Section) -> bool:
    """Nothing in its report needs a person."""
    return icon_of(section) != WARNING_ICON


def _without_link(section: Section) -> Section:
    cells = {name: value for name, value in section.cells.items() if name != "url"}
    return replace(section, cells=cells)


def _cut(text: str, bound: int) -> str:
    """The text, cut at a whole line with its open folds closed; empty when little would be left."""
    text = text.strip()
    if size(text).fits(Size(bound, bound, 4 * bound)):
        return text
    if bound < _SHORTEST:
        return ""
    room = bound - len(_SHORTENED) - 2
    return f"{cut_markdown(text, Size(room, room, 4 * room)).strip()}\n\n{_SHORTENED}"


def _shared_prefix(sections: Sequence[Section]) -> str:
    """`org/project/` or `org/`, where all stacks have it."""
    named = [section.stack for section in sections if not section.stack.startswith(UNKNOWN_STACK)]
    names = [name.split("/") for name in named]
    if not names or any(len(name) != 3 for name in names):  # noqa: PLR2004 - organization, project, stack
        return ""
    for length in (2, 1):
        if len({tuple(name[:length]) for name in names}) == 1:
            return "/".join(names[0][:length]) + "/"
    return ""


def _number(section: Section, name: str) -> str:
    count = count_of(section, name)
    shown = f"{count:,}" if count else ""
    return f"**{shown}**" if shown and name == "failed" else shown
