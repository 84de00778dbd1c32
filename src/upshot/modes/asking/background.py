"""Something that is done in a thread while the AI answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class BackgroundTask(Generic[T]):
    """Work in a thread: `start` begins it, `result` waits for it.

    `start` may be called more than once, or never: only the first call counts, and `result` starts
    what was not started. So a backend may send two requests, or none. The thread is a daemon: a cancelled run
    does not wait for it.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._result: T | None = None
        self._fault: BaseException | None = None

    def start(self) -> None:
        """Starts the work, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="background", daemon=True)
                self._thread.start()

    @property
    def finished(self) -> T | None:
        """What the work returned, if it has ended well; never waits."""
        return self._result

    def result(self) -> T:
        """What the work returned; starts it if it has not begun.

        Raises:
            whatever the work raised.
        """
        self.start()
        assert self._thread is not None  # noqa: S101 - start() has just set it
        self._thread.join()
        if self._fault is not None:
            raise self._fault
        return self._result  # type: ignore[return-value]  # set unless there was a fault

    def _run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as fault:  # noqa: BLE001 - raised again by `result`
            self._fault = fault
