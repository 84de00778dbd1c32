"""Searches with a user's `mask-patterns`, piece by piece, within a budget of time.

Each pattern is linear (`upshot.linear`), but a large one may cost a thousand steps a character. What was
not searched in time counts as a secret: this fails closed (threat T38).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from upshot.linear import Pattern

PIECE: Final = 32_768
"""Characters that a pattern sees at once."""
LONGEST_MATCH: Final = 4_096
"""Characters of a match that is found wherever a piece ends: pieces of one line overlap by as many."""


def pattern_spans(
    patterns: Sequence[Pattern], text: str, *, monotonic: Callable[[], float], within_s: float
) -> tuple[list[tuple[int, int]], bool]:
    """Where the patterns match, `(start, end)`, and whether the time ran out before the end.

    Then every line from there on is a span.
    """
    end_s = monotonic() + within_s
    found: list[tuple[int, int]] = []
    for start, end in _pieces(text):
        if monotonic() > end_s:
            lines = re.compile(r"[^\n]+").finditer(text, start)
            return [*found, *(line.span() for line in lines)], True
        piece = text[start:end]
        for pattern in patterns:
            found += [(start + first, start + last) for first, last in pattern.spans(piece)]
    return found, False


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The places of whole lines together; a line that is longer comes in pieces that overlap."""
    start = 0
    while start < len(text):
        end = min(start + PIECE, len(text))
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        yield start, end
        is_cut = end < len(text) and text[end - 1] != "\n"
        start = end - LONGEST_MATCH if is_cut else end
