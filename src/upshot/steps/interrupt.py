"""Cancellation: the runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills.

As the first process of a container we get no default handlers: without ours a SIGTERM would be
ignored (github-actions: runner source).
"""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:  # the entry point holds signals before it loads anything else
    from types import FrameType
    from typing import NoReturn

_BOTH = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """The workflow run is being cancelled. No Exception, so that nobody swallows it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    @property
    def exit_code(self) -> int:
        """128 and the signal's number: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signum


def hold_signals() -> None:
    """From now on SIGINT and SIGTERM wait, while there is one thread only and it is loading."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _BOTH)


def raise_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises Interrupted, wherever the main thread is.

    One that waited raises at once. Later ones are ignored: the last seconds belong to what must
    still be said.
    """
    for signum in _BOTH:
        signal.signal(signum, _raise)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _BOTH)


def ignore_signals() -> None:
    """From now on they change nothing: the run is over but for its outputs."""
    for signum in _BOTH:
        signal.signal(signum, signal.SIG_IGN)


def _raise(signum: int, _frame: FrameType | None) -> NoReturn:
    ignore_signals()
    raise Interrupted(signum)
