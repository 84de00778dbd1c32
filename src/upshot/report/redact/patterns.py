"""Searches with a user's `mask-patterns`: expressions of others that meet hostile text.

Python's engine backtracks. So a line is searched in pieces that overlap, all patterns together have
a budget of processor time for a text, and an alarm of the process ends a single match that takes
longer. What was not searched in time counts as a secret: this fails closed (threat T38).
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

TIME_S: Final = 2.0
"""Seconds for all patterns on one text."""
PIECE: Final = 2_000
"""Characters that a pattern sees at once."""
LONGEST_MATCH: Final = 1_000
"""Characters of a match that is found wherever a piece ends: pieces overlap by as many."""


class _TooLong(Exception):
    """The alarm of `_bounded`."""


def pattern_spans(
    patterns: Sequence[re.Pattern[str]], text: str, *, monotonic: Callable[[], float]
) -> tuple[list[tuple[int, int]], bool]:
    """Where the patterns match, `(start, end)`, and whether the time ran out before the end.

    Then every line from there on is a span.
    """
    end_s = monotonic() + TIME_S
    found: list[tuple[int, int]] = []
    reached = 0
    try:
        with _bounded(TIME_S):
            for pattern in patterns:
                reached = 0
                for start, end in _pieces(text):
                    reached = start
                    if monotonic() > end_s:
                        raise _TooLong  # noqa: TRY301 - as the alarm does
                    found += [match.span() for match in pattern.finditer(text, start, end)]
    except _TooLong:
        lines = re.compile(r"[^\n]+").finditer(text, reached)
        return [*found, *(line.span() for line in lines)], True
    return found, False


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The places of overlapping pieces of lines."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        while stop - start > PIECE:
            yield start, start + PIECE
            start += PIECE - LONGEST_MATCH
        yield start, stop
        start = stop + 1


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Raises `_TooLong` in its block after so many seconds of the process's own time.

    Python runs signal handlers inside a match, too, but only in the main thread; in another thread
    the block runs on, piece by piece.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    is_open = True

    def on_alarm(_signum: int, _frame: FrameType | None) -> None:
        if is_open:
            raise _TooLong

    before = signal.signal(signal.SIGVTALRM, on_alarm)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, max(seconds, 0.001))
        yield
    finally:
        is_open = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
