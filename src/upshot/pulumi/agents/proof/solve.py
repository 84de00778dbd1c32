"""Solves a challenge on all cores: starts one hasher a core, and ends them all, whatever happens.

The hashers are processes, since hashing short texts holds Python's lock. They get no environment, no
open file and no secret; each ends by itself when its pipe to us closes, so that none is left behind
even by a kill (threat T67).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from selectors import EVENT_READ, DefaultSelector
from typing import Final

from msgspec import Struct

from upshot.errors import UpshotError
from upshot.pulumi.agents.proof import hasher
from upshot.pulumi.agents.proof.challenge import Challenge, is_solved, target
from upshot.timing import Deadline

EASY_BATCHES: Final = 150
"""Batches of a thousand numbers that are tried before any process starts: 50 ms."""
MOST_PROCESSES: Final = 64
PROGRESS_S: Final = 10.0
"""Seconds between two reports of progress."""
_LOOK_S: Final = 0.25
_ONE_READ: Final = 4_096
_KEPT: Final = ("LD_LIBRARY_PATH",)
"""What Python itself may need to start where it was installed beside the system."""


class ProofFailed(UpshotError):
    """No answer was found: the time is up, or no process could work."""

    anchor = "agent-proof"


class Progress(Struct, frozen=True):
    """How far a search is; it has no memory, so the average wait is the same at any time."""

    hashes: int
    """At least that many."""
    elapsed_s: float
    processes: int
    expected_hashes: int

    @property
    def per_s(self) -> float:
        """Hashes a second, all processes together; 0.0 before the first count."""
        return self.hashes / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def average_s(self) -> float | None:
        """Seconds that it takes on average from now on; None before the first count."""
        return self.expected_hashes / self.per_s if self.per_s else None


def count_cores() -> int:
    """The cores that this process may use, at most `MOST_PROCESSES`."""
    if sys.platform == "linux":
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return min(cores, MOST_PROCESSES)


def solve(
    challenge: Challenge,
    *,
    deadline: Deadline,
    on_progress: Callable[[Progress], None] = lambda _: None,
    processes: int | None = None,
    command: Sequence[str] = (),
) -> str:
    """A number that solves the challenge, as the text that the sign-up wants.

    `deadline`: what is left of `max-wait`. `on_progress` is called about every `PROGRESS_S` seconds.
    `processes`: one a core unless given; `command` starts one (for tests). Whatever interrupts it,
    every process has ended when it returns or raises.

    Raises ProofFailed when the time is up, and when no process works.
    """
    clock = deadline.clock
    started_s = told_s = clock.monotonic()
    easy = _solve_easy(challenge)
    if easy is not None:
        return str(easy)
    if sys.platform == "win32":  # which cannot wait for several pipes at once
        raise _no_process("Windows cannot do it; Linux and macOS can")
    hashes = EASY_BATCHES * hasher.BATCH
    with _processes(challenge, processes or count_cores(), command) as running:
        while True:
            elapsed_s = clock.monotonic() - started_s
            progress = Progress(hashes, elapsed_s, len(running), challenge.expected_hashes)
            if deadline.passed:
                raise _too_late(challenge, progress)
            if not running:
                raise _no_process("every process that was to work for it ended early")
            if clock.monotonic() - told_s >= PROGRESS_S:
                told_s = clock.monotonic()
                on_progress(progress)
            for line in running.read(min(deadline.remaining_s(), _LOOK_S)):
                number = _number(line)
                if line.startswith(b"+"):
                    hashes += number
                elif line.startswith(b"=") and is_solved(challenge.data, number):
                    return str(number)


def _solve_easy(challenge: Challenge) -> int | None:
    """The smallest of the first numbers that solves it: an easy challenge needs no process."""
    new, data = hasher.choose_constructor(), challenge.data.encode()
    wanted = target(challenge.difficulty)
    found = (hasher.search_batch(new, data, wanted, batch) for batch in range(EASY_BATCHES))
    return next((number for number in found if number is not None), None)


class _Running:
    """The processes that still work, and the lines that they write."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self._selector = DefaultSelector()
        for process in processes:
            assert process.stdout  # noqa: S101 - it was started with a pipe
            self._selector.register(process.stdout.fileno(), EVENT_READ, bytearray())

    def __len__(self) -> int:
        return len(self._selector.get_map())

    def read(self, timeout_s: float) -> Iterator[bytes]:
        """Whole lines; waits for the first of them, at most that long."""
        for key, _ in self._selector.select(timeout_s):
            data = os.read(key.fd, _ONE_READ)
            if not data:
                self._selector.unregister(key.fd)
                continue
            buffer: bytearray = key.data
            buffer += data
            *lines, rest = bytes(buffer).split(b"\n")
            buffer[:] = rest[:_ONE_READ]
            yield from lines

    def close(self) -> None:
        self._selector.close()


@contextmanager
def _processes(challenge: Challenge, count: int, command: Sequence[str]) -> Iterator[_Running]:
    started: list[subprocess.Popen[bytes]] = []
    running: _Running | None = None
    try:
        for number in range(count):
            try:
                started.append(_start(command))
                _order(started[-1], challenge, first=EASY_BATCHES + number, step=count)
            except OSError as fault:
                if not started:
                    raise _no_process(f"no process could be started ({fault.strerror})") from None
                break  # fewer work: the numbers of the others are left out, any solution counts
        running = _Running(started)
        yield running
    finally:
        for process in started:
            process.kill()
        for process in started:
            with process:  # closes its pipes and waits for it
                pass
        if running:
            running.close()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # -S: no site-packages; -I: no variables and no folder of the user's. A session of its own, so
    # that a signal from a terminal reaches us only.
    return subprocess.Popen(  # noqa: S603 - our own script, run by the Python that runs us
        command or (sys.executable, "-I", "-S", hasher.__file__),
        bufsize=0,  # what a process that has ended did not take is not tried again when it is closed
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        cwd="/",
        start_new_session=True,
    )


def _order(
    process: subprocess.Popen[bytes], challenge: Challenge, *, first: int, step: int
) -> None:
    assert process.stdin  # noqa: S101 - it was started with a pipe
    data = challenge.data.encode()
    # A pipe takes so few bytes at once. It stays open: its end is the process's end.
    process.stdin.write(b"%d %d %d %d\n" % (challenge.difficulty, first, step, len(data)) + data)


def _number(line: bytes) -> int:
    digits = line[1:]
    return int(digits) if digits.isdigit() and len(digits) <= 20 else 0  # noqa: PLR2004 - 64 bits


def _too_late(challenge: Challenge, progress: Progress) -> ProofFailed:
    average_s = progress.average_s
    average = "" if average_s is None else f"; on average it takes {average_s:.0f} s here"
    return ProofFailed(
        f"no proof of work of {challenge.difficulty} zero bits was found in "
        f"{progress.elapsed_s:.0f} s ({progress.hashes:,} hashes on {progress.processes} "
        f"processes{average})",
        hint="The workflow's author must act: raise `max-wait` (and `timeout`, which bounds the "
        "whole run), or use a runner with more cores. No account was made.",
    )


def _no_process(found: str) -> ProofFailed:
    return ProofFailed(
        f"the proof of work of the sign-up could not be done: {found}",
        hint="The workflow's author must act: give the job's container more memory and processes. "
        "No account was made.",
    )
