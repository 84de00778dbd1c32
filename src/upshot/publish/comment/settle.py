"""How long a job watches its section of a shared comment before it may believe that it stays. Pure.

A write that began with an older read removes what was written in between, so the watch is longer
than any such write can still be under way (docs/decisions/0010-one-comment-for-a-matrix.md).
"""

from __future__ import annotations

from typing import Final

from upshot.publish.comment.thread import STALE_AFTER_S
from upshot.timing import Clock

SETTLED_S: Final = 3.0
"""Longer than a write that began with a fresh read can still be under way: a second old at most,
a second for the space between two writes, a second on the wire; more where GitHub is slow."""
YOUNG_S: Final = STALE_AFTER_S + SETTLED_S
"""For so long after a lone stack's comment became shared, that stack's job may still overwrite it
with what it read before; so whoever writes by then watches for as long."""
_SKEW_S: Final = 5.0
"""How far the clocks of two runners may be apart."""
_WINDOWS: Final = 3.0
"""How many times the longest time from read to written that we have seen ourselves."""


class Watch:
    """Of one job; it learns from what it sees."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._settled_s = SETTLED_S
        self._is_young = False
        self.joined = 0
        """When the comment became shared, seconds since the Unix epoch, for its marker."""

    @property
    def seconds(self) -> float:
        return max(self._settled_s, YOUNG_S if self._is_young else 0.0)

    def note_comment(self, joined: int, *, is_lone: bool) -> None:
        """What was just read: `joined` of its marker, and whether it holds one stack only."""
        now = self._clock.now()
        self.joined = int(now) if is_lone else joined
        self._is_young = is_lone or abs(now - joined) < YOUNG_S + _SKEW_S

    def note_window(self, seconds: float) -> None:
        """From read to written, here and now: where GitHub is slow, others' writes take as long."""
        self._settled_s = max(self._settled_s, _WINDOWS * seconds)
