"""Cutting to size: what is kept is whole, what is left out is counted.

GitHub's limits are kept in every unit that they may be meant in. Its error for a comment says 65,536
characters, which may be code points or UTF-16 units; measured are 262,144 bytes. 2,000 characters are
left for the marker, and a reserve. A job summary has at most 1 MiB. Knows nothing of reports.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

T = TypeVar("T")


class Size(NamedTuple):
    """One text measured in the three units that limits are given in."""

    code_points: int
    utf16: int
    utf8: int

    def fits(self, limit: Size) -> bool:
        return all(mine <= theirs for mine, theirs in zip(self, limit, strict=True))


COMMENT: Final = Size(code_points=58_000, utf16=63_000, utf8=240_000)
SUMMARY: Final = Size(code_points=1_000_000, utf16=1_000_000, utf8=1_000_000)


def less(limit: Size, text: str, more: int) -> Size:
    """What is left of a limit beside a text and `more` characters."""
    return Size(*(most - taken - more for most, taken in zip(limit, size(text), strict=True)))


def size(text: str) -> Size:
    """The text's size; cheap for ASCII."""
    length = len(text)
    if text.isascii():
        return Size(length, length, length)
    utf8 = len(text.encode("utf-8", "surrogatepass"))
    wide = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return Size(length, wide, utf8)


class Room:
    """What is left of a budget. Each text taken costs its size and a line break."""

    def __init__(self, budget: Size) -> None:
        self._budget = budget
        self.left = budget
        self.was_short = False
        """Whether anything did not fit, or had to be shortened to fit."""

    def take(self, text: str) -> bool:
        """Whether the text fits; if so, it takes its place."""
        code_points, utf16, utf8 = size(text)
        left = Size(
            self.left.code_points - code_points - 1,
            self.left.utf16 - utf16 - 1,
            self.left.utf8 - utf8 - 1,
        )
        if min(left) < 0:
            self.was_short = True
            return False
        self.left = left
        return True

    @property
    def used(self) -> Size:
        return Size(*(had - left for had, left in zip(self._budget, self.left, strict=True)))

    def part(self, numerator: int, denominator: int) -> Share:
        """A part of what is left, as a room of its own."""
        left = Size(*(max(0, n) * numerator // denominator for n in self.left))
        return Share(self, Room(left), left)


class Share(NamedTuple):
    """A part of a room; `settle` takes from the whole what the part has used."""

    whole: Room
    room: Room
    given: Size

    def settle(self) -> None:
        self.whole.was_short |= self.room.was_short
        parts = zip(self.whole.left, self.given, self.room.left, strict=True)
        self.whole.left = Size(*(whole - (given - left) for whole, given, left in parts))


class Rows(NamedTuple):
    """Lines that were kept, and how many were not."""

    kept: tuple[str, ...]
    omitted: int


def fit_rows(items: Sequence[T], write: Callable[[T], str], room: Room) -> Rows:
    """As many of the first items as fit. An item is written when its turn comes."""
    kept = []
    for item in items:
        row = write(item)
        if not room.take(row):
            break
        kept.append(row)
    return Rows(tuple(kept), len(items) - len(kept))


def fit_rows_shrinking(items: Sequence[T], forms: Sequence[Callable[[T], str]], room: Room) -> Rows:
    """All items in the longest form in which all of them fit, else as many as fit in the last form."""
    for form in forms[:-1]:
        trial = Room(room.left)
        rows = fit_rows(items, form, trial)
        if not rows.omitted:
            room.left = trial.left
            return rows
        room.was_short = True
    return fit_rows(items, forms[-1], room)


def fit_rows_growing(
    items: Sequence[T], short: Callable[[T], str], long: Callable[[T], str], room: Room
) -> Rows:
    """As many items as fit in the short form; of them, the first ones in the long form."""
    rows = fit_rows(items, short, room)
    kept = list(rows.kept)
    for at, item in enumerate(items[: len(kept)]):
        text = long(item)
        grown = Size(*(b - a for a, b in zip(size(kept[at]), size(text), strict=True)))
        left = Size(*(have - more for have, more in zip(room.left, grown, strict=True)))
        if min(left) < 0:
            room.was_short = True
        else:
            kept[at], room.left = text, left
    return Rows(tuple(kept), rows.omitted)


_FENCE: Final = re.compile(
    r"((?:[ \t]*>)*)((?:[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*[ \t]*)(`{3,}|~{3,})(.*)"
)
_CLOSERS: Final = 400
"""Room for what closes a cut text."""

_MOST_FOLDS: Final = 20


class Fence:
    """Follows the fenced code blocks of a text, line by line, in block quotes and lists too."""

    def __init__(self) -> None:
        self.closer = ""
        """The line that would end the block that is open now; empty outside of one."""
        self._ticks = ""
        self._depth = 0
        self._column = 0

    def reads(self, line: str) -> bool:
        """Whether the line is part of a fenced block, its first and last line included."""
        match = _FENCE.fullmatch(line) if "`" in line or "~" in line else None
        if self.closer and not self._is_outside(line):
            is_end = match and match[3].startswith(self._ticks) and not match[4].strip()
            if is_end and match and match[1].count(">") == self._depth and not match[2].strip():
                self.closer = ""
            return True
        self.closer = ""  # a quote or list item that ends takes its open block along
        if match and ("`" not in match[4] or match[3][0] == "~"):
            self._ticks, self._depth = match[3], match[1].count(">")
            self._column = len(match[2]) - (1 if self._depth else 0)
            self.closer = f"{match[1]}{' ' * len(match[2])}{match[3]}"
            return True
        return False

    def _is_outside(self, line: str) -> bool:
        """Whether the line has left the block quote or the list item of the open block."""
        text = line
        for _ in range(self._depth):
            before, mark, text = text.partition(">")
            if before.strip() or not mark:
                return True
        text = text.removeprefix(" ") if self._depth else text
        return bool(text.strip()) and len(text) - len(text.lstrip(" \t")) < self._column


def cut_markdown(text: str, limit: Size) -> str:
    """The first whole lines that fit, with every open fence and `<details>` closed.

    The last resort, for a text that was not measured before. Linear in what is kept. A text that
    fits and leaves nothing open is returned as it is.
    """
    if len(text) <= limit.code_points and size(text).fits(limit):
        whole = _closed(text.split("\n"))
        if size(whole).fits(limit):
            return whole
    room = Room(Size(*(n - _CLOSERS for n in limit)))
    lines = text[: limit.code_points].split("\n")[:-1]  # the last of them may be half a line
    return _closed(itertools.takewhile(room.take, lines))


def _closed(lines: Iterable[str]) -> str:
    """The lines, and what closes the fence and the folds that they leave open."""
    kept: list[str] = []
    fence = Fence()
    folds = 0
    for line in lines:
        kept.append(line)
        if not fence.reads(line):
            text = line.lstrip("> ")
            folds += text.startswith("<details") - text.startswith("</details>")
    closers = ["\n</details>"] * min(max(folds, 0), _MOST_FOLDS)
    return "\n".join([*kept, *([fence.closer] if fence.closer else []), *closers])


def quoted(markdown: str) -> str:
    """The Markdown as a block quote. Blanks at the end of a line stay: it may be code."""
    return "\n".join(f"> {line}" if line else ">" for line in markdown.split("\n"))


def tidy(markdown: str) -> str:
    """Several empty lines become one, except in code."""
    kept: list[str] = []
    fence = Fence()
    for line in markdown.split("\n"):
        is_code = fence.reads(line)
        if is_code or line.strip() or (kept and kept[-1].strip()):
            kept.append(line)
    return "\n".join(kept).strip("\n")
