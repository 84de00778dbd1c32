"""`make soak`: thousands of runs in which things go wrong; nothing may be lost, doubled or wrong.

Each run is the action as the runner starts it, in a scenario of the sandbox drawn by chance, with
faults drawn by chance; see `soak_chance` for the lots and `soak_rules` for what must hold. Every
run is written down as it ends, so that an interrupted series goes on where it stopped.

    python -m bench.soak --runs 2000          what `make soak` does: about 20 minutes on 2 cores
    python -m bench.soak --only 1234          plays that run again
    python -m bench.soak --docs               writes the table into docs/reliability.md
"""

from __future__ import annotations

import argparse
import fnmatch
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
from bench.pages import write_table
from bench.soak.chance import Chance, draw
from bench.soak.rules import KINDS, Healthy
from bench.soak.trial import Record, Trial

from upshot_sandbox.machine import ROOT
from upshot_sandbox.scenario import load_scenario, scenario_names

RUNS: Final = 2_000
SEED: Final = 20_261_121
_FOLDER: Final = ROOT / "build" / "soak"
_TELL_EVERY: Final = 50


class Series:
    """The runs of one seed: those that are done, and those that are still to do."""

    def __init__(self, seed: int, folder: Path = _FOLDER, *, scenarios: str = "*") -> None:
        """`scenarios`: a shell pattern; another one is another series."""
        self.seed = seed
        self._folder = folder / (str(seed) + f"-{scenarios}".rstrip("*-"))
        self._done = self._folder / "runs.jsonl"
        self._names = fnmatch.filter(scenario_names(), scenarios)
        self._healthy: dict[str, Healthy] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def records(self) -> dict[int, Record]:
        """Those that are done, by number."""
        if not self._done.exists():
            return {}
        lines = self._done.read_bytes().splitlines()
        records = [msgspec.json.decode(line, type=Record) for line in lines if line.endswith(b"}")]
        return {record.number: record for record in records}

    def learn(self, jobs: int) -> None:
        """Plays each scenario once without any fault."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # msgspec prepares a type when it is first used, and crashes where two threads do that at once.
        load_scenario(self._names[0])
        with ThreadPoolExecutor(jobs) as pool:
            self._healthy = dict(zip(self._names, pool.map(self._learn, self._names), strict=True))

    def _learn(self, name: str) -> Healthy:
        return Trial(Chance(0, name), self._folder / f"healthy-{name}").healthy()

    def play(self, numbers: Iterable[int], jobs: int) -> None:
        """Plays these runs and writes each down as it ends."""
        with ThreadPoolExecutor(jobs) as pool:
            for done, record in enumerate(pool.map(self.play_one, numbers), start=1):
                for finding in record.findings:
                    print(f"run {record.number}: {finding.kind}: {finding.detail}", flush=True)
                if done % _TELL_EVERY == 0:
                    print(f"{done} runs", flush=True)

    def play_one(self, number: int) -> Record:
        chance = draw(self.seed, number, self._names)
        folder = self._folder / f"run-{number}"
        record = Trial(chance, folder).play(self._healthy[chance.scenario])
        if not record.findings:
            shutil.rmtree(folder, ignore_errors=True)
        with self._lock, self._done.open("ab") as file:
            file.write(msgspec.json.encode(record) + b"\n")
        return record


def table(records: Sequence[Record]) -> str:
    """What went wrong, how often, and how often something was found: Markdown."""
    kinds = sorted({kind for record in records for kind in record.kinds})
    lines = [
        f"| What goes wrong | Runs | {' | '.join(name.capitalize() for name in KINDS)} |",
        f"|:--|--:|{'--:|' * len(KINDS)}",
    ]
    for kind in [*kinds, ""]:
        of_kind = [record for record in records if not kind or kind in record.kinds]
        found = Counter(finding.kind for record in of_kind for finding in record.findings)
        counts = " | ".join(str(found[name]) for name in KINDS)
        lines.append(f"| {kind or '**all**'} | {len(of_kind):,} | {counts} |")
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Exit code 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=4, help="runs at a time; most of them wait")
    parser.add_argument("--fresh", action="store_true", help="forget the runs that are done")
    parser.add_argument("--only", type=int, help="play this run again")
    parser.add_argument("--docs", action="store_true", help="write the table into the page")
    parser.add_argument("--scenarios", default="*", help="a shell pattern: account-*")
    given = parser.parse_args(argv)
    series = Series(given.seed, scenarios=given.scenarios)
    if given.fresh:
        series.forget()
    series.learn(given.jobs)
    if given.only is not None:
        numbers = [given.only]
    else:
        numbers = sorted(set(range(1, given.runs + 1)) - series.records().keys())
    started = time.monotonic()
    series.play(numbers, given.jobs)
    records = [record for n, record in sorted(series.records().items()) if n <= given.runs]
    found = sum(len(record.findings) for record in records)
    note = f"{len(records):,} runs with seed {given.seed}, {found} findings."
    print(f"\n{table(records)}\n\n{note} {time.monotonic() - started:.0f} s just now.")
    if given.docs:
        name = f"reliability-{given.scenarios}".rstrip("*-")
        write_table("reliability.md", name, f"{note}\n\n{table(records)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
