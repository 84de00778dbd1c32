"""Where a command's output goes: a terminal gets plain lines, anything else Markdown or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from shutil import get_terminal_size
from typing import Any, Final, TextIO

from upshot.cli.pager import show_in_pager
from upshot.runner.terminal import paint, plain, terminal_lines

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
        self, out: TextIO, env: Mapping[str, str], colour: Colour, *, uses_pager: bool
    ) -> None:
        self._out = out
        self._env = env
        self._uses_pager = uses_pager
        is_able = out.isatty() and env.get("TERM") != "dumb" and not env.get("NO_COLOR")
        self.has_colours = colour is Colour.ALWAYS or (colour is Colour.AUTO and is_able)
        self._is_for_people = out.isatty() or self.has_colours

    def pages(self, pages: Sequence[str]) -> None:
        """Markdown; together they may be longer than the screen."""
        if not self._is_for_people:
            self._out.writelines(pages)
            return
        size = get_terminal_size()
        width = min(max(size.columns, _NARROWEST), _WIDEST)
        lines = [line for page in pages for line in self._drawn(page, width)]
        text = "".join(f"{line}\n" for line in lines)
        is_long = len(lines) >= size.lines
        is_paged = self._uses_pager and is_long and self._out.isatty()
        if not (is_paged and show_in_pager(text, self._env)):
            self._out.write(text)

    def _drawn(self, markdown: str, width: int) -> list[str]:
        return terminal_lines(markdown, paint=paint if self.has_colours else plain, width=width)

    def data(self, value: Any) -> None:
        """One JSON document."""
        from msgspec import json

        self._out.write(json.format(json.encode(value)).decode() + "\n")
