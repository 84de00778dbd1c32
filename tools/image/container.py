"""The image as a place where the sandbox's action runs, with the mounts of GitHub's runner."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from msgspec import Struct
from tools.image.engine import CONFINED, IMAGE, Engine

from upshot_sandbox.machine import Machine

GITHUB: Final = Machine(Path("/github"))


class Container(Struct, frozen=True):
    """Starts an image with the runner's mounts; everything else is read-only and without rights.

    `entrypoint` with `arguments` replaces the image's own, as it is in its configuration; `options`
    are podman's.
    """

    engine: Engine
    name: str
    entrypoint: str = ""
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    image: str = IMAGE

    def seen(self, machine: Machine) -> Machine:  # noqa: ARG002 - the same for all
        return GITHUB

    def start(
        self, machine: Machine, environment: Mapping[str, str], stream: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        mounts = [f"--volume={machine.folder / name}:/github/{name}" for name in _mounted(machine)]
        # By name only, as the runner does: values stay out of the list of processes.
        names = [part for name in environment if name != "PATH" for part in ("--env", name)]
        changed = [f"--entrypoint={self.entrypoint}"] if self.entrypoint else []
        own = self.engine.environment
        command = self.engine.command("podman", "run", *CONFINED, "--network=host")
        options = ["--name", self.name, "--workdir=/github/workspace", *self.options]
        return subprocess.Popen(
            [*command, *options, *mounts, *names, *changed, self.image, *self.arguments],
            env={**own, **environment, "PATH": own["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )

    def remove(self) -> None:
        """Ends and removes what a run that was broken off has left."""
        self.engine.run("podman", "rm", "--force", "--ignore", "--time=0", self.name)


def _mounted(machine: Machine) -> list[str]:
    """The folders that the runner mounts below `/github`."""
    files = (machine.event_file, machine.command_file("GITHUB_OUTPUT"))
    folders = (machine.workspace, machine.temp, machine.home, *(file.parent for file in files))
    return [folder.name for folder in folders]
