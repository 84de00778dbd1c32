"""Mode `command` in this process, against the sandbox, with a clock that does not wait."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from upshot.__main__ import Action
from upshot.timing import SystemClock
from upshot_sandbox import oracle
from upshot_sandbox.events import build_payload
from upshot_sandbox.github.state import BOT
from upshot_sandbox.journal import Recorded
from upshot_sandbox.machine import prepare, variables
from upshot_sandbox.scenario import EventPlan, Scenario, load_scenario
from upshot_sandbox.server import Sandbox

WRITER, READER, ADMIN = "tomas-b", "ines-k", "ada-admin"
PEOPLE = {WRITER: "write", READER: "read", ADMIN: "admin"}


class Hurry(SystemClock):
    """Time passes, and pauses are skipped."""

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.01))


class Ended(Struct, frozen=True):
    """What one run left behind."""

    exit_code: int
    log: str
    outputs: dict[str, str]
    requests: tuple[Recorded, ...]
    answers: tuple[str, ...]
    """Comments that this run has added."""
    reactions: tuple[str, ...]
    violations: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        return [request.line for request in self.requests]

    @property
    def asked_ai(self) -> int:
        return sum(line.startswith("POST /api/") for line in self.lines)

    @property
    def answer(self) -> str:
        assert len(self.answers) == 1
        return self.answers[0].partition("-->")[2].strip()


class ChatWorld:
    """A pull request whose comments the action answers."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self._folder = folder
        self._runs = 0

    def report(self, **inputs: str) -> Ended:
        """An earlier run on the pull request itself, as the scenario has it."""
        return self._run(EventPlan(), inputs)

    def payload(self, text: str, actor: str = WRITER, **event: Any) -> Mapping[str, Any]:
        plan = EventPlan(**{"name": "issue_comment", "action": "created", **event}, comment=text)
        self.world.scenario = replace(self.world.scenario, event=replace(plan, actor=actor))
        return build_payload(self.world)

    def say(
        self,
        text: str,
        actor: str = WRITER,
        *,
        inputs: Mapping[str, str] | None = None,
        **event: Any,
    ) -> Ended:
        """A person comments, and the action runs."""
        plan = EventPlan(**{"name": "issue_comment", "action": "created", **event}, comment=text)
        given = {"mode": "command", "prompt": "", **(inputs or {})}
        return self._run(replace(plan, actor=actor), given)

    def deliver(self, payload: Mapping[str, Any], **inputs: str) -> Ended:
        """The payload as it is, of the event that `payload` was made for."""
        given = {"mode": "command", "prompt": "", **inputs}
        return self._run(self.world.scenario.event, given, payload)

    def _run(
        self, event: EventPlan, inputs: Mapping[str, str], payload: Mapping[str, Any] | None = None
    ) -> Ended:
        self._runs += 1
        world, state = self.world, self.world.github
        world.scenario = replace(world.scenario, event=event)
        machine = prepare(world, self._folder / str(self._runs), event=payload)
        seen = len(world.journal.requests), len(world.journal.violations), len(state.reactions)
        known = {comment.id for comment in state.comments}
        stream = io.StringIO()
        code = Action(variables(world, machine, inputs, {}), stream, Hurry()).run()
        output = machine.command_file("GITHUB_OUTPUT").read_bytes()
        return Ended(
            exit_code=code,
            log=stream.getvalue(),
            outputs=dict(oracle.parse_file_commands(output)),
            requests=tuple(world.journal.requests[seen[0] :]),
            answers=tuple(
                one.body
                for one in state.comments
                if one.id not in known and one.author.login == BOT
            ),
            reactions=tuple(content for _, content in state.reactions[seen[2] :]),
            violations=tuple(world.journal.violations[seen[1] :]),
        )


Start = Callable[..., ChatWorld]


def begin(stack: ExitStack, folder: Path, name: str | Scenario = "ask", **github: Any) -> ChatWorld:
    """The scenario (of that name), with fields of its `GitHubPlan`; its sandbox ends with the stack."""
    found = load_scenario(name) if isinstance(name, str) else name
    plan = replace(found.github, **{"collaborators": PEOPLE, **github})
    return ChatWorld(stack.enter_context(Sandbox(replace(found, github=plan))), folder)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(scenario or its name, **fields of GitHubPlan)`."""
    with ExitStack() as stack:
        numbers = count(1)
        yield lambda name="ask", **github: begin(
            stack, tmp_path / str(next(numbers)), name, **github
        )
