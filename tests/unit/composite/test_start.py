"""How the composite action starts Upshot, on each kind of system."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from composite import start

from upshot.runner.files import save_state


def test_inputs_become_the_variables_of_a_container() -> None:
    env = {
        "UPSHOT_INPUTS": json.dumps({"log-file": "pulumi.log", "mode": "", "fail-on": "a\nb"}),
        "PATH": "/bin",
        "INPUT_LOG-FILE": "forged",
        "INPUT_OTHER": "forged",
    }
    assert start.step_variables(env) == {
        "PATH": "/bin",
        "INPUT_LOG-FILE": "pulumi.log",
        "INPUT_MODE": "",
        "INPUT_FAIL-ON": "a\nb",
    }


def test_what_a_run_leaves_is_read_as_the_runner_reads_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert start.read_state(state) == {}
    tokens = iter("abcdef")
    for name, value in (("task-id", "t1"), ("task-organization", "acme"), ("task-id", "t2")):
        save_state(str(state), name, value, token=lambda: next(tokens))
    assert start.read_state(state) == {"STATE_task-id": "t2", "STATE_task-organization": "acme"}
    save_state(str(state), "task-id", "", token=lambda: next(tokens))
    assert start.read_state(state) == {"STATE_task-organization": "acme"}


def test_where_a_process_cannot_be_replaced_its_exit_code_is_passed_on() -> None:
    assert start.wait_for((sys.executable, "-c", "raise SystemExit(7)"), {}) == 7


def test_t4_what_pip_repeats_of_an_index_runs_no_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start.print_error("pip said: \n::set-output name=x::y\n100%")
    (line,) = capsys.readouterr().out.splitlines()
    assert line == "::error title=Upshot::pip said: %0A::set-output name=x::y%0A100%25"


def test_an_error_is_one_annotation_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {"RUNNER_TEMP": str(tmp_path / "file" / "x"), "PIP_NO_INDEX": "1"}
    (tmp_path / "file").write_bytes(b"")
    assert start.main([], env, lambda *_: 0) == 1
    said = capsys.readouterr().out
    assert said.startswith("::error title=Upshot::Upshot's libraries could not be installed")
    assert "must act" in said
