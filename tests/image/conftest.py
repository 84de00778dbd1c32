"""The image of the Dockerfile, run as GitHub's runner would run it, against the loopback sandbox.

`make test-image` builds the image and starts these tests where the only network is loopback.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tools.image.engine import CONFINED, IMAGE, Engine, find_engine

from upshot_sandbox.machine import Machine
from upshot_sandbox.runner import RunResult, run_action
from upshot_sandbox.scenario import Scenario, load_scenario
from upshot_sandbox.server import Sandbox

GITHUB: Final = Machine(Path("/github"))
NAME: Final = "upshot-test"


class Container(Struct, frozen=True):
    """Starts the image with the runner's mounts; everything else is read-only and without rights.

    `entrypoint` with `arguments` replaces the image's own, as it is in its configuration.
    """

    engine: Engine
    entrypoint: str = ""
    arguments: tuple[str, ...] = ()

    def seen(self, machine: Machine) -> Machine:
        return GITHUB

    def start(
        self, machine: Machine, environment: Mapping[str, str], stream: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        mounts = [f"--volume={machine.folder / name}:/github/{name}" for name in _mounted(machine)]
        # By name only, as the runner does: values stay out of the list of processes.
        names = [part for name in environment if name != "PATH" for part in ("--env", name)]
        changed = [f"--entrypoint={self.entrypoint}"] if self.entrypoint else []
        command = self.engine.command("podman", "run", *CONFINED, "--network=host")
        options = ["--name", NAME, "--workdir=/github/workspace", *mounts, *names, *changed]
        return subprocess.Popen(
            [*command, *options, IMAGE, *self.arguments],
            env={**environment, **self.engine.environment, "HOME": environment["HOME"]},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )


def _mounted(machine: Machine) -> list[str]:
    """The folders that the runner mounts below `/github`."""
    files = (machine.event_file, machine.command_file("GITHUB_OUTPUT"))
    folders = (machine.workspace, machine.temp, machine.home, *(file.parent for file in files))
    return [folder.name for folder in folders]


class Job:
    """A job in one scenario's world whose step runs the image, once or more."""

    def __init__(self, sandbox: Sandbox, folder: Path, engine: Engine) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self._folder = folder
        self._engine = engine
        self._runs = 0

    def run(self, *, entrypoint: str = "", arguments: Any = (), **changes: Any) -> RunResult:
        """As `run_action`; what must hold of every run is asserted."""
        self._runs += 1
        host = Container(self._engine, entrypoint, tuple(arguments))
        folder = self._folder / f"run-{self._runs}"
        result = run_action(self.sandbox, folder, host=host, **changes)
        assert result.violations == ()
        assert result.tampered == ()
        assert "Traceback" not in result.log, result.log
        return result


Start = Callable[..., Job]
Inspect = Callable[[str], str]


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
    engine.run("podman", "rm", "--force", "--ignore", "--time=0", NAME)


@pytest.fixture(scope="session")
def inside(engine: Engine) -> Inspect:
    """Runs a Python program in the image and returns what it printed."""

    def run(program: str) -> str:
        command = ["--entrypoint=/usr/local/bin/python", IMAGE, "-I", "-c", program]
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
