"""Time as a collaborator: a clock that tests can replace, a deadline made from it, jitter."""

from __future__ import annotations

import os
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


def random_share() -> float:
    """A random number, 0.0 up to 1.0 without it: the jitter of waits. `random` costs 7 ms to import."""
    return int.from_bytes(os.urandom(6)) / (1 << 48)
