"""The machine that a job sees: folders, the runner's files and variables, the checkout."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from upshot_sandbox.chats import service as chats
from upshot_sandbox.engine.console import console_log
from upshot_sandbox.engine.events import Engine
from upshot_sandbox.events import build_payload, refs_of, workflow_name
from upshot_sandbox.github.idtoken import PATH, REQUEST_TOKEN
from upshot_sandbox.inputs import evaluate, input_variables, read_defaults
from upshot_sandbox.scenario import RUN_ID
from upshot_sandbox.world import World

ROOT: Final = Path(__file__).parents[2]
"""The checkout of this project: its action.yml and entrypoint.py are run."""
CONSOLE: Final = "https://app.pulumi.com"
_WORD: Final = re.compile(r"`confirm: ([a-z2-7-]{19})`")
_COMMAND_FILES: Final = {
    "GITHUB_OUTPUT": "output",
    "GITHUB_STATE": "state",
    "GITHUB_ENV": "env",
    "GITHUB_PATH": "path",
    "GITHUB_STEP_SUMMARY": "summary.md",
}


class Machine(Struct, frozen=True):
    """Folders of one run, below one folder: there as they lie below `/github` in a container."""

    folder: Path

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        return self.folder / "runner_temp"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def event_file(self) -> Path:
        return self.folder / "workflow" / "event.json"

    def command_file(self, variable: str) -> Path:
        """The file behind `GITHUB_OUTPUT` and the like."""
        return self.folder / "file_commands" / _COMMAND_FILES[variable]


def prepare(
    world: World,
    folder: Path,
    *,
    event: Mapping[str, Any] | bytes | None = None,
    fresh: bool = True,
) -> Machine:
    """Makes the folders, the workspace's files, `event.json` and empty command files.

    `event` is written instead of the scenario's own payload, bytes as they are. With `fresh` an
    earlier run's folders are removed first.
    """
    machine = Machine(folder)
    if fresh and folder.exists():
        shutil.rmtree(folder)
    files = (machine.event_file, machine.command_file("GITHUB_OUTPUT"))
    for made in (machine.workspace, machine.temp, machine.home, *(file.parent for file in files)):
        made.mkdir(parents=True, exist_ok=True)
    for variable in _COMMAND_FILES:
        machine.command_file(variable).write_bytes(b"")
    payload = build_payload(world) if event is None else event
    written = payload if isinstance(payload, bytes) else json.dumps(payload, indent=2).encode()
    machine.event_file.write_bytes(written)
    for name, text in world.scenario.files.items():
        path = machine.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_file_text(world, text), encoding="utf-8", newline="")
    return machine


def variables(
    world: World, machine: Machine, inputs: Mapping[str, str], extra: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment of the step: nothing of the environment around it goes in.

    `machine` holds the folders as the step's process sees them.
    """
    scenario = world.scenario
    values = {
        "github.token": world.github.workflow_token,
        "toJSON(matrix)": "null",
        "github.workspace": str(machine.workspace),
        "runner.temp": str(machine.temp),
        "sandbox.cloud": world.cloud_url,
        "sandbox.slack": world.chats_url + chats.SLACK,
        "sandbox.teams": f"{world.chats_url}{chats.TEAMS}?{chats.TEAMS_QUERY}",
        "sandbox.webhook": world.chats_url + chats.WEBHOOK,
        "sandbox.webhook-secret": chats.SECRET,
        "sandbox.claim-token": _claim_token(world),
        "sandbox.powabase-url": world.powabase_url,
        "sandbox.powabase-key": _powabase_key(world),
        "sandbox.confirm": _confirm(world),
    }
    given = read_defaults(ROOT / "action.yml") | {
        "cloud-url": world.cloud_url,
        "console-url": CONSOLE,
        "pulumi-access-token": world.cloud.workflow_token,
    }
    given |= {**scenario.inputs, **inputs}
    evaluated = {name: evaluate(value, values) for name, value in given.items()}
    return {
        **_runner_variables(world, machine),
        **_id_token_variables(world),
        **input_variables(evaluated),
        **{name: evaluate(value, values) for name, value in scenario.env.items()},
        **extra,
    }


def _runner_variables(world: World, machine: Machine) -> dict[str, str]:
    scenario, state = world.scenario, world.github
    workflow = f"{state.plan.repository}/.github/workflows/preview.yml@refs/heads/main"
    return {
        **{name: str(machine.command_file(name)) for name in _COMMAND_FILES},
        **refs_of(world),
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(machine.home),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION": "upshot",
        "GITHUB_ACTOR": scenario.event.actor,
        "GITHUB_TRIGGERING_ACTOR": scenario.event.actor,
        "GITHUB_API_URL": world.github_url,
        "GITHUB_GRAPHQL_URL": f"{world.github_url}/graphql",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_EVENT_NAME": scenario.event.name,
        "GITHUB_EVENT_PATH": str(machine.event_file),
        "GITHUB_JOB": "pulumi",
        "GITHUB_REPOSITORY": state.plan.repository,
        "GITHUB_REPOSITORY_ID": "702341117",
        "GITHUB_REPOSITORY_OWNER": state.owner,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": RUN_ID,
        "GITHUB_RUN_NUMBER": "214",
        "GITHUB_WORKFLOW": workflow_name(scenario),
        "GITHUB_WORKFLOW_REF": workflow,
        "GITHUB_WORKSPACE": str(machine.workspace),
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        "RUNNER_NAME": "GitHub Actions 12",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_TEMP": str(machine.temp),
        "ACTIONS_RUNTIME_TOKEN": "sandbox-runtime-token",
        "ACTIONS_RESULTS_URL": f"{world.github_url}/_services/results/",
    }


def _powabase_key(world: World) -> str:
    """The key of the project that the scenario plays; empty where it plays none."""
    project = world.extensions.get("powabase")
    return project.workflow_key if project else ""


def _claim_token(world: World) -> str:
    """Of the agent account that was there first, as a secret of the workflow; empty without one."""
    agents = world.extensions["accounts"].agents
    return str(agents[0].claim_token) if agents else ""


def _confirm(world: World) -> str:
    """The word that a person reads in the newest comment; empty where none shows one."""
    shown = [word for comment in world.github.by_bot() for word in _WORD.findall(comment.body)]
    return str(shown[-1]) if shown else ""


def _id_token_variables(world: World) -> dict[str, str]:
    if not world.scenario.cloud.oidc:
        return {}
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{world.github_url}{PATH}?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
    }


def _file_text(world: World, text: str) -> str:
    """`@console` and `@events` stand for what the first update left behind."""
    if text not in {"@console", "@events"}:
        return text
    plan = world.scenario.cloud.updates[0]
    engine = Engine(world.scenario.cloud, plan)
    if text == "@console":
        return console_log(engine)
    events = engine.event_log(world.started_at - plan.ago_s)
    return "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events)
