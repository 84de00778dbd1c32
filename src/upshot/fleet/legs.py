"""Stacks shared out among the jobs of a matrix: balanced, and the same for the same stacks. Pure.

A leg's stacks reach its job in one variable of the environment, and Linux takes at most 128 KiB of
one; all legs together are one output of a job, whose outputs GitHub bounds at 1 MB of UTF-16.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, json

MOST_LEGS: Final = 256
"""Jobs that one matrix may have (GitHub's limit)."""
LEG_BYTES: Final = 120_000
MATRIX_BYTES: Final = 400_000
_FRAME_BYTES: Final = 64
"""Of a leg in JSON, beside its names."""


class Legs(Struct, frozen=True):
    legs: tuple[tuple[str, ...], ...] = ()
    left_out: tuple[str, ...] = ()
    """Names for which there was no room."""

    @property
    def count(self) -> int:
        return sum(map(len, self.legs))

    def matrix(self) -> str:
        """For `fromJSON`: `{"include":[{"leg":1,"stacks":"…","count":2}]}`."""
        include = [
            {"leg": number, "stacks": " ".join(leg), "count": len(leg)}
            for number, leg in enumerate(self.legs, start=1)
        ]
        return json.encode({"include": include}).decode()


def share_out(names: Sequence[str], *, most: int) -> Legs:
    """At most `most` legs (1 to 256), in the order of the names; sizes differ by one at most.

    Names hold no white space (`selection.is_plain_name`).
    """
    ordered = sorted(set(names))
    room, kept = MATRIX_BYTES - most * _FRAME_BYTES, 0
    for name in ordered:
        room -= len(name) + 1
        if room < 0:
            break
        kept += 1
    count = min(most, kept)
    legs, left_out, start = [], ordered[kept:], 0
    for number in range(count):
        end = start + kept // count + (number < kept % count)
        leg, extra = _within(ordered[start:end])
        legs.append(leg)
        left_out += extra
        start = end
    return Legs(tuple(legs), tuple(left_out))


def _within(names: list[str]) -> tuple[tuple[str, ...], list[str]]:
    used = 0
    for number, name in enumerate(names):
        used += len(name) + 1
        if used > LEG_BYTES:
            return tuple(names[:number]), names[number:]
    return tuple(names), []
