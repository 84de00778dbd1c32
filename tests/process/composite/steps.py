"""The composite action's steps, run as GitHub's runner runs them: their own text, by their own shell.

The libraries are there already: the job's environment is one that an earlier step has made, whose
libraries are those of the Python that runs the tests. How they get there has tests of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

import yaml
from composite.libraries import make_environment
from composite.start import environment_folder, read_lock

from upshot_sandbox.machine import ROOT, Machine

ACTION: Final[dict[str, Any]] = yaml.safe_load((ROOT / "composite/action.yml").read_text("utf-8"))
MAIN, POST = ACTION["runs"]["steps"]
BASH: Final = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
"""What the runner makes of `shell: bash`, before the name of the script."""


def make_ready(folder: Path) -> Path:
    """A job's environment, with the libraries of this Python."""
    make_environment(folder, [], ROOT / "src")
    names = {"base": str(folder), "platbase": str(folder)}
    libraries = Path(sysconfig.get_path("purelib", scheme="venv", vars=names))
    (libraries / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder


class Steps:
    """In the place of a container: see `upshot_sandbox.host.Host`."""

    def __init__(self, ready: Path) -> None:
        self.ready = ready

    def seen(self, machine: Machine) -> Machine:
        return machine

    def start(
        self, machine: Machine, environment: Mapping[str, str], stream: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """The first step."""
        ours = machine.temp / "upshot-composite"
        ours.mkdir(exist_ok=True)
        folder = environment_folder(ours, read_lock())
        if not folder.exists():
            folder.symlink_to(self.ready)
        return subprocess.Popen(
            [*BASH, str(self._script(machine, MAIN))],
            cwd=machine.workspace,
            env=self.variables(MAIN, environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )

    def finish(self, machine: Machine, environment: Mapping[str, str]) -> str:
        """The log of the last step, which follows one that did not end well."""
        assert POST["if"] == "always() && steps.upshot.outcome != 'success'"
        done = subprocess.run(
            [*BASH, str(self._script(machine, POST))],
            cwd=machine.workspace,
            env=self.variables(POST, environment),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()

    def variables(self, step: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
        """The step's environment: inputs are there by its expression only."""
        inputs = {
            name: environment[variable]
            for name in ACTION["inputs"]
            if (variable := f"INPUT_{name.upper()}") in environment
        }
        given = {name: self._evaluate(text, inputs) for name, text in step["env"].items()}
        found = {k: v for k, v in environment.items() if not k.startswith("INPUT_")}
        return {
            **found,
            "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT / "composite"),
            **given,
        }

    def _evaluate(self, text: str, inputs: Mapping[str, str]) -> str:
        assert text == "${{ toJSON(inputs) }}"
        return json.dumps(inputs, indent=2, ensure_ascii=False)

    def _script(self, machine: Machine, step: Mapping[str, Any]) -> Path:
        assert step["shell"] == "bash"
        path = machine.temp / "step.sh"
        path.write_text(step["run"], encoding="utf-8")
        return path
