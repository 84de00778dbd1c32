"""A report's Markdown in blocks and spans, for what draws it on a terminal.

Pure, and in linear time. Knows the forms that our reports have, not all of Markdown; whatever it does not
know is text. What a terminal would obey is taken out of every text.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from html import unescape
from typing import Final

from msgspec import Struct

from upshot.text import strip_invisible

_DEEPEST: Final = 9
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_QUOTE: Final = re.compile(r"> ?")
_FENCE: Final = re.compile(r"\s{0,12}(`{3,}|~{3,})\s*(\w{0,40})")
_MARKER: Final = re.compile(r"\s*<!-- upshot.*-->\s*$")
_SUMMARY: Final = re.compile(r"<details( open)?>\s*<summary>(.{0,2000})</summary>")
_DETAILS: Final = re.compile(r"<(/?)details\b")
_TAG: Final = re.compile(r"</?(?:details|summary|sub|sup|b|i|em|code|p|br)\b[^<>]{0,200}>")
_BREAK: Final = re.compile(r"<br\s{0,9}/?>")
_HEADING: Final = re.compile(r"(#{1,6}) +")
_ALERT: Final = re.compile(r"\[!([A-Z]{1,20})\]$")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)]) +")
_ROW: Final = re.compile(r"\s*\|.*\|\s*$")
_CELL: Final = re.compile(r"(?<!\\)\|")
_CODE: Final = re.compile(r"(`{1,9}[^`]{1,9000}`{1,9})")
_LINK: Final = re.compile(r"(?<!\\)\[([^\[\]]{1,400})(?<!\\)\]\((https?://[^()\s]{1,2000})\)")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_SIGN: Final = re.compile(r"(\*\*|</?strong>)")
_EMPHASIS: Final = re.compile(r"_(.{1,4000})_$")


class Look(StrEnum):
    """How a span stands out."""

    PLAIN = "plain"
    BOLD = "bold"
    CODE = "code"


class Span(Struct, frozen=True):
    """Text of one look; one line, and harmless."""

    text: str
    look: Look = Look.PLAIN


Spans = tuple[Span, ...]


class Blank(Struct, frozen=True):
    """An empty line."""


class Heading(Struct, frozen=True):
    """`level` is 1 for the largest."""

    level: int
    text: Spans


class Fold(Struct, frozen=True):
    """What a page folds, below its label."""

    text: Spans
    blocks: tuple[Block, ...]
    is_open: bool
    """The page shows it unfolded."""


class Alert(Struct, frozen=True):
    """The first line of a box: `Caution`."""

    word: str


class Prose(Struct, frozen=True):
    """A paragraph or an item of a list."""

    text: Spans
    mark: str = ""
    """`1. `, or the white space before a line that goes on."""
    is_small: bool = False


class Code(Struct, frozen=True):
    """Lines as they are."""

    lines: tuple[str, ...]
    language: str = ""


class Table(Struct, frozen=True):
    """The first row is its head; a head of empty cells is none."""

    rows: tuple[tuple[Spans, ...], ...]


class Quote(Struct, frozen=True):
    """What stands in a box, or a quotation."""

    blocks: tuple[Block, ...]


Block = Blank | Heading | Fold | Alert | Prose | Code | Table | Quote


def read_blocks(markdown: str) -> tuple[Block, ...]:
    """The page in order."""
    return tuple(_read(strip_invisible(markdown).split("\n"), 0))


def plain_text(spans: Spans) -> str:
    """The words alone."""
    return "".join(span.text for span in spans)


def _read(lines: Sequence[str], depth: int) -> Iterator[Block]:
    rest = deque(lines)
    while rest:
        line = rest.popleft()
        fence = _FENCE.match(line)
        if line.startswith(">") and depth < _DEEPEST:
            inside = [line, *_take(rest, lambda text: text.startswith(">"))]
            yield Quote(tuple(_read([_QUOTE.sub("", text, count=1) for text in inside], depth + 1)))
        elif fence:
            code = tuple(map(_harmless, _take(rest, partial(_goes_on, fence[1]))))
            if rest:
                rest.popleft()  # the fence's end
            if (
                fence[2] != "mermaid"
            ):  # a picture of what followed from what: the tables say the same
                yield Code(code, fence[2])
        elif _ROW.match(line):
            rows = [line, *_take(rest, lambda text: _ROW.match(text) is not None)]
            yield Table(tuple(_cells(row) for at, row in enumerate(rows) if at != 1))
        elif (label := _SUMMARY.search(line)) and depth < _DEEPEST:
            inside = [line[label.end() :], *_take_folded(rest)]
            blocks = tuple(_read(inside, depth + 1))
            yield Fold(read_spans(label[2]), blocks, is_open=bool(label[1]))
        elif not _MARKER.match(line):
            yield _line(_harmless(line))


def _take(rest: deque[str], is_wanted: Callable[[str], bool]) -> Iterator[str]:
    while rest and is_wanted(rest[0]):
        yield rest.popleft()


def _take_folded(rest: deque[str]) -> Iterator[str]:
    """The lines up to the end of the fold; other folds may be in it, and code that looks like an end."""
    level, fence = 1, ""
    while rest:
        line = rest.popleft()
        sign = _FENCE.match(line)
        if fence:
            fence = fence if _goes_on(fence, line) else ""
        elif sign:
            fence = sign[1]
        else:
            level += sum(-1 if end else 1 for end in _DETAILS.findall(line))
        yield line
        if level <= 0:
            return


def _goes_on(fence: str, line: str) -> bool:
    end = _FENCE.match(line)
    return end is None or not end[1].startswith(fence) or bool(end[2])


def _line(text: str) -> Block:
    if not text.strip():
        return Blank()
    if alert := _ALERT.match(text):
        return Alert(alert[1].capitalize())
    if heading := _HEADING.match(text):
        return Heading(len(heading[1]), read_spans(text[heading.end() :]))
    item = _ITEM.match(text)
    mark = item[0] if item else text[: len(text) - len(text.lstrip())]
    is_small = text.startswith("<sub>")
    spans = read_spans(text[len(mark) :])
    return Prose(spans, mark, is_small) if plain_text(spans).strip() else Blank()


def _cells(row: str) -> tuple[Spans, ...]:
    return tuple(
        read_spans(_LINK.sub(r"\1", _harmless(cell)).strip())
        for cell in _CELL.split(row.strip())[1:-1]
    )


def read_spans(text: str) -> Spans:
    """One line without the signs around the words; code keeps what is in it.

    A link is its text, with its address behind it.
    """
    text = _LINK.sub(r"\1 (\2)", _BREAK.sub(" ", text))
    if text.startswith("_"):
        text = _EMPHASIS.sub(r"\1", text)
    found: list[Span] = []
    look = Look.PLAIN
    for number, part in enumerate(_CODE.split(text)):
        if number % 2:
            found.append(Span(_harmless(part.strip("`") or part), Look.CODE))
            continue
        for piece in _SIGN.split(_TAG.sub("", part)):
            if _SIGN.fullmatch(piece):
                look = Look.PLAIN if look is Look.BOLD else Look.BOLD
            else:
                found.append(Span(_harmless(unescape(_ESCAPE.sub(r"\1", piece))), look))
    return tuple(span for span in found if span.text)


def _harmless(text: str) -> str:
    """Also what only the unescaping has brought to light."""
    return _CONTROL.sub("", strip_invisible(text.replace("\t", " ")))
