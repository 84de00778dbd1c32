"""Which line of an error a report shows first, so that no line is read twice. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.model import Failure
from upshot.text import pattern

_HEADING: Final = pattern(r"(?:.*: )?\d+ errors? occurred:|.{0,200}:")
"""A line that only announces the next one."""
_BULLETS: Final = "*-\N{BULLET} "
_FIRST_LINES: Final = 3
_READABLE: Final = 100
"""Characters of a line of code that a page shows without scrolling."""


class Stated(Struct, frozen=True):
    """How a failure is told: a sentence, and the error as it was."""

    statement: str = ""
    """The line that states the cause; empty where the error shows it at once."""
    is_whole: bool = False
    """The error says nothing beside it: it need not be shown again."""
    is_repeated: bool = False
    """The error is long and holds the statement: it is shown folded."""


def state_cause(failure: Failure) -> Stated:
    """The statement first, and each line once."""
    said = " ".join(failure.headline.split())
    lines = [line for raw in failure.message.strip().splitlines() if (line := _plain(raw))]
    if len(lines) <= 1 or said in lines[0]:
        return Stated()
    at = next((number for number, line in enumerate(lines) if said in line), None)
    if at is None:
        return Stated(said)
    others = lines[:at] + lines[at + 1 :]
    if lines[at] == said and all(map(_HEADING.fullmatch, others)):
        return Stated(said, is_whole=True)
    if at < _FIRST_LINES and len(lines[at]) <= _READABLE:
        return Stated()
    return Stated(said, is_repeated=True)


def _plain(line: str) -> str:
    return " ".join(line.split()).lstrip(_BULLETS)
