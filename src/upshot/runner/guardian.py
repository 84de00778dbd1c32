"""The hard end of a run: a process that only waits, and speaks when the run cannot.

What hangs inside C (an expression over text, the look-up of a name, a read from a dead disk) cannot
be ended by a thread or by an alarm of Python's, which wait for it. So the run is a child process, made
before anything is loaded; its parent forwards signals, ends it when its time is over, and has what
the run noted until then: in memory that both share, so that nothing needs to be said between them.

Knows nothing of what is noted or published. Needs Linux; elsewhere the run goes on alone: macOS'
libraries may not be used in a forked process, and Windows has none.
"""

from __future__ import annotations

import os
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # loaded before everything else, so it loads little itself
    from collections.abc import Callable, Mapping
    from typing import NoReturn

GRACE_S = 3.0
"""Seconds after `timeout` in which a run may still end by itself: 5 s are promised for all."""
CANCELLED_WITHIN_S = 6.0
"""The same after a signal: the runner sends the next one 7.5 s later."""
_UNHURRIED_S = 1.0
"""Most runs are over before their limit is even read."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HEADER = 8


class Ended:
    """How a run ended."""

    def __init__(self, exit_code: int | None, *, cancelled_by: int = 0) -> None:
        self.exit_code = exit_code
        """None when it did not end by itself: its time was over, or something killed it."""
        self.cancelled_by = cancelled_by
        """Number of the signal that the runner has sent, 0 for none."""
        self.is_overdue = False
        """We ended it."""


if sys.platform != "linux":
    raise ImportError("there is no guardian on this system")


class Notes:
    """Named notes of one run, readable after its death; the last one of a name counts.

    Written by one process, one thread at a time; a note that death cuts off does not count.
    """

    def __init__(self) -> None:
        """Raises OSError where the system has no room for it."""
        self._file = os.memfd_create("upshot-notes")
        self._end = _HEADER

    def keep(self, name: str, note: bytes) -> None:
        """`name` is one that this program uses, of at most 255 bytes."""
        record = bytes([len(name)]) + name.encode() + len(note).to_bytes(_HEADER) + note
        os.pwrite(self._file, record, self._end)
        self._end += len(record)
        os.pwrite(self._file, self._end.to_bytes(_HEADER), 0)

    def read(self) -> dict[str, bytes]:
        """Name -> note."""
        found: dict[str, bytes] = {}
        at, end = _HEADER, int.from_bytes(os.pread(self._file, _HEADER, 0))
        data = os.pread(self._file, end, 0)
        while at < end:
            size = data[at]
            name = data[at + 1 : at + 1 + size].decode()
            at += 1 + size
            start = at + _HEADER
            at = start + int.from_bytes(data[at:start])
            found[name] = data[start:at]
        return found


def guard(
    run: Callable[[Notes | None], NoReturn],
    read_limit_s: Callable[[], float],
    speak: Callable[[Ended, dict[str, bytes]], int],
    *,
    grace_s: float = GRACE_S,
) -> NoReturn:
    """Runs `run` in a child, and leaves with its exit code.

    `read_limit_s` gives the seconds that the run has, from now. `speak` publishes what is missing of
    a run that did not end by itself, and returns the exit code. Both are called in the parent.
    SIGINT and SIGTERM must be blocked already.
    """
    started_s = time.monotonic()
    if not (hasattr(os, "memfd_create") and hasattr(signal, "sigtimedwait")):
        run(None)
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD,))
    try:
        notes = Notes()
        thread = os.pipe()
        child = os.fork()
    except OSError:  # no memory, no process: the run itself may still do
        run(None)
    if child == 0:
        os.close(thread[1])
        _die_with(thread[0])
        os.setpgid(0, 0)  # its own children end with it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))
        run(notes)
    ended = _watch(child, started_s, lambda: read_limit_s() + grace_s)
    if ended.exit_code is None:
        ended.exit_code = speak(ended, notes.read())
    os._exit(ended.exit_code)


def _die_with(thread: int) -> None:
    """The kernel kills this process when nobody holds the other end of the pipe any more.

    A container ends with its first process; outside of one, the run would go on alone.
    """
    import fcntl

    fcntl.fcntl(thread, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(thread, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(thread, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)


def read_limit_s(env: Mapping[str, str]) -> float:
    """The seconds that the input `timeout` gives a run; its default where it cannot be read."""
    from upshot.inputs.reader import DAY_S, Reader  # the run needs the processor now; this is small
    from upshot.inputs.values import RunInputs
    from upshot.workspace import Workspace

    reader = Reader(env, Workspace.from_env(env))
    return reader.seconds("timeout", RunInputs().timeout_s, at_most=DAY_S)


def _watch(child: int, started_s: float, read_limit_s: Callable[[], float]) -> Ended:
    ended = Ended(None)
    end_s, is_known = started_s + _UNHURRIED_S, False
    while True:
        left_s = end_s - time.monotonic()
        if left_s <= 0 and not is_known:
            end_s, is_known = started_s + read_limit_s(), True
            continue
        found = signal.sigtimedwait((*_SIGNALS, signal.SIGCHLD), left_s) if left_s > 0 else None
        gone, status = os.waitpid(child, os.WNOHANG)
        if gone:
            code = os.waitstatus_to_exitcode(status)
            ended.exit_code = code if code >= 0 else None
            return ended
        if found is not None and found.si_signo in _SIGNALS:
            os.kill(child, found.si_signo)
            if not ended.cancelled_by:
                ended.cancelled_by = found.si_signo
                end_s, is_known = min(end_s, time.monotonic()) + CANCELLED_WITHIN_S, True
        elif found is None and left_s <= 0:
            ended.is_overdue = True
            _kill(child)
            return ended


def _kill(child: int) -> None:
    """Ends the run with everything that it has started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:  # not yet in a group of its own
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
