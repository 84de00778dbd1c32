"""`make bench`: every bench, one after the other, as a table and as `build/bench.json`.

Exits 1 when a figure is beyond its limit. The limits are ratios and counts, measured beside their
peers in the same run, so that they hold on a slow machine too. Takes about three minutes on 2
cores; `python -m bench.run NAME…` runs only those that are named.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from bench.figures import Figure
from msgspec import Struct

BENCHES: Final = (
    "start", "upsert", "post_ai", "matrix", "events", "sse", "cut", "polling", "safety",
)  # fmt: skip
ROOT: Final = Path(__file__).parents[1]
_OUT: Final = ROOT / "build" / "bench.json"
_PATIENCE_S: Final = 600.0


class Result(Struct, frozen=True):
    """All that one run measured."""

    python: str
    seconds: float
    is_kept: bool
    figures: tuple[Figure, ...]
    broken: tuple[str, ...] = ()
    """Benches that ended without figures."""


def main(argv: Sequence[str]) -> int:
    unknown = set(argv) - set(BENCHES)
    if unknown:
        print(f"There is no {', '.join(sorted(unknown))}. These are there: {', '.join(BENCHES)}.")
        return 2
    started = time.monotonic()
    figures: list[Figure] = []
    broken = []
    print(f"{'':4}{'figure':34}{'value':>10}  {'limit':>10}  compared with")
    for name in argv or BENCHES:
        found = run_bench(name)
        for figure in found or ():
            print(_line(figure), flush=True)
        figures += found or ()
        if found is None:
            broken.append(name)
    is_kept = not broken and all(figure.is_kept for figure in figures)
    seconds = round(time.monotonic() - started, 1)
    result = Result(platform.python_version(), seconds, is_kept, tuple(figures), tuple(broken))
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    print(f"\n{_verdict(figures, broken)} {seconds:.0f} s. {_OUT.relative_to(ROOT)}")
    return 0 if is_kept else 1


def run_bench(name: str) -> list[Figure] | None:
    """The figures of one bench, measured in a process of its own; None when it broke."""
    command = [sys.executable, "-m", f"bench.{name}"]
    done = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_PATIENCE_S
    )
    try:
        return msgspec.json.decode(done.stdout, type=list[Figure])
    except msgspec.DecodeError:
        print(f"{name} broke:\n{done.stdout}{done.stderr}")
        return None


def _line(figure: Figure) -> str:
    mark = "ok" if figure.is_kept else "OVER"
    if figure.limit is None:
        mark = ""
    return (
        f"{mark:4}{figure.name:34}{_shown(figure.value, figure.unit):>10}  "
        f"{_shown(figure.limit, figure.unit):>10}  {figure.note}"
    ).rstrip()


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:g}{'' if unit in {'', 'x'} else ' '}{unit}"


def _verdict(figures: Sequence[Figure], broken: Sequence[str]) -> str:
    over = [figure.name for figure in figures if not figure.is_kept]
    limits = sum(figure.limit is not None for figure in figures)
    told = [f"Beyond their limits: {', '.join(over)}."] if over else []
    told += [f"Broken: {', '.join(broken)}."] if broken else []
    return " ".join(told or [f"All {limits} limits are kept."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
