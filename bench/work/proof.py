"""The proof of work: hashes a second of one core, against a plain loop and against OpenSSL itself.

The works take turns; the median of the rounds' own ratios is compared. OpenSSL's figure is that of its
own program, `openssl speed`, for texts as short as these; it needs no Python and is the ceiling.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from bench.figures import Figure, hand_over, interleave, median_ms, ratio

from upshot.pulumi.agents.proof import hasher
from upshot.pulumi.agents.proof.challenge import Challenge, target
from upshot.pulumi.agents.proof.solve import Progress, ProofFailed, count_cores, solve
from upshot.timing import Deadline, SystemClock

DATA: Final = "v1:0123456789abcdef0123456789abcdef:28"
HASHES: Final = 200_000
ROUNDS: Final = 7
MOST_OF_LOOP: Final = 0.85
"""Our time for a hash is at most so much of the plain loop's."""
MOST_OF_OPENSSL: Final = 4.0
MOST_CANCEL_S: Final = 1.0
_FIRST: Final = 1_000_000
_ROOT: Final = Path(__file__).parents[2]
_ENDLESS: Final = Challenge("c", "v1:endless:256", 256)
_RUN: Final = """
import bench.work.proof as bench
from upshot.runner.signals import raise_on_signals
raise_on_signals()
bench.search_for_ever()
"""


def plain_loop(wanted: bytes) -> None:
    """As one would write it down."""
    for number in range(_FIRST, _FIRST + HASHES):
        if sha256(f"{DATA}:{number}".encode()).digest() < wanted:
            return


def copied_states(new: hasher.Sha256, wanted: bytes) -> None:
    data = DATA.encode()
    for batch in range(_FIRST // hasher.BATCH, (_FIRST + HASHES) // hasher.BATCH):
        hasher.search_batch(new, data, wanted, batch)


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def openssl_per_s() -> float | None:
    """Hashes a second of 48 bytes by OpenSSL's own measurement; None where its program is not."""
    program = shutil.which("openssl")
    if not program:
        return None
    command = [program, "speed", "-seconds", "1", "-bytes", "48", "sha256"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    found = re.search(r"^sha256\s+([\d.]+)k", done.stdout, re.MULTILINE)
    return float(found[1]) * 1_000 / 48 if found else None


def all_cores_per_s() -> float:
    """Hashes a second of all processes together, while they search for some seconds."""
    seen: list[Progress] = []
    try:
        deadline = Deadline.after(SystemClock(), 12)
        solve(_ENDLESS, deadline=deadline, on_progress=seen.append)
    except ProofFailed:
        pass
    return seen[-1].per_s


def search_for_ever() -> None:
    """Names its hashers once they run; ended by a signal."""

    def name_them(_: Progress) -> None:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
        print(listed, flush=True)

    solve(_ENDLESS, deadline=Deadline.after(SystemClock(), 600), on_progress=name_them)


def cancel_s() -> float:
    """From SIGINT to the end of the last process of a search, in seconds."""
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
    )
    with run:
        assert run.stdout
        hashers = [os.pidfd_open(int(pid)) for pid in run.stdout.readline().split()]
        started = time.perf_counter()
        run.send_signal(signal.SIGINT)
        run.wait()
        for one in hashers:
            select.select([one], [], [], 60)
            os.close(one)
        return time.perf_counter() - started


def main() -> int:
    wanted = target(60)
    ways = hasher.find_constructors()
    works = {"loop": partial(plain_loop, wanted)} | {
        name: partial(copied_states, new, wanted) for name, new in ways.items()
    }
    taken = interleave({name: partial(timed, work) for name, work in works.items()}, rounds=ROUNDS)
    per_s = {name: HASHES / (median_ms(values) / 1_000) for name, values in taken.items()}
    best = max(ways, key=lambda name: per_s[name])
    note = ", ".join(f"{name} {rate / 1e6:.2f}" for name, rate in per_s.items())
    openssl, cores = openssl_per_s(), count_cores()
    everywhere = all_cores_per_s()
    return hand_over(
        [
            Figure(
                "proof.of_loop",
                round(ratio(taken, best, "loop"), 2),
                MOST_OF_LOOP,
                "x",
                f"million hashes a second on one core: {note}",
            ),
            Figure(
                "proof.of_openssl",
                round(openssl / per_s[best], 2) if openssl else 0.0,
                MOST_OF_OPENSSL,
                "x",
                f"`openssl speed`: {openssl / 1e6:.2f} million of 48 bytes"
                if openssl
                else "there is no `openssl` on this machine",
            ),
            Figure(
                "proof.cores",
                round(everywhere / per_s[best], 2),
                unit="x",
                note=f"{everywhere / 1e6:.2f} million a second on {cores} cores; 28 bits take "
                f"{(1 << 28) / everywhere:.0f} s on average",
            ),
            Figure(
                "proof.cancel",
                round(cancel_s(), 2),
                MOST_CANCEL_S,
                "s",
                "from the signal to the end of the last process",
            ),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
