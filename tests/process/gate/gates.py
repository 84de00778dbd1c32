"""A pull request by `maria-lopez`, with people who may and may not, and a gate run on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from upshot_sandbox.acts import request_id
from upshot_sandbox.events import build_payload
from upshot_sandbox.scenario import EventPlan, GitHubPlan, Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.process.conftest import Job, Start

    from upshot_sandbox.github.people.history import History
    from upshot_sandbox.github.state import Comment
    from upshot_sandbox.runner import RunResult

RIGHTS: Final = {
    "maria-lopez": "write", "tomas-b": "write", "ines-k": "admin", "reader-r": "read",
    "pete-p": "write", "coco-c": "write", "ci-x[bot]": "write", "zoe-z": "write",
}  # fmt: skip


class Gate:
    """Runs the gate, and lets people act in between."""

    def __init__(
        self,
        start: Start,
        event: EventPlan | None = None,
        *,
        plan: dict[str, Any] | None = None,
        **inputs: str,
    ) -> None:
        given = {"mode": "gate", "stack-name": "acme/shop/prod", "commit-status": "gate"}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        github = GitHubPlan(**{"collaborators": RIGHTS, **(plan or {})})
        scenario = Scenario(title="A gate", event=event or EventPlan(), inputs=given, github=github)
        self.job: Job = start(scenario)
        self.world = self.job.world
        self.inputs = given

    @property
    def history(self) -> History:
        return self.world.github_history

    @property
    def id(self) -> str:
        """What the report asks with; asks first, if nothing did yet."""
        if not request_id(self.world):
            self.run()
        return request_id(self.world)

    def run(self, **arguments: Any) -> RunResult:
        return self.job.run(**arguments)

    def rerun(self, event: Mapping[str, Any], **arguments: Any) -> RunResult:
        return self.job.run(event=event, **arguments)

    def payload(self) -> dict[str, Any]:
        return build_payload(self.world)

    def say(self, by: str, text: str) -> Comment:
        """`{id}` stands for the request's id."""
        return self.world.github.add(self.world.github.user(by), text.replace("{id}", self.id))

    def approve(self, by: str = "tomas-b", more: str = "") -> Comment:
        return self.say(by, f"/upshot approve {{id}}{more}")

    @property
    def status(self) -> tuple[str, str]:
        """State and words of the newest commit status."""
        newest = self.world.github.statuses[-1]
        assert newest.context == "gate"
        return newest.state, newest.description


def state_of(result: RunResult) -> tuple[str, str, int]:
    outputs = result.outputs
    return outputs["approval-state"], outputs["approved"], result.exit_code


def audit_of(result: RunResult) -> dict[str, Any]:
    path = result.machine.temp / result.outputs["audit-file"]
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


OPEN: Final = ("approved", "true", 0)
WAITING: Final = ("waiting", "false", 1)
REJECTED: Final = ("rejected", "false", 1)
STALE: Final = ("stale", "false", 1)
ERROR: Final = ("error", "false", 1)
