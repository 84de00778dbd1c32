"""How much work a Markdown text would make, counted before it is parsed. Pure, and linear.

A parser of Markdown is linear in what it makes of a text, not in the text: 3,000 columns and 3,000 short
lines are nine million cells, and each of 100,000 brackets is a link to be looked for (threat T38).
"""

from __future__ import annotations

import re
from typing import Final

MOST_OF_ONE: Final = 20_000
"""Parts of one text: a line counts as two, a cell, a bracket and a run of marks as one each. 2,000 lines
with 2,000 links, marks and a table of 20 by 200 are within it."""
MOST_OF_ALL: Final = 40_000
"""The same of all texts of one page, however many reports are on it."""
_MARKS: Final = re.compile(r"\[|\*+|_+|~+|<|&")


class Effort:
    """What may still be spent on one page."""

    def __init__(self, most: int = MOST_OF_ALL) -> None:
        self.left = most

    def takes(self, text: str) -> bool:
        """Whether the text may be parsed; its parts are spent then."""
        parts = count_parts(text)
        if parts > min(MOST_OF_ONE, self.left):
            return False
        self.left -= parts
        return True


def count_parts(text: str) -> int:
    """At least as many as the parser makes, but for a factor."""
    lines = text.split("\n")
    return 2 * len(lines) + sum(1 for _ in _MARKS.finditer(text)) + _count_cells(lines)


def _count_cells(lines: list[str]) -> int:
    """Every line of a paragraph with a `|` may be a row, and has as many cells as the widest."""
    cells = rows = widest = 0
    for line in [*lines, ""]:
        if line and not line.isspace():
            rows += 1
            widest = max(widest, line.count("|"))
        else:
            cells += rows * widest
            rows = widest = 0
    return cells
