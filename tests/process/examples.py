"""The examples as data, and one of them running: its Upshot steps with the `with:` they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from msgspec.structs import replace

from upshot_sandbox.machine import ROOT
from upshot_sandbox.runner import RunResult
from upshot_sandbox.scenario import EventPlan, Scenario, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Start

FOLDER: Final = ROOT / "examples"
OURS: Final = ("pulumi-upshot/upshot@", "pulumi-upshot/upshot/composite@")
TEMP: Final = "../runner_temp"
"""The runner's temp folder, seen from the workspace."""
STACKS: Final = ("dev", "staging", "prod")
"""Of the examples with a matrix."""
CALLED: Final = "acme/web/dev"
"""What the caller of the reusable workflow gives."""
_SELF_HOSTED: Final = "https://pulumi-api.acme.example"
_EXPRESSION: Final = re.compile(r"\$\{\{ ([A-Za-z_.-]+) \}\}")
_LATER: Final = frozenset({"github.token", "runner.temp"})
"""What only the sandbox's machine knows."""


class Run:
    """One example in one world."""

    def __init__(self, start: Start, name: str, scenario: str, on: str = "pull_request") -> None:
        self.workflow = load_example(name)
        self.steps = list(upshot_steps(self.workflow))
        self.job = start(self._world(load_scenario(scenario), EventPlan(name=on)))

    def __call__(
        self,
        index: int = 0,
        *,
        matrix: str = "",
        pr_number: str = "",
        workflow_id: str = "61000001",
        more: Mapping[str, str] | None = None,
        **arguments: Any,
    ) -> RunResult:
        """Runs the example's Upshot step of that index; nothing but its `with:` is given to it."""
        token = self.job.world.cloud.workflow_token
        values = {
            "secrets.PULUMI_ACCESS_TOKEN": token,
            "secrets.PULUMI_NEO_TOKEN": token,
            "secrets.SLACK_WEBHOOK_URL": "${{ sandbox.slack }}",
            "github.event.client_payload.prompt": "Why did the last update take so long?",
            "inputs.question": "Would the random suffix change when we run it again?",
            "inputs.pr-number": pr_number,
            "secrets.AGENT_CLAIM_TOKEN": "${{ sandbox.claim-token }}",
            **dict.fromkeys(("inputs.operation", "inputs.confirm", "inputs.renames"), ""),
            **(more or {}),
            "matrix.stack": matrix,
            "inputs.stack": CALLED,
            "inputs.wish": "Check each answer before it is sent.",
            "secrets.POWABASE_SERVICE_KEY": "${{ sandbox.powabase-key }}",
            "github.event.workflow_run.workflow_id": workflow_id,
            "needs.preview.result": "failure",
            "steps.up.outcome": "failure",
            "steps.preview.outcome": "success",
            "steps.refresh.outcome": "success",
        }
        given = {"pulumi-access-token": ""} | resolve(self.steps[index][1]["with"], values)
        if "powabase-url" in given:
            given["powabase-url"] = self.job.world.powabase_url
        if given.get("cloud-url") == _SELF_HOSTED:
            given["cloud-url"] = self.job.world.cloud_url
        return self.job.run(inputs=given, **arguments)

    def comment(self, actor: str, text: str) -> RunResult:
        """The example's step, started by a person's comment."""
        world = self.job.world
        people = {"tomas-b": "write", "ines-k": "read", "ada-admin": "admin"}
        event = EventPlan(name="issue_comment", action="created", actor=actor, comment=text)
        world.scenario = replace(world.scenario, event=event)
        world.github.permissions.update(people)
        return self()

    def turn_to(self, stack: str) -> None:
        """The next job of the matrix: another stack, with an update of its own."""
        world = self.job.world
        cloud = replace(world.scenario.cloud, stack=stack)
        world.scenario = replace(world.scenario, cloud=cloud)
        world.cloud.updates = [
            replace(update, id=f"{index:08x}-0000-4000-8000-{STACKS.index(stack):012x}")
            for index, update in enumerate(cloud.updates)
        ]

    def _world(self, scenario: Scenario, event: EventPlan) -> Scenario:
        """The scenario with the example's stack, event and files, and no inputs of its own."""
        stack = next(
            (s["with"]["stack-name"] for _, s in self.steps if "stack-name" in s["with"]), ""
        )
        if scenario.event.payload:  # it names the stack
            return replace(scenario, inputs={})
        if stack.startswith("${{"):  # the caller's
            stack = CALLED
        organization, project, name = (stack or "acme/web/fork").split("/")
        cloud = replace(scenario.cloud, organization=organization, project=project, stack=name)
        files = {k: v for _, step in self.steps for k, v in used_files(step).items()}
        return replace(scenario, inputs={}, cloud=cloud, event=event, files=files)


def example_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def load_example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    return found


def upshot_steps(workflow: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name of the job, step) of each step that uses Upshot."""
    for job, about in workflow["jobs"].items():
        for step in about["steps"]:
            if step.get("uses", "").startswith(OURS):
                yield job, step


def resolve(given: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """A `with:` or `env:` with its expressions replaced by their values.

    Raises `KeyError` for an expression without a value.
    """
    return {name: _evaluate(_text(value), values) for name, value in given.items()}


def used_files(step: Mapping[str, Any]) -> dict[str, str]:
    """The evidence that the steps before have left, as files of a scenario: path -> stand-in."""
    stand_ins = {"events-file": "@events", "log-file": "@console"}
    return {
        step["with"][name].replace("${{ runner.temp }}", TEMP): text
        for name, text in stand_ins.items()
        if name in step["with"]
    }


def files_below(folder: Path) -> dict[str, bytes]:
    """Path relative to the folder -> content: what actions/upload-artifact would keep."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _evaluate(text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return match[0] if match[1] in _LATER else values[match[1]]

    return _EXPRESSION.sub(value, text)
