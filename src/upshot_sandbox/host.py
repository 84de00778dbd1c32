"""Where the step's process runs: on this machine, or in a container that sees other paths."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Final, Protocol

from msgspec import Struct

from upshot_sandbox.machine import ROOT, Machine


class Host(Protocol):
    """Starts the action for a machine whose folders are ready."""

    def seen(self, machine: Machine) -> Machine:
        """The folders as the process sees them: what its variables name."""
        ...

    def start(
        self, machine: Machine, environment: Mapping[str, str], stream: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Starts the action; both its outputs go to `stream`, signals to the process returned."""
        ...


class ThisMachine(Struct, frozen=True):
    """Runs the checkout's `entrypoint.py` with the Python that runs the sandbox."""

    def seen(self, machine: Machine) -> Machine:
        return machine

    def start(
        self, machine: Machine, environment: Mapping[str, str], stream: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", str(ROOT / "entrypoint.py")],
            cwd=machine.workspace,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )


HERE: Final = ThisMachine()
