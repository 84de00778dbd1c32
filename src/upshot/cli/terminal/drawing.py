"""Draws a report on a terminal by rich: headings, boxes, tables, differences.

rich is of the extra `[desk]`; `draw` returns None without it. The texts are those of `runner.blocks`, which
has taken out what a terminal would obey; none of them is read as markup.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from upshot.model.verdict import RUNNING_ICON, WARNING_ICON, VerdictStatus
from upshot.runner.blocks import (
    Alert,
    Blank,
    Block,
    Code,
    Fold,
    Heading,
    Look,
    Prose,
    Quote,
    Span,
    Spans,
    Table,
    plain_text,
    read_blocks,
)
from upshot.text import strip_invisible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.text import Text

_LOOKS: Final = {Look.PLAIN: "", Look.BOLD: "bold", Look.CODE: "cyan"}
_SMALL: Final = "bright_black"
_ALERTS: Final = {"Caution": "red", "Warning": "yellow", "Important": "magenta", "Note": "blue"}
_VERDICTS: Final = {
    VerdictStatus.FAILED.shown.icon: "red",
    VerdictStatus.CANCELLED.shown.icon: "yellow",
    VerdictStatus.SUCCEEDED.shown.icon: "green",
    WARNING_ICON: "yellow",
    RUNNING_ICON: "blue",
}
_ICONS: Final = {strip_invisible(icon): style for icon, style in _VERDICTS.items()}
_DIFF: Final = {"+": "green", "-": "red", "!": "yellow", "@": "cyan"}
_BAR: Final = "magenta"
_BULLETS: Final = frozenset({"- ", "* ", "+ "})
_ADDRESS: Final = re.compile(r"(.{1,1000}) \((https?://[^()\s]{1,2000})\)")
FOLDED_LINES: Final = 10
"""Of what a page folds."""
_TITLE_LEVEL: Final = 3
"""Headings of this level and larger ones are titles of reports."""


def draw(
    markdown: str, *, width: int, has_colours: bool, env: Mapping[str, str], shows_all: bool
) -> list[str] | None:
    """The lines, of at most `width` columns; None where rich is not installed.

    Without `shows_all`, what the page folds is shown by its first lines.
    """
    try:
        from rich.console import Console
    except ImportError:
        return None
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=has_colours,
        color_system="standard" if has_colours else None,
        no_color=not has_colours,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ=env,
    )
    for item in _Drawer(width, shows_all=shows_all).spaced(read_blocks(markdown)):
        console.print(item)
    return [line.rstrip() for line in out.getvalue().splitlines()]


class _Drawer:
    """Makes what rich can draw of blocks."""

    def __init__(self, width: int, *, shows_all: bool) -> None:
        self._width = width
        self._shows_all = shows_all

    def spaced(self, blocks: Sequence[Block]) -> Iterator[RenderableType]:
        """The drawings of blocks, never two empty lines below each other, none at the ends."""
        is_open = is_due = False
        for block in blocks:
            if isinstance(block, Blank):
                is_due = is_open
                continue
            if is_due:
                yield ""
            is_open, is_due = True, False
            yield self._drawing(block)

    def _drawing(self, block: Block) -> RenderableType:
        from rich.padding import Padding

        match block:
            case Heading():
                is_title = block.level <= _TITLE_LEVEL
                return _title(block, self._width) if is_title else _text(block.text, "bold")
            case Fold():
                return self._fold(block)
            case Alert():
                return _styled(block.word, "bold")
            case Prose():
                return _prose(block)
            case Code():
                return Padding(_code(block), (0, 0, 0, 4))
            case Table():
                return _table(block)
            case Quote():
                return self._box(block)
            case _:
                return ""

    def _fold(self, fold: Fold) -> RenderableType:
        from rich.console import Group

        label = _text((Span("▸ "), *fold.text), "bold")
        inside = Group(*self.spaced(fold.blocks))
        is_whole = fold.is_open or self._shows_all
        return Group(label, "", inside if is_whole else _Short(inside))

    def _box(self, quote: Quote) -> RenderableType:
        """A frame with the alert's name; a bar beside anything else that is quoted."""
        from rich import box
        from rich.console import Group
        from rich.panel import Panel

        first, *others = quote.blocks or (Blank(),)
        if not isinstance(first, Alert):
            return _Barred(Group(*self.spaced(quote.blocks)))
        style = _ALERTS.get(first.word, "blue")
        return Panel(
            Group(*self.spaced(others)),
            box=box.ROUNDED,
            title=_styled(first.word, f"bold {style}"),
            title_align="left",
            border_style=style,
            padding=(0, 1),
        )


class _Short:
    """The first lines of something, and how many there are more."""

    def __init__(self, inside: RenderableType) -> None:
        self._inside = inside

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.segment import Segment

        lines = console.render_lines(self._inside, options, pad=False)
        is_short = len(lines) <= FOLDED_LINES + 1
        for line in lines if is_short else lines[:FOLDED_LINES]:
            yield from line
            yield Segment.line()
        if not is_short:
            more = f"… {len(lines) - FOLDED_LINES:,} more lines: --all shows them"
            yield Segment(more, console.get_style(_SMALL))
            yield Segment.line()


class _Barred:
    """A bar beside every line of something."""

    def __init__(self, inside: RenderableType) -> None:
        self._inside = inside

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.segment import Segment

        bar = Segment("▌ ", console.get_style(_BAR))
        inside = options.update(width=max(1, options.max_width - 2))
        for line in console.render_lines(self._inside, inside, pad=False):
            yield bar
            yield from line
            yield Segment.line()


def _title(heading: Heading, width: int) -> RenderableType:
    """With a line to the end of the page, in the colour of the verdict."""
    from rich.console import Group
    from rich.rule import Rule

    words, address = plain_text(heading.text), ""
    if found := _ADDRESS.fullmatch(words):
        words, address = found.groups()
    style = next((style for icon, style in _ICONS.items() if words.startswith(icon)), "")
    text = _styled(words, f"bold {style}".strip())
    title: RenderableType = text
    if text.cell_len <= width - 4:  # a rule would cut a longer one
        title = Rule(text, align="left", style=style or "none")
    return Group(title, _styled(address, _SMALL)) if address else title


def _table(table: Table) -> RenderableType:
    from rich import box
    from rich import table as tables

    head, *rows = table.rows
    has_head = any(plain_text(cell).strip() for cell in head)
    drawn = tables.Table(
        box=box.SIMPLE_HEAD if has_head else None,
        show_header=has_head,
        show_edge=False,
        pad_edge=False,
        header_style="bold",
        border_style=_SMALL,
    )
    for cell in head:
        drawn.add_column(_text(cell), overflow="fold")
    for row in rows:
        drawn.add_row(*(_text(cell) for cell in row[: len(head)]))
    return drawn


def _prose(prose: Prose) -> RenderableType:
    from rich.table import Table as Grid

    if prose.is_small:
        return _styled(plain_text(prose.text), _SMALL)
    text = _text(prose.text)
    if not prose.mark:
        return text
    grid = Grid.grid(padding=0)
    grid.add_column(width=len(prose.mark), no_wrap=True)
    grid.add_column(overflow="fold")
    mark = "• " if prose.mark in _BULLETS else prose.mark
    grid.add_row(_styled(mark, "bold"), text)
    return grid


def _code(code: Code) -> RenderableType:
    from rich.console import Group

    is_diff = code.language == "diff"
    return Group(
        *(_styled(line, _DIFF.get(line[:1], "") if is_diff else "") for line in code.lines)
    )


def _styled(text: str, style: str) -> Text:
    from rich.text import Text

    return Text(text, style)


def _text(spans: Spans, style: str = "") -> Text:
    from rich.text import Text

    return Text.assemble(*((span.text, _LOOKS[span.look]) for span in spans), style=style)
