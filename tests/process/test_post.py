"""The post stage, started as the runner starts it after a run that was cancelled or killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from upshot_sandbox import oracle
from upshot_sandbox.machine import ROOT, variables
from upshot_sandbox.runner import RunResult, SignalAt, run_action
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

SHOWING = "POST /repos/acme/shop/issues/7/comments"
"""The first progress in the comment: the task is there, and its id is known."""
WAITING = {"pace_s": 0.2, "steps": [{"do": "name", "text": "Why?"}, {"do": "wait"}]}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Neo never comes to an end."""
    with Sandbox(replace(load_scenario("neo-answer"), neo=WAITING)) as sandbox:
        yield sandbox


def states(result: RunResult) -> dict[str, str]:
    """What the runner gives to the post stage."""
    content = result.machine.command_file("GITHUB_STATE").read_bytes()
    return {f"STATE_{name}": value for name, value in oracle.parse_file_commands(content)}


def run_post(sandbox: Sandbox, result: RunResult, **extra: str) -> str:
    """Its log. It may not fail, and it may not say anything that the runner acts upon but this."""
    environment = variables(sandbox.world, result.machine, {}, {**states(result), **extra})
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "post.py"), "-I", "/app/entrypoint.py"],
        cwd=result.machine.workspace,
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stderr == b""
    commands = oracle.commands_in(done.stdout)
    assert {command.name for command in commands} <= {"add-mask", "warning"}
    return done.stdout.decode()


def cancels(sandbox: Sandbox) -> int:
    return sum(request.path.endswith("/cancel") for request in sandbox.world.journal.requests)


def test_t47_a_killed_run_leaves_its_task_to_the_post_stage(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    at_work = SignalAt(SHOWING, signal.SIGKILL)
    result = run_action(sandbox, tmp_path / "run", signal_at=at_work)
    assert result.exit_code == -signal.SIGKILL
    assert cancels(sandbox) == 0
    assert "was cancelled with the run" in run_post(sandbox, result)
    assert cancels(sandbox) == 1


def test_t47_a_task_that_was_left_running_on_purpose_stays(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    result = run_action(sandbox, tmp_path / "run", inputs={"max-wait": "1s"})
    assert result.outputs["task-status"] == "timed-out"
    assert states(result)["STATE_task-id"] == ""
    assert run_post(sandbox, result) == ""
    assert cancels(sandbox) == 0


def test_t47_who_wants_the_task_to_go_on_gets_that(sandbox: Sandbox, tmp_path: Path) -> None:
    at_work = SignalAt(SHOWING, signal.SIGKILL)
    result = run_action(
        sandbox, tmp_path / "run", inputs={"cancel-task-on-cancel": "false"}, signal_at=at_work
    )
    assert states(result) == {}
    assert run_post(sandbox, result) == ""


def test_t47_a_task_that_cannot_be_stopped_is_a_warning(sandbox: Sandbox, tmp_path: Path) -> None:
    at_work = SignalAt(SHOWING, signal.SIGKILL)
    result = run_action(sandbox, tmp_path / "run", signal_at=at_work)
    said = run_post(sandbox, result, **{"INPUT_PULUMI-ACCESS-TOKEN": "pul-" + "0" * 40})
    assert "::warning" in said
    assert "may still be running" in said
    assert "must act: stop the task on its page, https://app.pulumi.com/acme/neo/tasks/" in said
    assert "No action needed" not in said
