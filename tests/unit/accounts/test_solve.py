"""The search on all cores: what it finds, and that nothing of it is left, however it ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from ast import literal_eval
from itertools import pairwise
from pathlib import Path

import pytest
from tests.stage import StillClock
from tests.unit.accounts.test_challenge import VECTORS

from upshot.pulumi.agents.proof.challenge import Challenge, is_solved, read_challenge
from upshot.pulumi.agents.proof.solve import (
    EASY_BATCHES,
    PROGRESS_S,
    Progress,
    ProofFailed,
    count_cores,
    solve,
)
from upshot.timing import Deadline, SystemClock

ENDLESS = Challenge("c-1", "v1:abcdef:256", 256)
"""Harder than any that is read: no number solves it."""
GONE_WITHIN_S = 20.0
"""Patience, not a measurement: how long a test waits for a process that must end."""


class HurryingClock(StillClock):
    """Each look at it takes a second."""

    def monotonic(self) -> float:
        self.passed_s += 1.0
        return self.passed_s


def within(seconds: float, clock: StillClock | None = None) -> Deadline:
    return Deadline.after(clock or SystemClock(), seconds)


def children() -> set[int]:
    """Processes that this one has started and that are still there."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(pid) for pid in listed.split()}


@pytest.mark.parametrize(("data", "number", "_"), VECTORS)
def test_an_easy_challenge_is_solved_by_its_smallest_number(data: str, number: int, _: str) -> None:
    assert solve(read_challenge("c-1", data), deadline=within(60)) == str(number)


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_a_harder_one_is_solved_by_processes(processes: int) -> None:
    challenge = read_challenge("c-1", "v1:harder:19")
    before = children()
    found = solve(challenge, deadline=within(300), processes=processes)
    assert is_solved(challenge.data, int(found))
    assert int(found) >= EASY_BATCHES * 1_000
    assert children() == before


def test_by_default_every_core_works() -> None:
    seen: list[Progress] = []
    with pytest.raises(ProofFailed):
        solve(ENDLESS, deadline=within(60, HurryingClock()), on_progress=seen.append)
    assert {progress.processes for progress in seen} == {count_cores()}


def test_progress_comes_with_an_estimate() -> None:
    seen: list[Progress] = []
    with pytest.raises(ProofFailed):
        solve(ENDLESS, deadline=within(60, HurryingClock()), on_progress=seen.append, processes=1)
    times = [progress.elapsed_s for progress in seen]
    assert len(seen) >= 3
    assert all(later - earlier >= PROGRESS_S for earlier, later in pairwise(times))
    progress = Progress(hashes=4_000_000, elapsed_s=2.0, processes=2, expected_hashes=1 << 26)
    assert progress.per_s == 2_000_000.0
    assert progress.average_s == pytest.approx(33.55, abs=0.01)
    assert Progress(0, 0.0, 2, 1 << 26).average_s is None


def test_t67_the_deadline_ends_a_search_and_says_what_was_tried() -> None:
    before = children()
    with pytest.raises(ProofFailed, match=r"256 zero bits was found in \d+ s") as caught:
        solve(ENDLESS, deadline=within(30, HurryingClock()))
    assert "raise `max-wait`" in caught.value.hint
    assert "No account was made" in caught.value.hint
    assert children() == before


def test_t67_an_interruption_ends_every_process() -> None:
    before = children()
    running: list[set[int]] = []

    def interrupt(_: Progress) -> None:
        running.append(children() - before)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve(ENDLESS, deadline=within(10_000, HurryingClock()), on_progress=interrupt, processes=3)
    assert [len(started) for started in running] == [3]
    assert children() == before


STORY = """
import sys, os
from upshot.pulumi.agents.proof.solve import solve
from upshot.runner.signals import Interrupted, hold_signals, raise_on_signals
from upshot.timing import Deadline, SystemClock
from tests.unit.accounts.test_solve import ENDLESS, HurryingClock, children

def show(progress):
    print(*children(), flush=True)

hold_signals()
raise_on_signals()
try:
    solve(ENDLESS, deadline=Deadline.after(HurryingClock(), 1e9),
          on_progress=show, processes=2)
except Interrupted as interrupted:
    interrupted.take()
    print("left", *children(), flush=True)
    sys.exit(interrupted.exit_code)
"""


def start_story() -> tuple[subprocess.Popen[str], list[int]]:
    """A run that searches without end, and the process descriptors of its hashers."""
    root = Path(__file__).parents[3]
    run = subprocess.Popen(
        [sys.executable, "-c", STORY],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{root}:{root / 'src'}"},
    )
    assert run.stdout
    hashers = [os.pidfd_open(int(pid)) for pid in run.stdout.readline().split()]
    assert len(hashers) == 2
    return run, hashers


def have_ended(hashers: list[int]) -> bool:
    """Waits for them; a process's descriptor can be read when it has ended."""
    try:
        return all(select.select([one], [], [], GONE_WITHIN_S)[0] for one in hashers)
    finally:
        for one in hashers:
            os.close(one)


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_t67_a_signal_cancels_the_search(signum: signal.Signals, code: int) -> None:
    run, hashers = start_story()
    with run:
        run.send_signal(signum)
        assert run.stdout
        last = run.stdout.read().splitlines()[-1]
    assert (run.returncode, last) == (code, "left")
    assert have_ended(hashers)


def test_t67_a_killed_run_leaves_no_process_behind() -> None:
    run, hashers = start_story()
    with run:
        run.kill()
    assert have_ended(hashers)


def script(tmp_path: Path, text: str) -> tuple[str, ...]:
    """A process in place of a hasher."""
    path = tmp_path / "stand_in.py"
    path.write_text(text, encoding="utf-8")
    return (sys.executable, "-I", "-S", str(path))


def failing(command: tuple[str, ...], challenge: Challenge = ENDLESS) -> ProofFailed:
    with pytest.raises(ProofFailed) as caught:
        solve(challenge, deadline=within(600), command=command, processes=2)
    return caught.value


def test_processes_that_end_early_are_an_error_and_not_a_wait(tmp_path: Path) -> None:
    assert "ended early" in failing(script(tmp_path, "raise SystemExit(1)")).message


def test_a_number_that_solves_nothing_is_not_believed(tmp_path: Path) -> None:
    lies = "import os; os.write(1, b'=7\\n=\\n=x\\n+\\nnoise\\n=99999999999999999999999\\n')"
    assert "ended early" in failing(script(tmp_path, lies)).message


def test_a_machine_that_starts_no_process_is_an_error() -> None:
    problem = failing(("/nowhere/python",))
    assert "no process could be started (No such file or directory)" in problem.message
    assert "more memory and processes" in problem.hint


def test_t45_t66_a_hasher_gets_no_environment_no_argument_and_no_open_file(
    tmp_path: Path,
) -> None:
    shown = tmp_path / "shown"
    look = f"""
import os, sys
files = [os.readlink(f"/proc/self/fd/{{n}}") for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{n}}")]
open({str(shown)!r}, "w").write(repr((dict(os.environ), sys.argv[1:], os.getcwd(), sorted(files))))
"""
    with (tmp_path / "secret").open("w", encoding="utf-8"):
        failing(script(tmp_path, look))
    environment, arguments, folder, files = literal_eval(shown.read_text(encoding="utf-8"))
    assert set(environment) <= {"LD_LIBRARY_PATH", "LC_CTYPE"}
    assert (arguments, folder) == ([], "/")
    assert not any("secret" in name for name in files)
