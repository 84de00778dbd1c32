"""`make bench`: every bench, one after the other, as a table and as `build/bench.json`.

Exits 1 when a figure is beyond its limit. The limits are ratios and counts, measured beside their
peers in the same run, so that they hold on a slow machine too. Takes about three minutes on 2
cores; `python -m bench.run NAME…` runs only those that are named, `--docs` writes the table into
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from bench.figures import Figure
from bench.pages import write_table
from msgspec import Struct

BENCHES: Final = (
    "start", "upsert", "post_ai", "builder", "facts", "matrix", "work.events", "work.sse", "work.cut",
    "work.report", "polling", "work.safety", "work.hostile", "work.proof", "work.gate", "fleet", "joined.collect",
)  # fmt: skip
"""Modules of `bench`; those of `work` send nothing and wait for nothing."""
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
    """Exit code 1 when a limit is not kept, 2 for a name that is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.run")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--docs", action="store_true", help="write the table into the page")
    given = parser.parse_args(argv)
    unknown = sorted(set(given.names) - set(BENCHES))
    if unknown:
        print(f"There is no {', '.join(unknown)}. These are there: {', '.join(BENCHES)}.")
        return 2
    result = run_benches(given.names or BENCHES)
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    print(f"\n{_verdict(result)} {result.seconds:.0f} s. {_OUT.relative_to(ROOT)}")
    if given.docs:
        write_table("benchmarks.md", "benchmarks", markdown(result))
    return 0 if result.is_kept else 1


def run_benches(names: Sequence[str]) -> Result:
    """Runs them in turn and prints each figure as it comes."""
    started = time.monotonic()
    figures: list[Figure] = []
    broken = []
    print(f"{'':4} {'figure':32}{'value':>10}{'limit':>11}  compared with")
    for name in names:
        found = run_bench(name)
        for figure in found or ():
            print(_line(figure), flush=True)
        figures += found or ()
        if found is None:
            broken.append(name)
    is_kept = not broken and all(figure.is_kept for figure in figures)
    seconds = round(time.monotonic() - started, 1)
    return Result(platform.python_version(), seconds, is_kept, tuple(figures), tuple(broken))


def markdown(result: Result) -> str:
    """The same as a table for people."""
    lines = [
        f"{_verdict(result)} Python {result.python}, {result.seconds:.0f} s in all.",
        "",
        "| Figure | Value | Limit | |",
        "|:--|--:|--:|:--|",
    ]
    for figure in result.figures:
        value, limit = _shown(figure.value, figure.unit), _shown(figure.limit, figure.unit)
        lines.append(f"| `{figure.name}` | {value} | {limit} | {figure.note} |")
    return "\n".join(lines)


def run_bench(name: str) -> list[Figure] | None:
    """The figures of one bench, measured in a process of its own; None when it broke."""
    command = [sys.executable, "-m", f"bench.{name}"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        print(f"{name} was not done after {_PATIENCE_S:.0f} s")
        return None
    try:
        return msgspec.json.decode(done.stdout, type=list[Figure])
    except msgspec.DecodeError:
        print(f"{name} broke:\n{done.stdout}{done.stderr}")
        return None


def _line(figure: Figure) -> str:
    mark = "ok" if figure.is_kept else "OVER"
    if figure.limit is None:
        mark = ""
    value, limit = _shown(figure.value, figure.unit), _shown(figure.limit, figure.unit)
    return f"{mark:4} {figure.name:32}{value:>10}{limit:>11}  {figure.note}".rstrip()


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:g}{'' if unit in {'', 'x'} else ' '}{unit}"


def _verdict(result: Result) -> str:
    over = [figure.name for figure in result.figures if not figure.is_kept]
    limits = sum(figure.limit is not None for figure in result.figures)
    note = [f"Beyond their limits: {', '.join(over)}."] if over else []
    note += [f"Broken: {', '.join(result.broken)}."] if result.broken else []
    return " ".join(note or [f"All {limits} limits are kept."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
