"""Guards for what Python itself prints: uncaught exceptions, warnings, logging's last resort.

All of it may hold text of others, and the runner parses stderr as it parses stdout (threat T4), so
both go through the log's sanitiser.
"""

from __future__ import annotations

import io
import sys
from types import TracebackType

from upshot.runner.commands import RunnerLog


class GuardedStream(io.TextIOBase):
    """Stands in for `sys.stderr`: whole lines go to the log as untrusted text."""

    def __init__(self, log: RunnerLog) -> None:
        self._log = log
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """Keeps an unfinished line until its end comes, or `flush` is called."""
        done, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            self._log.untrusted(done)
        return len(text)

    def flush(self) -> None:
        if self._rest:
            done, self._rest = self._rest, ""
            self._log.untrusted(done)


def print_traceback(log: RunnerLog, fault: BaseException) -> None:
    """The traceback of a bug, with its causes, as one untrusted block."""
    import traceback  # only when something is wrong

    log.untrusted("".join(traceback.format_exception(fault)).rstrip("\n"))


def install_guards(log: RunnerLog) -> None:
    """Sends stderr, and uncaught exceptions of any thread, through the log."""
    import threading

    def excepthook(
        _kind: type[BaseException], fault: BaseException, _trace: TracebackType | None
    ) -> None:
        print_traceback(log, fault)

    def thread_excepthook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            print_traceback(log, args.exc_value)

    sys.excepthook = excepthook
    threading.excepthook = thread_excepthook
    sys.stderr = GuardedStream(log)
