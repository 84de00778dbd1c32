"""Many jobs in virtual time, so that every run is the same run."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence


class Simulation:
    """Threads that run one at a time, in the order of a clock that only their sleep moves."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._waiting: list[tuple[float, int, threading.Event]] = []
        self._count = 0

    def monotonic(self) -> float:
        return self.now_s

    def now(self) -> float:
        return 1_795_000_000.0 + self.now_s

    def sleep(self, seconds: float) -> None:
        mine = self._enqueue(seconds)
        self._wake_next()
        mine.wait()

    def run(self, jobs: Sequence[tuple[float, Callable[[], None]]]) -> None:
        """Runs each job from its start time on; returns when all have ended."""
        threads = []
        for start_s, job in jobs:
            begin = self._enqueue(start_s)
            threads.append(threading.Thread(target=self._live, args=(begin, job)))
        for thread in threads:
            thread.start()
        self._wake_next()
        for thread in threads:
            thread.join()

    def _live(self, begin: threading.Event, job: Callable[[], None]) -> None:
        begin.wait()
        try:
            job()
        finally:
            self._wake_next()

    def _enqueue(self, seconds: float) -> threading.Event:
        self._count += 1
        event = threading.Event()
        heapq.heappush(self._waiting, (self.now_s + seconds, self._count, event))
        return event

    def _wake_next(self) -> None:
        if self._waiting:
            self.now_s, _, event = heapq.heappop(self._waiting)
            event.set()
