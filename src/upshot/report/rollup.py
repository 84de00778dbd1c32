"""Many stacks in one text: a table of all of them, failed ones first, then a part for each.

Sections come with finished Markdown and are put in by `wrap`, whose hidden lines belong to whoever
publishes. When room is short texts are cut, unchanged stacks first, failed ones last; a row is
never left out, and neither is what `wrap` writes beside a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from upshot import __version__
from upshot.model import Section, VerdictStatus
from upshot.model.verdict import WARNING_ICON
from upshot.report.cells import COUNTS, count_of, icon_of, kind_of, phrase_of, risk_of, url_of
from upshot.report.markdown.escape import code_span
from upshot.report.markdown.fit import COMMENT, Size, cut_markdown, size

_OPEN: Final = 2
"""Failed stacks that are seen at once; those that follow are folded."""
_ROWS: Final = 12
"""Rows of the table that are seen at once, so that the first failure stays on the screen."""
_SHORTEST: Final = 900
"""Code points; a text cut to fewer says nothing any more and is left out."""
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
    first = sorted(sections, key=_rank)
    rollup = _Rollup(first, wrap, tail)
    for spread in (_keep_all, _fold_unchanged, _cut_changed, _cut_failed):
        text = spread(rollup, limit)
        if size(text).fits(limit):
            return text
    return _Rollup([_without_link(section) for section in first], wrap, tail).write(0, 0, 0)


def _rank(section: Section) -> tuple[int, int, str]:
    return _status(section).rank, _RISKS.index(risk_of(section)), section.stack


def _status(section: Section) -> VerdictStatus:
    return VerdictStatus.read(section.verdict)


class _Rollup:
    """One set of sections, written with as much of their texts as is asked for."""

    def __init__(self, sections: Sequence[Section], wrap: Wrap, tail: str) -> None:
        self._wrap = wrap
        self._tail = tail
        self._sections = sections
        self._prefix = _shared_prefix(sections)
        self._head = "\n\n".join([self._heading(), self._tally(), *self._table()])
        self._failed = [s for s in sections if s.verdict == VerdictStatus.FAILED]
        self._unchanged = [s for s in sections if s.verdict == VerdictStatus.NO_CHANGES]
        apart = {VerdictStatus.FAILED, VerdictStatus.NO_CHANGES}
        self._others = [s for s in sections if s.verdict not in apart]

    def write(self, failed: int, others: int, unchanged: int) -> str:
        """The text; each number bounds the code points of one such stack's part."""
        parts = [self._head]
        parts += [
            self._part(section, failed, is_open=n < _OPEN) for n, section in enumerate(self._failed)
        ]
        parts += [self._part(section, others) for section in self._others]
        parts += self._fold(unchanged)
        footer = f"<sub>Upshot {__version__} · {len(self._sections)} stacks, failed first</sub>"
        parts += [self._tail] if self._tail else []
        return "\n\n".join([*parts, f"{footer}\n"])

    def _part(self, section: Section, bound: int, *, is_open: bool = False) -> str:
        section = replace(section, text=_cut(section.text, bound))
        wrapped = self._wrap(section)
        if is_open or not section.text:
            return wrapped
        title = f"{icon_of(section)} <code>{self._name(section)}</code> {phrase_of(section)}"
        return f"<details><summary>{title}</summary>\n\n{wrapped}\n\n</details>"

    def _fold(self, bound: int) -> Iterator[str]:
        """The unchanged stacks, all behind one line."""
        kept = [replace(section, text=_cut(section.text, bound)) for section in self._unchanged]
        inside = [self._wrap(section) for section in kept if section.text]
        if inside:
            shown = VerdictStatus.NO_CHANGES.shown
            title = f"{shown.icon} {len(inside)} {shown.tally}"
            body = "\n\n".join(inside)
            yield f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
        yield from (self._wrap(section) for section in kept if not section.text)

    def _heading(self) -> str:
        first, every = self._sections[0], len(self._sections)
        icon, same = icon_of(first), sum(s.verdict == first.verdict for s in self._sections)
        if first.verdict == VerdictStatus.SUCCEEDED:
            same = every  # unchanged ones are fine as well
            is_warning = any(icon_of(s) == WARNING_ICON for s in self._sections)
            icon = WARNING_ICON if is_warning else icon
        of = f"all {every}" if same == every else f"{same} of {every}"
        kinds = {kind_of(section) for section in self._sections}
        kind = kinds.pop() if len(kinds) == 1 else ""
        where = f" · {code_span(self._prefix.rstrip('/'))}" if self._prefix else ""
        return f"## {icon} {phrase_of(first, kind or 'Run')} for {of} stacks{where}"

    def _tally(self) -> str:
        """`**2 failed** · 1 succeeded · 4 unchanged`."""
        found = Counter(_status(section) for section in self._sections)
        counts = [f"{found[each]:,} {each.shown.tally}" for each in VerdictStatus if found[each]]
        if found[VerdictStatus.FAILED]:
            counts[0] = f"**{counts[0]}**"
        return " · ".join(counts)

    def _table(self) -> Iterator[str]:
        """The first rows, and the others behind a line of their own."""
        shown, more = self._sections[:_ROWS], self._sections[_ROWS:]
        if len(more) <= _ROWS // 4:
            shown, more = self._sections, ()
        yield "\n".join(self._rows(shown))
        if more:
            rows = "\n".join(self._rows(more))
            title = f"{len(more):,} more stacks"
            yield f"<details><summary>{title}</summary>\n\n{rows}\n\n</details>"

    def _rows(self, sections: Sequence[Section]) -> Iterator[str]:
        """A table with the columns that any of all stacks has something in."""
        columns = [
            (label, name)
            for label, name in zip(_LABELS, COUNTS, strict=True)
            if any(count_of(section, name) for section in self._sections)
        ]
        has_risk = any(map(risk_of, self._sections))
        has_commits = len({section.sha for section in self._sections}) > 1
        labels = ["", "Stack", *(label for label, _ in columns)]
        labels += ["Risk"] * has_risk + ["Commit"] * has_commits
        yield _row(labels)
        yield _row([":-:", ":--", *("--:" for _ in columns), *[":--"] * (has_risk + has_commits)])
        for section in sections:
            cells = [icon_of(section), self._link(section)]
            cells += [_number(section, name) for _, name in columns]
            cells += [risk_of(section)] * has_risk + [code_span(section.sha[:7])] * has_commits
            yield _row(cells)

    def _link(self, section: Section) -> str:
        shown = code_span(self._name(section), in_table=True)
        url = url_of(section)
        return f"[{shown}]({url})" if url else shown

    def _name(self, section: Section) -> str:
        return section.stack.removeprefix(self._prefix)


def _keep_all(rollup: _Rollup, _limit: Size) -> str:
    return rollup.write(_WHOLE, _WHOLE, _WHOLE)


def _fold_unchanged(rollup: _Rollup, _limit: Size) -> str:
    return rollup.write(_WHOLE, _WHOLE, 0)


def _cut_changed(rollup: _Rollup, limit: Size) -> str:
    return _widest(lambda bound: rollup.write(_WHOLE, bound, 0), limit)


def _cut_failed(rollup: _Rollup, limit: Size) -> str:
    return _widest(lambda bound: rollup.write(bound, 0, 0), limit)


def _widest(write: Callable[[int], str], limit: Size) -> str:
    """The text with the largest bound that fits, to some hundred code points."""
    low, high = 0, limit.code_points
    while high - low > _SHORTEST // 4:
        middle = (low + high) // 2
        if size(write(middle)).fits(limit):
            low = middle
        else:
            high = middle
    return write(low)


def _without_link(section: Section) -> Section:
    cells = {name: value for name, value in section.cells.items() if name != "url"}
    return replace(section, cells=cells)


def _cut(text: str, bound: int) -> str:
    """The text, shortened at whole lines with what it opened closed, or nothing."""
    text = text.strip()
    if size(text).fits(Size(bound, bound, 4 * bound)):
        return text
    if bound < _SHORTEST:
        return ""
    room = bound - len(_SHORTENED) - 2
    return f"{cut_markdown(text, Size(room, room, 4 * room)).strip()}\n\n{_SHORTENED}"


def _shared_prefix(sections: Sequence[Section]) -> str:
    """`org/project/` or `org/`, where all stacks have it."""
    names = [section.stack.split("/") for section in sections]
    if any(len(name) != 3 for name in names):  # noqa: PLR2004 - organization, project, stack
        return ""
    for length in (2, 1):
        if len({tuple(name[:length]) for name in names}) == 1:
            return "/".join(names[0][:length]) + "/"
    return ""


def _number(section: Section, name: str) -> str:
    count = count_of(section, name)
    shown = f"{count:,}" if count else ""
    return f"**{shown}**" if shown and name == "failed" else shown


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
