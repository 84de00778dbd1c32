"""The inputs of mode `fleet`: which stacks, how many jobs, how many stacks are listed. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.fleet.legs import MOST_LEGS
from upshot.fleet.selection import ALLOWED, DEFAULT, Selection, parse_selection
from upshot.inputs.reader import Reader

_LEGS: Final = 64
_LIMIT: Final = 10_000
MOST_LISTED: Final = 1_000_000


class FleetInputs(Struct, frozen=True):
    selection: Selection = Selection()
    words: str = DEFAULT
    """The selection as it was given, one line."""
    legs: int = _LEGS
    limit: int = _LIMIT
    """Stacks that are listed."""


def parse_fleet(read: Reader) -> FleetInputs:
    text = read.text("fleet-select", DEFAULT)
    try:
        selection = parse_selection(text)
    except ValueError as word:
        read.refuse("fleet-select", str(word), ALLOWED)
        selection = Selection()
    return FleetInputs(
        selection=selection,
        words=", ".join(
            filter(None, (word.strip() for word in text.replace("\n", ",").split(",")))
        ),
        legs=_bounded(read, "fleet-legs", _LEGS, MOST_LEGS),
        limit=_bounded(read, "fleet-limit", _LIMIT, MOST_LISTED),
    )


def _bounded(read: Reader, name: str, default: int, most: int) -> int:
    given = read.number(name)
    if given is not None and given > most:
        read.refuse(name, str(given), f"1 to {most}")
    return default if given is None or given > most else given
