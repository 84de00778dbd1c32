"""A report for a terminal: no tags and no Markdown signs, straight tables, wrapped lines. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Final, assert_never

from upshot.runner.blocks import (
    Alert,
    Blank,
    Block,
    Code,
    Fold,
    Heading,
    Prose,
    Quote,
    Spans,
    Table,
    plain_text,
    read_blocks,
)

Paint = Callable[[str, str], str]
"""Text and SGR code (`1` for bold) -> the text as the terminal is to get it."""

BOLD: Final = "1"
FAINT: Final = "2"
ALL: Final = 1_000_000_000
_WIDEST_CELL: Final = 60
_BAR: Final = "│ "


def plain(text: str, _style: str) -> str:
    """Paints nothing."""
    return text


def paint(text: str, style: str) -> str:
    """For a terminal with colours."""
    return f"\x1b[{style}m{text}\x1b[0m" if text else ""


def terminal_lines(
    markdown: str, *, paint: Paint = plain, width: int = 100, most_folded: int = ALL
) -> list[str]:
    """The lines of a report, of at most `width` columns where there is white space to break at.

    `most_folded`: how many lines are shown of what the page folds.
    """
    lines: list[str] = []
    for block in read_blocks(markdown):
        for line in _Walk(paint, width, most_folded).draw(block, ""):
            if line.strip(" │") or (lines and lines[-1].strip(" │")):
                lines.append(line)
    while lines and not lines[-1].strip():
        del lines[-1]
    return lines


class _Walk:
    """From block to lines."""

    def __init__(self, paint: Paint, width: int, most_folded: int) -> None:
        self._paint = paint
        self._width = width
        self._most_folded = most_folded

    def draw(self, block: Block, bar: str) -> Iterator[str]:
        """`bar` stands before each line."""
        match block:
            case Blank():
                yield bar.rstrip()
            case Heading():
                yield f"{bar}{self._paint(plain_text(block.text), BOLD)}"
            case Fold():
                yield f"{bar}▸ {self._paint(plain_text(block.text), BOLD)}"
                yield from self._folded(block, bar)
            case Alert():
                yield f"{bar}{self._paint(block.word, BOLD)}"
            case Prose():
                for line in _wrapped(block, bar, self._width):
                    yield self._paint(line, FAINT) if block.is_small else line
            case Code():
                yield from (f"{bar}    {line}" for line in block.lines)
            case Table():
                yield from (f"{bar}{line}" for line in _table(block))
            case Quote():
                yield from self._all(block.blocks, bar + _BAR)
            case _:
                assert_never(block)

    def _folded(self, fold: Fold, bar: str) -> Iterator[str]:
        lines = list(self._all(fold.blocks, bar))
        if fold.is_open or len(lines) <= self._most_folded + 1:
            yield from lines
            return
        yield from lines[: self._most_folded]
        yield f"{bar}… {len(lines) - self._most_folded:,} more lines: --all shows them"

    def _all(self, blocks: Sequence[Block], bar: str) -> Iterator[str]:
        for block in blocks:
            yield from self.draw(block, bar)


def _wrapped(prose: Prose, bar: str, width: int) -> list[str]:
    first = bar + prose.mark
    return textwrap.wrap(
        plain_text(prose.text),
        width,
        initial_indent=first,
        subsequent_indent=bar + " " * len(prose.mark),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _table(table: Table) -> Iterator[str]:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    for number, row in enumerate(rows):
        cells = zip(row, widths, strict=False)
        yield "  ".join(cell.ljust(width) for cell, width in cells).rstrip()
        if number == 0 and len(rows) > 1:
            yield "  ".join("─" * width for width in widths)


def _cell(spans: Spans) -> str:
    cell = plain_text(spans).strip()
    return cell if len(cell) <= _WIDEST_CELL else cell[: _WIDEST_CELL - 1] + "…"
