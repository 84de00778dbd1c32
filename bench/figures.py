"""What a bench script hands back: figures, each with the limit that it must keep.

A script prints one JSON list and exits 1 when a figure is beyond its limit. Ratios and counts
rather than times, since times are about the machine.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct


class Figure(Struct, frozen=True, omit_defaults=True):
    """One measured value."""

    name: str
    value: float
    limit: float | None = None
    """The most that it may be; None for what has no limit."""
    unit: str = ""
    """`x` for a ratio, empty for a count."""
    note: str = ""
    """What it is compared with, and what else was measured."""

    @property
    def is_kept(self) -> bool:
        return self.limit is None or self.value <= self.limit


def hand_over(figures: Sequence[Figure]) -> int:
    """Prints the figures for `bench.run`; the exit code."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(figures)).decode() + "\n")
    return 0 if all(figure.is_kept for figure in figures) else 1


def interleave(
    works: Mapping[str, Callable[[], float]], *, rounds: int, warm_ups: int = 1
) -> dict[str, list[float]]:
    """Each work once a round, so that a busy moment of the machine meets all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(-warm_ups, rounds):
        for name, work in works.items():
            value = work()
            if number >= 0:
                taken[name].append(value)
    return taken


def ratio(taken: Mapping[str, Sequence[float]], of: str, to: str) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(a / b for a, b in zip(taken[of], taken[to], strict=True))


def median_ms(values: Sequence[float]) -> float:
    return statistics.median(values) * 1_000
