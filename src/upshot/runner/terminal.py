"""A report for a terminal: no tags and no Markdown signs, straight tables, wrapped lines.

Pure, and in linear time. Knows the forms that our reports have, not all of Markdown; whatever it
does not know stays as it is. What a terminal would obey is taken out.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from html import unescape
from typing import Final

from upshot.text import strip_invisible

Paint = Callable[[str, str], str]
"""Text and SGR code (`1` for bold) -> the text as the terminal is to get it."""

BOLD: Final = "1"
FAINT: Final = "2"
_WIDEST_CELL: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_QUOTE: Final = re.compile(r"(?:> ?){1,9}")
_FENCE: Final = re.compile(r"\s{0,12}(`{3,}|~{3,})\s*(\w{0,40})")
_MARKER: Final = re.compile(r"\s*<!-- upshot.*-->\s*$")
_SUMMARY: Final = re.compile(r"<details(?: open)?>\s*<summary>(.{0,2000})</summary>")
_TAG: Final = re.compile(r"</?(?:details|summary|sub|sup|b|i|code|p|br)\b[^<>]{0,200}>")
_BREAK: Final = re.compile(r"<br\s{0,9}/?>")
_HEADING: Final = re.compile(r"#{1,6} +")
_ALERT: Final = re.compile(r"\[!([A-Z]{1,20})\]$")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)]) +")
_ROW: Final = re.compile(r"\s*\|.*\|\s*$")
_CELL: Final = re.compile(r"(?<!\\)\|")
_CODE: Final = re.compile(r"(`{1,9}[^`]{1,9000}`{1,9})")
_LINK: Final = re.compile(r"\[([^\[\]]{1,400})\]\((https?://[^()\s]{1,2000})\)")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_SIGN: Final = re.compile(r"\*\*")
_EMPHASIS: Final = re.compile(r"_(.{1,4000})_$")


def plain(text: str, _style: str) -> str:
    """Paints nothing."""
    return text


def paint(text: str, style: str) -> str:
    """For a terminal with colours."""
    return f"\x1b[{style}m{text}\x1b[0m" if text else ""


def terminal_lines(markdown: str, *, paint: Paint = plain, width: int = 100) -> list[str]:
    """The lines of a report, of at most `width` columns where there is white space to break at."""
    lines: list[str] = []
    for line in _Walk(paint, width).lines(strip_invisible(markdown)):
        if line.strip(" │") or (lines and lines[-1].strip(" │")):
            lines.append(line)
    while lines and not lines[-1].strip():
        del lines[-1]
    return lines


class _Walk:
    """From line to line, with what must be remembered between them."""

    def __init__(self, paint: Paint, width: int) -> None:
        self._paint = paint
        self._width = width
        self._fence = ""
        self._is_picture = False
        self._rows: list[str] = []

    def lines(self, markdown: str) -> Iterator[str]:
        for line in markdown.split("\n"):
            quoted = _QUOTE.match(line)
            bar = "│ " * quoted[0].count(">") if quoted else ""
            text = _CONTROL.sub(" ", line[quoted.end() :] if quoted else line)
            if not self._fence and _ROW.match(text):
                self._rows.append(text)
                continue
            yield from self._table()
            yield from self._line(bar, text)
        yield from self._table()

    def _line(self, bar: str, text: str) -> Iterator[str]:
        fence = _FENCE.match(text)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not fence[2]:
                self._fence = ""
            elif not self._is_picture:
                yield f"{bar}    {text}"
        elif fence:
            # A picture of what followed from what: the tables say the same.
            self._fence, self._is_picture = fence[1], fence[2] == "mermaid"
        elif not _MARKER.match(text):
            yield from self._prose(bar, text)

    def _prose(self, bar: str, text: str) -> Iterator[str]:
        if label := _SUMMARY.search(text):
            yield f"{bar}▸ {self._paint(_inline(label[1]), BOLD)}"
        elif alert := _ALERT.match(text):
            yield f"{bar}{self._paint(alert[1].capitalize(), BOLD)}"
        elif heading := _HEADING.match(text):
            yield f"{bar}{self._paint(_inline(text[heading.end() :]), BOLD)}"
        else:
            is_small = text.startswith("<sub>")
            item = _ITEM.match(text)
            later = bar + " " * (item.end() if item else 0)
            for line in self._wrapped(_inline(text), bar, later):
                yield self._paint(line, FAINT) if is_small else line

    def _wrapped(self, text: str, first: str, later: str) -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=later,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [first.rstrip()]

    def _table(self) -> Iterator[str]:
        rows = [[_cell(cell) for cell in _CELL.split(row.strip())[1:-1]] for row in self._rows]
        self._rows = []
        widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
        for number, row in enumerate(rows):
            if number == 1:  # the row of dashes
                yield "  ".join("─" * width for width in widths)
                continue
            cells = zip(row, widths, strict=False)
            yield "  ".join(cell.ljust(width) for cell, width in cells).rstrip()


def _cell(text: str) -> str:
    cell = _inline(_LINK.sub(r"\1", text)).strip()
    if set(cell) <= set(":-"):
        return ""
    return cell if len(cell) <= _WIDEST_CELL else cell[: _WIDEST_CELL - 1] + "…"


def _inline(text: str) -> str:
    """Without the signs around the words; code keeps what is in it."""
    text = (
        _EMPHASIS.sub(r"\1", _BREAK.sub(" ", text))
        if text.startswith("_")
        else _BREAK.sub(" ", text)
    )
    parts = _CODE.split(text)
    for number, part in enumerate(parts):
        if number % 2:
            parts[number] = part.strip("`") or part
        else:
            bare = _SIGN.sub("", _TAG.sub("", part))
            parts[number] = unescape(_ESCAPE.sub(r"\1", bare))
    return _CONTROL.sub("", strip_invisible(_LINK.sub(r"\1 (\2)", "".join(parts))))
