"""A folder with a CLI that is signed in to a sandbox's Pulumi Cloud, in a job of a workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec.structs import replace
from tools.judges.cli.build import Judge
from tools.judges.cli.programs import Run
from tools.judges.cli.record import project_text, run_cli, run_one

from upshot_sandbox.machine import prepare, variables
from upshot_sandbox.runner import RunResult, run_action
from upshot_sandbox.scenario import RUN_ID, CloudPlan, Scenario
from upshot_sandbox.server import Sandbox

STACK: Final = "acme/judged/dev"
EARLIER: Final = "19283700002"
"""The workflow run before: Upshot looks for what its own has done."""
TODAY: Final = Scenario(title="a CLI's", name="cli", cloud=CloudPlan(project="other"))
OLDEST: Final = replace(TODAY, protocol={"capabilities": []})
"""The service offers nothing: create and start apart, whole checkpoints."""


class Place:
    def __init__(self, judge: Judge, sandbox: Sandbox, folder: Path) -> None:
        self._judge, self._sandbox, self._folder = judge, sandbox, folder
        self._project = folder / "project"
        self._project.mkdir()
        # A home of its own: CLIs beside each other sign in to other sandboxes.
        home = folder / "home"
        home.mkdir()
        (home / "plugins").symlink_to(judge.home / "plugins")
        machine = prepare(sandbox.world, folder / "job")
        given = variables(sandbox.world, machine, {}, {})
        self._env = {name: value for name, value in given.items() if name.startswith("GITHUB_")}
        self._env |= {
            "CI": "true",
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": sandbox.cloud_url,
            "PULUMI_ACCESS_TOKEN": sandbox.world.cloud.workflow_token,
        }

    def pulumi(
        self,
        words: str,
        program: Run = Run(),  # noqa: B008 - it is frozen
        kill_after: float = 0.0,
    ) -> str:
        """What it prints; `kill_after` are seconds, for a command that waits for its user."""
        run = Run(command=words, env=self._env, kill_after=kill_after)
        said, _ = run_cli(self._judge, self._project, run, project_text(program))
        return said

    def act(self, run: Run, workflow_run: str = RUN_ID) -> None:
        """With all that goes before it, and its signals."""
        env = {**run.env, **self._env, "GITHUB_RUN_ID": workflow_run}
        run_one(self._judge, self._project, replace(run, env=env))

    def upshot(self, stack: str = STACK) -> RunResult:
        inputs = {"stack-name": stack, "backend": "local"}
        return run_action(self._sandbox, self._folder / "upshot", inputs=inputs)
