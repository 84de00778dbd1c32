"""`python -I entrypoint.py`, started as the runner would start it, against the loopback sandbox.

Whatever a test is about, each run is held against what must be true of every run: see `_always`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from upshot_sandbox.acts import act
from upshot_sandbox.events import build_payload
from upshot_sandbox.machine import ROOT
from upshot_sandbox.runner import RunResult, run_action
from upshot_sandbox.scenario import Scenario, load_scenario
from upshot_sandbox.server import Sandbox

OUR_COMMANDS = frozenset(
    ["add-mask", "debug", "endgroup", "error", "group", "notice", "stop-commands", "warning"]
)


class Job:
    """A job whose step runs the action, once or more, in one scenario's world."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self._folder = folder
        self._runs = 0

    def run(self, **arguments: Any) -> RunResult:
        """As `run_action`; then what must hold of every run is asserted."""
        self._runs += 1
        result = run_action(self.sandbox, self._folder / f"run-{self._runs}", **arguments)
        agents = self.world.extensions["accounts"].agents
        secrets = {text for one in agents for text in (one.access_token, one.claim_token)}
        _always(result, secrets | self.world.cloud.tokens | set(self.world.github.tokens))
        return result


class Start:
    """Starts jobs; their sandboxes end with the test."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._jobs = 0

    def __call__(self, scenario: str | Scenario, **changes: Any) -> Job:
        """A job in the scenario of that name, with fields of it replaced."""
        self._jobs += 1
        found = load_scenario(scenario) if isinstance(scenario, str) else scenario
        sandbox = self._stack.enter_context(Sandbox(replace(found, **changes)))
        return Job(sandbox, self._folder / f"job-{self._jobs}")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:
        yield Start(tmp_path, stack)


class Play:
    """Plays scenarios as they are, each once a session: many tests look at the same run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, RunResult] = {}

    def __call__(self, name: str) -> RunResult:
        """The run that the scenario of that name is about."""
        if name not in self._seen:
            _, self._seen[name] = play_through(load_scenario(name), self._folder / name)
        return self._seen[name]


def play_through(scenario: Scenario, folder: Path, **arguments: Any) -> tuple[Job, RunResult]:
    """The job and its run that the scenario is about, with the runs and acts that come before it.

    `arguments` go to `run_action`, for every run.
    """
    before = scenario.before_comment()
    with Sandbox(before) as sandbox:
        job = Job(sandbox, folder)
        if scenario.then or before != scenario:
            for inputs in sandbox.world.scenario.earlier:
                job.run(inputs=inputs, **arguments)
        sandbox.world.scenario = scenario
        event = build_payload(sandbox.world) if scenario.starts_again else None
        for plan in scenario.then:
            act(sandbox.world, plan)
        return job, job.run(event=event, **arguments)


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    return Play(tmp_path_factory.mktemp("play"))


def _always(result: RunResult, secrets: set[str]) -> None:
    assert result.violations == ()
    assert result.tampered == (), "GITHUB_ENV and GITHUB_PATH are never written to"
    assert "Traceback" not in result.log
    assert {command.name for command in result.commands} <= OUR_COMMANDS
    assert all(command.form == "v2" for command in result.commands)
    declared = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["outputs"]
    assert set(result.outputs) == set(declared), "every output is set on every path"
    told = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    told += [result.summary, *result.comments, *result.outputs.values()]
    told += [issue.body for issue in result.issues]
    for secret in secrets:
        assert not any(secret in text for text in told)
    for path in result.machine.temp.rglob("upshot/**/*"):
        assert not path.is_file() or not any(s in path.read_text("utf-8") for s in secrets)
