"""Cancellation: the runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills.

As the first process of a container we get no default handlers: without ours a SIGTERM would be
ignored (github-actions: runner source).
"""

from __future__ import annotations

import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # the entry point holds signals before it loads anything else
    from collections.abc import Callable
    from sys import UnraisableHookArgs
    from types import FrameType

_AGAIN_S = 0.01
if sys.platform == "win32":  # the runner sends Ctrl-C, then Ctrl-Break
    _BOTH = (signal.SIGINT, signal.SIGBREAK)
    _AGAIN = signal.SIGTERM
else:
    _BOTH = (signal.SIGINT, signal.SIGTERM)
    _AGAIN = signal.SIGALRM
"""What cancels a run, and what reminds us to raise a moment later."""


class Interrupted(BaseException):
    """The workflow run is being cancelled. No Exception, so that no handler swallows it.

    Who ends the run because of it calls `take`. `lost` is called if it goes away without that.
    """

    def __init__(self, signum: int, lost: Callable[[], None] | None = None) -> None:
        super().__init__(signum)
        self.signum = signum
        self._lost = lost

    def take(self) -> None:
        """It has arrived where the run is ended."""
        self._lost = None

    def __del__(self) -> None:
        if self._lost is not None:
            self._lost()

    @property
    def exit_code(self) -> int:
        """128 and the signal's number: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.signum


def hold_signals() -> None:
    """From now on SIGINT and SIGTERM wait, while there is one thread only and it is loading."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, _BOTH)


def raise_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises Interrupted in the main thread.

    One that waited raises at once. Later ones are ignored: the last seconds belong to what must
    still be said.
    """
    _Raiser().begin()


def ignore_signals() -> None:
    """From now on they change nothing: the run is over but for its outputs."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)
    for signum in (*_BOTH, _AGAIN):
        signal.signal(signum, signal.SIG_IGN)


def remind() -> None:
    """`_AGAIN` comes to the main thread in a moment."""
    if sys.platform == "win32":
        from _thread import interrupt_main
        from threading import Timer

        timer = Timer(_AGAIN_S, interrupt_main, (_AGAIN,))
        timer.daemon = True
        timer.start()
    else:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)


class _Raiser:
    """Raises wherever the main thread is, but for two places, where it tries again a moment later.

    In the middle of an import, the import's locks would stay locked and other threads wait for
    ever; and what is raised in a finalizer or a weak reference's callback, Python swallows, in
    that of a file or an HTTP response without telling anybody.
    """

    def __init__(self) -> None:
        self._signum = 0
        self._tell = sys.unraisablehook

    def begin(self) -> None:
        for signum in (*_BOTH, _AGAIN):
            signal.signal(signum, self._on_signal)
        sys.unraisablehook = self._on_swallowed
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _BOTH)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        if signum != _AGAIN:
            for other in _BOTH:
                signal.signal(other, signal.SIG_IGN)
            self._signum = signum
        if not self._signum:
            return  # an alarm that is not ours
        if _is_importing(frame):
            remind()
            return
        raise Interrupted(self._signum, lost=remind)

    def _on_swallowed(self, swallowed: UnraisableHookArgs) -> None:
        if not isinstance(swallowed.exc_value, Interrupted):
            self._tell(swallowed)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
