"""Findings as lines for people; their texts may be those of a hostile file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from upshot.cli.check.finding import Finding, Level
from upshot.runner.terminal import BOLD, FAINT, Paint
from upshot.text import strip_invisible

if TYPE_CHECKING:
    from upshot.cli.check.command import Checked

_COLOURS: Final = {Level.ERROR: "1;31", Level.WARNING: "1;33", Level.NOTE: "1;36"}
_PASTE: Final = "32"
_WIDTH: Final = 92
_INDENT: Final = "    "


def finding_lines(checked: Sequence[Checked], paint: Paint) -> Iterator[str]:
    """Each finding with its place, what, why and what to paste; at the end a count."""
    for file in checked:
        for found in file.findings:
            yield from _finding(strip_invisible(file.path), found, paint)
            yield ""
    yield paint(summary(checked), BOLD)


def summary(checked: Sequence[Checked]) -> str:
    """`1 error, 2 warnings in 3 files; 1 does not use Upshot`."""
    levels = [found.level for file in checked for found in file.findings]
    counts = [_number(levels.count(level), level) for level in Level if level in levels]
    without = sum(not file.uses_upshot for file in checked)
    files = _number(len(checked), "file")
    aside = ""
    if without:
        verb = "does" if without == 1 else "do"
        aside = (
            f"; {without} of them {verb} not use Upshot"
            if len(checked) > 1
            else "; it does not use Upshot"
        )
    return f"{', '.join(counts) or 'Nothing to mend'} in {files}{aside}"


def _finding(path: str, found: Finding, paint: Paint) -> Iterator[str]:
    level = paint(found.level, _COLOURS[found.level])
    what = " ".join(strip_invisible(found.what).split())
    yield f"{paint(f'{path}:{found.line}', BOLD)}: {level}: {what} {paint(f'[{found.rule}]', FAINT)}"
    yield from textwrap.wrap(
        " ".join(strip_invisible(found.why).split()),
        _WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in strip_invisible(found.paste).splitlines():
        yield f"{_INDENT}{_INDENT}{paint(line, _PASTE)}"


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
