"""The image of the Dockerfile, run as GitHub's runner would run it, against the loopback sandbox.

`make test-image` builds the image and starts these tests where the only network is loopback.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace
from tools.image.container import Container
from tools.image.engine import CONFINED, IMAGE, Engine, find_engine

from upshot_sandbox.runner import RunResult, run_action
from upshot_sandbox.scenario import Scenario, load_scenario
from upshot_sandbox.server import Sandbox

NAME: Final = f"upshot-test-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


class Job:
    """A job in one scenario's world whose step runs the image, once or more."""

    def __init__(self, sandbox: Sandbox, folder: Path, engine: Engine) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self._folder = folder
        self._engine = engine
        self._runs = 0

    def run(
        self, *, entrypoint: str = "", arguments: Any = (), options: Any = (), **changes: Any
    ) -> RunResult:
        """As `run_action`; what must hold of every run is asserted. `options` are podman's."""
        self._runs += 1
        host = Container(self._engine, NAME, entrypoint, tuple(arguments), tuple(options))
        folder = self._folder / f"run-{self._runs}"
        result = run_action(self.sandbox, folder, host=host, **changes)
        assert result.violations == ()
        assert result.tampered == ()
        assert "Traceback" not in result.log, result.log
        return result

    def kill(self) -> None:
        """Ends a container whose engine was killed, as the runner does."""
        Container(self._engine, NAME).remove()


Start = Callable[..., Job]
Inspect = Callable[..., str]


@pytest.fixture(scope="session")
def engine() -> Engine:
    found = find_engine()
    if found is None or not found.has(IMAGE):
        pytest.skip("the image is not built: run `make test-image`")
    return found


@pytest.fixture
def start(engine: Engine, tmp_path: Path) -> Iterator[Start]:
    """Starts jobs: a scenario's name or a scenario, and fields of it to replace."""
    with ExitStack() as stack:

        def begin(scenario: str | Scenario, **changes: Any) -> Job:
            found = load_scenario(scenario) if isinstance(scenario, str) else scenario
            sandbox = stack.enter_context(Sandbox(replace(found, **changes)))
            return Job(sandbox, tmp_path / f"job-{id(sandbox)}", engine)

        yield begin
    Container(engine, NAME).remove()


@pytest.fixture(scope="session")
def inside(engine: Engine) -> Inspect:
    """Runs a Python program in the image and returns what it printed; options are podman's."""

    def run(program: str, *options: str) -> str:
        command = ["--entrypoint=/usr/local/bin/python", *options, IMAGE, "-I", "-c", program]
        done = engine.run("podman", "run", *CONFINED, "--network=none", *command)
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run


@pytest.fixture(scope="session")
def configuration(engine: Engine) -> dict[str, Any]:
    """The image's configuration: `Entrypoint`, `User`, `Env` and the rest."""
    done = engine.run("podman", "image", "inspect", IMAGE)
    found: dict[str, Any] = json.loads(done.stdout)[0]["Config"]
    return found
