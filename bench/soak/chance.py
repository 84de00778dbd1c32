"""What goes wrong in one run of the reliability run: drawn by chance, and the same for a seed.

Pure: the draw for run N does not depend on the runs before it, so that a run can be played again.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Sequence
from typing import Final

from bench.soak.hostile import Input
from msgspec import Struct

from upshot_sandbox.faults import Fault, FaultKind

_GITHUB: Final = (
    "POST /graphql",
    "* /repos/*",
    "GET /repos/*",
    "POST /repos/*/comments",
    "PATCH /repos/*",
    "DELETE /repos/*",
)
_CLOUD: Final = (
    "* /api/*",
    "GET /api/stacks/*",
    "GET */events*",
    "POST /api/ai/*",
    "POST /api/preview/agents/*",
    "GET /api/preview/agents/*",
    "POST /api/oauth/*",
    "* /api/agents/*",
    "POST /api/agents/*",
    "GET /api/agents/*",
)
_TURNS: Final[tuple[tuple[int, ...], ...]] = ((), (1,), (1, 2), (2,), (3,), (1, 3), (2, 3, 4))
"""Which of the matching requests; empty: every one."""
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
_FIRST_SIGNAL_S: Final = 0.05
"""Before that Python itself is loading, with handlers of its own."""
_LATEST_SIGNAL_S: Final = 1.6
_HOSTILE: Final = 0.08
"""How often each hostile input is drawn."""
_SMALLEST_FILE: Final = 0
_BIGGEST_FILE: Final = 12_000
"""Bytes that a file may have on the full disk: from nothing to about a whole report."""


class Chance(Struct, frozen=True):
    """One run's lot."""

    number: int
    scenario: str
    faults: tuple[Fault, ...] = ()
    signal: int = 0
    signal_after_s: float = 0.0
    file_limit: int = -1
    """Bytes that a file may have; -1: the disk is not full."""
    mode: str = "update"
    is_repeated: bool = False
    """A healthy run of the same job came before: our comment is there already."""
    inputs: tuple[Input, ...] = ()
    """What is hostile in what the run is given."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What goes wrong, in the words of the table."""
        found = {_kind_of(fault) for fault in self.faults}
        if self.signal:
            found.add(signal.Signals(self.signal).name)
        if self.file_limit >= 0:
            found.add("full disk")
        found.update(one.value for one in self.inputs)
        return tuple(sorted(found))


def draw(seed: int, number: int, scenarios: Sequence[str]) -> Chance:
    """The lot of run `number`; every run has at least one thing that goes wrong."""
    chance = random.Random(f"{seed} {number}")
    has_signal = chance.random() < 0.25
    has_full_disk = chance.random() < 0.12
    least = 0 if has_signal or has_full_disk else 1
    faults = tuple(_fault(chance) for _ in range(chance.choice((least, 1, 1, 2, 3))))
    inputs = tuple(one for one in Input if chance.random() < _HOSTILE)
    return Chance(
        number,
        chance.choice(scenarios),
        faults,
        signal=int(chance.choice(_SIGNALS)) if has_signal else 0,
        signal_after_s=round(chance.uniform(_FIRST_SIGNAL_S, _LATEST_SIGNAL_S), 3),
        file_limit=chance.randint(_SMALLEST_FILE, _BIGGEST_FILE) if has_full_disk else -1,
        mode=chance.choice(("update", "update", "update", "recreate")),
        is_repeated=chance.random() < 0.5 or Input.COMMENT in inputs,
        inputs=inputs,
    )


def _fault(chance: random.Random) -> Fault:
    is_github = chance.random() < 0.55
    route = chance.choice(_GITHUB if is_github else _CLOUD)
    kind = chance.choice(tuple(FaultKind))
    nth = chance.choice(_TURNS)
    if kind is FaultKind.DRIP:
        return Fault(route, kind, nth, delay_s=round(chance.uniform(0.02, 1.0), 2))
    if kind is FaultKind.DELAY:
        return Fault(route, kind, nth, delay_s=round(chance.uniform(0.05, 1.0), 2))
    if kind is FaultKind.STATUS:
        return chance.choice(_GITHUB_SAYS if is_github else _CLOUD_SAYS)(route, nth)
    return Fault(route, kind, nth)


def _says(
    status: int, body: str, content_type: str = "application/json", **headers: str
) -> Callable[[str, tuple[int, ...]], Fault]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda route, nth: Fault(
        route, FaultKind.STATUS, nth, status=status, headers=named, body=body,
        content_type=content_type,
    )  # fmt: skip


_SECONDARY: Final = (
    '{"message": "You have exceeded a secondary rate limit. Please wait before you try again."}'
)
_GITHUB_SAYS: Final = (
    _says(500, '{"message": "Server Error"}'),
    _says(502, "<html><h1>502 Bad Gateway</h1></html>", "text/html"),
    _says(503, '{"message": "Service unavailable"}', Retry_After="1"),
    _says(429, _SECONDARY, Retry_After="1"),
    _says(403, _SECONDARY, Retry_After="1"),
    _says(403, '{"message": "Resource not accessible by integration"}'),
    _says(401, '{"message": "Bad credentials"}'),
    _says(404, '{"message": "Not Found"}'),
    _says(422, '{"message": "Validation Failed"}'),
    _says(200, "this is no JSON", "text/plain"),
    _says(200, "[]"),
)
_CLOUD_SAYS: Final = (
    _says(500, '{"code": 500, "message": "internal error"}'),
    _says(502, "<html><h1>502 Bad Gateway</h1></html>", "text/html"),
    _says(503, "", "text/plain", Retry_After="1"),
    _says(429, '{"code": 429, "message": "too many requests"}', Retry_After="1"),
    _says(401, '{"code": 401, "message": "unauthorized"}'),
    _says(403, '{"code": 403, "message": "forbidden"}'),
    _says(404, '{"code": 404, "message": "not found"}'),
    _says(200, "this is no JSON", "text/plain"),
    _says(200, "{}"),
    _says(204, "", "text/plain"),
)


def _kind_of(fault: Fault) -> str:
    if fault.kind is not FaultKind.STATUS:
        return fault.kind.value
    if fault.status in {429, 403} and "retry-after" in {name.lower() for name in fault.headers}:
        return "rate limit"
    if fault.status >= 500:
        return "5xx"
    return "4xx" if fault.status >= 400 else "odd reply"
