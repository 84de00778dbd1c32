"""The composite action's libraries, fetched from pip's real index for this Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from composite.libraries import python_of
from tests.process.composite.steps import BASH, MAIN, Steps
from tests.process.conftest import play_through

from upshot_sandbox import oracle
from upshot_sandbox.machine import ROOT
from upshot_sandbox.scenario import load_scenario

pytestmark = pytest.mark.judges

NEEDING = (
    *("failed-update", "account-signup", "oidc", "neo-answer", "collect", "gate-waiting"),
    *("powabase-apply", "hostile", "slack", "fleet", "issue-opened", "chat-not-allowed"),
)
"""Scenarios that use each library: GitHub, sealed secrets, templates, expressions, chats."""


def step(folder: Path, **env: str) -> tuple[int, str, dict[str, str]]:
    """The main step in a fresh job: exit code, log, outputs."""
    temp = folder / "temp"
    temp.mkdir(parents=True)
    done = subprocess.run(
        [*BASH, "-c", MAIN["run"]],
        env={
            **{name: text for name, text in env_of_the_index().items() if text},
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "GITHUB_ACTION_PATH": str(ROOT / "composite"),
            "GITHUB_EVENT_NAME": "schedule",
            "GITHUB_OUTPUT": str(temp / "output"),
            "GITHUB_REPOSITORY": "acme/web",
            "GITHUB_WORKSPACE": str(ROOT),
            "RUNNER_TEMP": str(temp),
            "UPSHOT_INPUTS": '{"events-file": "tests/corpus/events/events-eks-403.jsonl"}',
            **env,
        },
        cwd=temp,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    written = temp / "output"
    found = dict(oracle.parse_file_commands(written.read_bytes())) if written.exists() else {}
    return done.returncode, done.stdout, found


def env_of_the_index() -> dict[str, str]:
    """How pip reaches an index on this machine."""
    names = ("HOME", "PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE")
    return {name: os.environ.get(name, "") for name in names}


def test_libraries_are_fetched_once_and_every_job_runs(tmp_path: Path) -> None:
    kept = str(tmp_path / "tools")
    code, said, outputs = step(tmp_path / "first", RUNNER_TOOL_CACHE=kept)
    assert code == 0, said
    assert (outputs["verdict"], outputs["backend-used"]) == ("failed", "local")
    code, said, outputs = step(tmp_path / "second", RUNNER_TOOL_CACHE=kept, PIP_NO_INDEX="1")
    assert (code, outputs["verdict"]) == (0, "failed"), said
    code, said, outputs = step(tmp_path / "third", PIP_NO_INDEX="1")
    assert (code, outputs) == (1, {})
    assert "libraries could not be installed" in said


def test_the_fetched_libraries_are_all_that_any_scenario_needs(tmp_path: Path) -> None:
    code, said, _ = step(tmp_path / "job", RUNNER_TOOL_CACHE=str(tmp_path / "tools"))
    assert code == 0, said
    (ready,) = (tmp_path / "job/temp/upshot-composite").glob("*-*")
    done = subprocess.run(
        [
            python_of(ready),
            "-I",
            "-c",
            "import importlib.util as u; print(u.find_spec('cryptography'))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "None\n"
    for name in NEEDING:
        _, result = play_through(load_scenario(name), tmp_path / name, host=Steps(ready))
        assert result.exit_code == load_scenario(name).exit_code, name
        assert "Traceback" not in result.log, name
        assert not any("bug in Upshot" in text for text in result.warnings), name
