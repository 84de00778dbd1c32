"""Time as a collaborator: a clock that tests can replace, and a deadline made from it."""

from __future__ import annotations

import time
from typing import Protocol

from msgspec import Struct


class Clock(Protocol):
    """What the program knows of time."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""
        ...

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits; interrupted by a signal handler that raises."""
        ...


class SystemClock:
    """The real one."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Deadline(Struct, frozen=True):
    """The end of the time that we were given, on one clock."""

    clock: Clock
    at_s: float
    """In the clock's monotonic seconds."""

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        return cls(clock, clock.monotonic() + seconds)

    def remaining_s(self) -> float:
        """Seconds left, 0.0 when it has passed."""
        return max(0.0, self.at_s - self.clock.monotonic())

    @property
    def passed(self) -> bool:
        return self.remaining_s() <= 0.0

    def earlier(self, seconds: float) -> Deadline:
        """The earlier one of this deadline and `seconds` from now."""
        return Deadline(self.clock, min(self.at_s, self.clock.monotonic() + seconds))
