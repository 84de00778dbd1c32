"""The composite action's own part: which Python, which inputs, signals, and what follows a killed run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.process.composite.steps import BASH, MAIN, Steps
from tests.process.conftest import Start

from upshot_sandbox import oracle
from upshot_sandbox.machine import ROOT, variables
from upshot_sandbox.runner import SignalAt, run_action
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

if TYPE_CHECKING:
    from upshot_sandbox.runner import RunResult

SHOWING = "POST /repos/acme/shop/issues/7/comments"
WAITING = {"pace_s": 0.2, "steps": [{"do": "name", "text": "Why?"}, {"do": "wait"}]}
ODD = "a 'quoted' \"one\" $HOME `id` $(id) %0A ::error::x \\ 😀\n\n${{ github.token }}\tend"


@pytest.fixture
def waiting() -> Iterator[Sandbox]:
    """Neo never comes to an end."""
    with Sandbox(replace(load_scenario("neo-answer"), neo=WAITING)) as sandbox:
        yield sandbox


def cancels(sandbox: Sandbox) -> int:
    return sum(request.path.endswith("/cancel") for request in sandbox.world.journal.requests)


def finish(sandbox: Sandbox, result: RunResult, steps: Steps) -> str:
    return steps.finish(result.machine, variables(sandbox.world, result.machine, {}, {}))


def test_t47_after_a_killed_run_the_last_step_stops_its_task(
    waiting: Sandbox, tmp_path: Path, steps: Steps
) -> None:
    at_work = SignalAt(SHOWING, signal.SIGKILL)
    result = run_action(waiting, tmp_path / "run", host=steps, signal_at=at_work)
    assert (result.exit_code, cancels(waiting)) == (-signal.SIGKILL, 0)
    assert "was cancelled with the run" in finish(waiting, result, steps)
    assert cancels(waiting) == 1
    assert finish(waiting, result, steps) == "", "it is done once"


def test_t47_after_a_run_that_ended_by_itself_the_last_step_does_nothing(
    waiting: Sandbox, tmp_path: Path, steps: Steps
) -> None:
    result = run_action(waiting, tmp_path / "run", inputs={"max-wait": "1s"}, host=steps)
    assert result.outputs["task-status"] == "timed-out"
    assert finish(waiting, result, steps) == ""
    assert cancels(waiting) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_the_runners_signals_reach_upshot(
    waiting: Sandbox, tmp_path: Path, steps: Steps, number: int, code: int
) -> None:
    at_work = SignalAt(SHOWING, number)
    result = run_action(waiting, tmp_path / "run", host=steps, signal_at=at_work)
    assert (result.exit_code, result.outputs["reason-code"]) == (code, "cancelled")
    assert cancels(waiting) == 1


def test_an_input_arrives_as_it_was_written(start: Start, steps: Steps) -> None:
    inputs = {"mode": "ask", "prompt": f"Why? {ODD}", "transcript-file": "t.jsonl"}
    container, without = start("failed-update"), start("failed-update")
    kept = [
        (run.machine.workspace / "t.jsonl").read_text("utf-8").partition('"answered"')[0]
        for run in (container.run(inputs=inputs), without.run(inputs=inputs, host=steps))
    ]
    assert "quoted" in kept[0]
    assert kept[0] == kept[1]


def test_an_input_in_a_variable_of_an_earlier_step_counts_for_nothing(
    start: Start, steps: Steps
) -> None:
    job = start("replaces-database")
    forged = {"INPUT_FAIL-ON": "never", "INPUT_MODE": "explian", "INPUT_EVIL": "yes"}
    result = job.run(inputs={"fail-on": "replace"}, host=Forged(steps, forged))
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "forbidden-by-policy")
    assert "EVIL" not in result.log.upper()


class Forged(Steps):
    """Steps whose environment holds variables that an earlier step has set for all later ones."""

    def __init__(self, steps: Steps, forged: dict[str, str]) -> None:
        super().__init__(steps.ready)
        self._forged = forged

    def variables(self, step: object, environment: object) -> dict[str, str]:
        found = super().variables(step, environment)  # type: ignore[arg-type]
        return found | self._forged


def run_script(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The main step's own text, where nothing else is known."""
    script = folder / "step.sh"
    script.write_text(MAIN["run"], encoding="utf-8")
    given = {"GITHUB_ACTION_PATH": str(ROOT / "composite"), "RUNNER_TEMP": str(folder), **env}
    bash = shutil.which("bash") or "bash"
    return subprocess.run(
        [bash, *BASH[1:], str(script)],
        env=given,
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )


def tools(folder: Path) -> Path:
    """A folder with what the script needs of a system, and no Python."""
    made = folder / "bin"
    made.mkdir(parents=True)
    for name in ("bash", "dirname"):
        (made / name).symlink_to(shutil.which(name) or name)
    return made


def fake_python(path: Path, *, fits: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    says = 'echo "started: $*"' if fits else "exit 1"
    path.write_text(
        f'#!{shutil.which("bash")}\ncase "$*" in *version_info*) exit {0 if fits else 1};; esac\n{says}\n',
        encoding="utf-8",
    )
    path.chmod(0o755)


def test_without_a_python_that_fits_the_error_says_what_to_paste(tmp_path: Path) -> None:
    bin_ = tools(tmp_path)
    fake_python(bin_ / "python3", fits=False)
    done = run_script(tmp_path, PATH=str(bin_))
    assert done.returncode == 1
    (note,) = oracle.annotations_in(done.stdout.encode())
    assert note.level == "error"
    assert "workflow's author must act" in note.message
    assert "\n- uses: actions/setup-python@" in note.message
    assert '\n    python-version: "3.13"' in note.message


def test_a_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    bin_ = tools(tmp_path)
    fake_python(bin_ / "python3", fits=False)
    fake_python(bin_ / "python", fits=True)
    assert "started: -I -X utf8" in run_script(tmp_path, PATH=str(bin_)).stdout


def test_a_python_that_the_runner_keeps_is_found(tmp_path: Path) -> None:
    kept = tmp_path / "tool cache"
    fake_python(kept / "Python" / "3.12.4" / "x64" / "bin" / "python3", fits=True)
    done = run_script(tmp_path, PATH=str(tools(tmp_path)), RUNNER_TOOL_CACHE=str(kept))
    assert "start.py" in done.stdout


def test_t73_a_python_of_the_checkout_is_not_run(tmp_path: Path) -> None:
    bin_, checkout = tools(tmp_path), tmp_path / "checkout"
    fake_python(checkout / "venv" / "bin" / "python3", fits=True)
    path = f"{checkout / 'venv' / 'bin'}{os.pathsep}{bin_}"
    done = run_script(tmp_path, PATH=path, GITHUB_WORKSPACE=str(checkout))
    assert "started" not in done.stdout
    fake_python(bin_ / "python3", fits=True)
    assert "started" in run_script(tmp_path, PATH=path, GITHUB_WORKSPACE=str(checkout)).stdout


def test_t73_no_module_of_the_checkout_is_imported(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("json", "composite", "upshot", "venv"):
        (checkout / f"{name}.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    done = subprocess.run(
        [*BASH, "-c", MAIN["run"]],
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(checkout),
            "GITHUB_ACTION_PATH": str(ROOT / "composite"),
            "GITHUB_WORKSPACE": str(checkout),
            "RUNNER_TEMP": str(tmp_path / "nowhere"),
            "PIP_NO_INDEX": "1",
            "UPSHOT_INPUTS": "{}",
        },
        cwd=checkout,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert "imported" not in done.stdout + done.stderr
    assert "libraries could not be installed" in done.stdout
