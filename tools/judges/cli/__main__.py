"""Builds Pulumi's CLI, runs it on the `programs` and records what it says into tests/corpus/cli; then
against the sandbox's Pulumi Cloud, where Upshot explains what it did.

    python -m tools.judges.cli [--if-possible] [--only NAME ...] [--into FOLDER] [--jobs N]

Needs Go, the Go module proxy and Python's package index; a first build takes 5 to 10 minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CalledProcessError

from tools.judges.cli.build import build
from tools.judges.cli.cloud import judge_cloud
from tools.judges.cli.desk import judge_desk
from tools.judges.cli.programs import PROGRAMS
from tools.judges.cli.record import CORPUS, difference, record, write_truth

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--into", type=Path, default=CORPUS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--if-possible",
        action="store_true",
        help="say so, and fail nothing, where it cannot be built",
    )
    options = parser.parse_args(arguments)
    try:
        judge = build(ROOT)
    except (OSError, CalledProcessError) as error:
        print(
            f"NOT JUDGED: diagnosis by the real CLI, which cannot be built here: {error}",
            file=sys.stderr,
        )
        return 0 if options.if_possible else 1
    chosen = [each for each in PROGRAMS if not options.only or each.name in options.only]
    options.into.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        found = list(pool.map(lambda program: record(judge, program, options.into), chosen))
    if not options.only:
        write_truth(options.into, PROGRAMS)
    for text in filter(None, map(difference, found)):
        print(text)
    print(f"{len(found)} programs run; recorded in {options.into}")
    wrong = judge_cloud(judge, chosen, options.jobs)
    if not options.only:
        wrong += judge_desk(judge)
    for text in wrong:
        print(f"WRONG: {text}", file=sys.stderr)
    print(f"the sandbox's Pulumi Cloud: {len(wrong)} things are not as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
