"""Cancellation: the runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills.

As the first process of a container we get no default handlers: without ours a SIGTERM would be
ignored (github-actions: runner source).
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn


class Interrupted(BaseException):
    """The workflow run is being cancelled. No Exception, so that nobody swallows it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    @property
    def exit_code(self) -> int:
        """128 and the signal's number: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signum


def raise_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises Interrupted, wherever the main thread is.

    Later ones are ignored: the last seconds belong to what must still be said.
    """
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _raise)


def _raise(signum: int, _frame: FrameType | None) -> NoReturn:
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(signum)
