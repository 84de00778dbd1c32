"""Where a command's output goes: a terminal gets plain lines, anything else Markdown or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final, TextIO

from upshot.cli.terminal.drawing import FOLDED_LINES, draw
from upshot.cli.terminal.pager import show_in_pager
from upshot.runner.terminal import ALL, paint, plain, terminal_lines

if TYPE_CHECKING:
    from upshot.cli.check.command import Checked

_NARROWEST: Final = 40
_WIDEST: Final = 120


class Colour(StrEnum):
    """The option `--color`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Screen:
    """Shows the pages of one command."""

    def __init__(
        self,
        out: TextIO,
        env: Mapping[str, str],
        colour: Colour,
        *,
        uses_pager: bool,
        shows_all: bool = False,
    ) -> None:
        """`shows_all`: also all of what a page folds."""
        self._out = out
        self._env = env
        self._uses_pager = uses_pager
        self._shows_all = shows_all
        is_able = out.isatty() and env.get("TERM") != "dumb" and not env.get("NO_COLOR")
        self.has_colours = colour is Colour.ALWAYS or (colour is Colour.AUTO and is_able)
        self._is_for_people = out.isatty() or self.has_colours

    def pages(self, pages: Sequence[str]) -> None:
        """Markdown; together they may be longer than the screen."""
        if not self._is_for_people:
            self._out.writelines(pages)
            return
        width = min(max(get_terminal_size().columns, _NARROWEST), _WIDEST)
        self._print([line for page in pages for line in self._drawn(page, width)])

    def _print(self, lines: Sequence[str]) -> None:
        """Through the pager where they are more than the screen has."""
        text = "".join(f"{line}\n" for line in lines)
        is_long = len(lines) >= get_terminal_size().lines
        is_paged = self._uses_pager and is_long and self._out.isatty()
        if not (is_paged and show_in_pager(text, self._env)):
            self._out.write(text)

    def _drawn(self, markdown: str, width: int) -> list[str]:
        """By rich where it is there."""
        drawn = draw(
            markdown,
            width=width,
            has_colours=self.has_colours,
            env=self._env,
            shows_all=self._shows_all,
        )
        if drawn is not None:
            return drawn
        return terminal_lines(
            markdown,
            paint=paint if self.has_colours else plain,
            width=width,
            most_folded=ALL if self._shows_all else FOLDED_LINES,
        )

    def findings(self, checked: Sequence[Checked]) -> None:
        """What was found in workflow files, as text in any case."""
        from upshot.cli.check.show import finding_lines

        self._print(list(finding_lines(checked, paint if self.has_colours else plain)))

    def data(self, value: Any) -> None:
        """One JSON document."""
        from msgspec import json

        self._out.write(json.format(json.encode(value)).decode() + "\n")
