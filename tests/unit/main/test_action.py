"""The process: exit codes, one error a problem, every output on every path."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from upshot.__main__ import Action
from upshot.result import output_names
from upshot.timing import SystemClock
from upshot_sandbox.oracle import parse_file_commands


@pytest.fixture(autouse=True)
def own_streams() -> Iterator[None]:
    """The action puts guards around stderr and uncaught exceptions: give them back."""
    import threading

    kept = sys.stderr, sys.excepthook, threading.excepthook
    yield
    sys.stderr, sys.excepthook, threading.excepthook = kept


def run_action(folder: Path, **env: str) -> tuple[int, str, dict[str, str]]:
    out = io.StringIO()
    output = folder / "output"
    base = {
        "GITHUB_OUTPUT": str(output),
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_REPOSITORY": "acme/web",
        "GITHUB_EVENT_NAME": "schedule",
        "RUNNER_TEMP": str(folder),
    }
    code = Action(base | env, out, SystemClock()).run()
    pairs = dict(parse_file_commands(output.read_bytes()))
    return code, out.getvalue(), pairs


def test_a_run_that_is_given_nothing_says_what_to_give(tmp_path: Path) -> None:
    code, said, outputs = run_action(tmp_path)
    assert code == 1
    assert said.count("::error") == 1
    assert "log-file: pulumi.log" in said
    assert set(outputs) == set(output_names())
    assert (outputs["verdict"], outputs["reason-code"]) == ("unknown", "bad-input")


def test_a_run_that_finds_nothing_is_reported_and_green(tmp_path: Path) -> None:
    code, _, outputs = run_action(tmp_path, **{"INPUT_STACK-NAME": "acme/web/prod"})
    assert code == 0
    assert (outputs["verdict"], outputs["reason-code"]) == ("unknown", "no-subject")


def test_every_problem_of_the_inputs_is_one_error_and_nothing_else_happens(tmp_path: Path) -> None:
    code, said, outputs = run_action(
        tmp_path,
        **{"INPUT_MODE": "explian", "INPUT_TIMEOUT": "soon", "INPUT_STACK-NAME": "a/b/c/d"},
    )
    assert code == 1
    assert said.count("::error") == 3
    assert "Traceback" not in said
    assert outputs["reason-code"] == "bad-input"


def test_a_payload_that_is_no_json_is_the_workflows_fault(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text("{", encoding="utf-8")
    code, said, outputs = run_action(tmp_path, GITHUB_EVENT_PATH=str(tmp_path / "event.json"))
    assert code == 1
    assert said.count("::error") == 1
    assert outputs["reason-code"] == "bad-event"


def test_strict_makes_a_missing_log_exit_1_after_everything_was_published(tmp_path: Path) -> None:
    code, said, outputs = run_action(
        tmp_path, **{"INPUT_STRICT": "true", "INPUT_LOG-FILE": "never-written.log"}
    )
    assert code == 1
    assert "::warning" in said
    assert outputs["report-file"]


def test_t09_a_secret_of_the_environment_is_in_no_output(tmp_path: Path) -> None:
    secret = "correct-horse-battery-staple"
    (tmp_path / "pulumi.log").write_text(
        f"Updating (dev)\nDiagnostics:\n  aws:s3:Bucket (b):\n    error: bad {secret}\n",
        encoding="utf-8",
    )
    _, said, outputs = run_action(
        tmp_path, **{"INPUT_LOG-FILE": "pulumi.log", "DATABASE_PASSWORD": secret}
    )
    assert secret not in said
    assert secret not in json.dumps(outputs)
    assert outputs["redacted-count"] == "1"


def test_t11_what_is_not_masked_is_said_once_and_not_what_it_is(tmp_path: Path) -> None:
    _, said, _ = run_action(
        tmp_path,
        RUNNER_DEBUG="1",
        SHOP_PASSWORD="x7Qp",
        INPUT_SHOP_TOKEN="x7Qp",
        DB_PWD="localhost",
    )
    assert said.count("::debug::Not masked: a value of 4 characters is too short.") == 1
    assert said.count("::debug::Not masked: a value is a common word.") == 1
    assert "x7Qp" not in said
    assert "Not masked" not in run_action(tmp_path, SHOP_PASSWORD="x7Qp")[1]
