"""Neo behind a function, time that passes only when somebody waits, and what an observer saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from upshot.backends.interface import TaskObserver
from upshot.backends.neo.backend import NeoBackend
from upshot.backends.neo.progress import LogLine
from upshot.backends.neo.session import NeoSettings
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import (
    Outcome,
    Purpose,
    Question,
    Reply,
    Run,
    StackRef,
    Subject,
    TaskState,
    UpdateKind,
)
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import WIRES, Dialect
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.faults import Fault
from upshot_sandbox.neo.plan import NeoPlan, NeoStep
from upshot_sandbox.neo.virtual import VirtualClock, VirtualNeo


class Evidence:
    def cut(self, budget_bytes: int) -> str:
        return "error: boom"[:budget_bytes]


class Watcher:
    """The observer that keeps everything."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, str]] = []
        self.lines: list[LogLine] = []
        self.states: list[TaskState] = []

    def on_task(self, task_id: str, task_url: str) -> None:
        self.tasks.append((task_id, task_url))

    def on_event(self, line: LogLine) -> None:
        self.lines.append(line)

    def on_state(self, state: TaskState) -> None:
        self.states.append(state)


class Stage:
    """One server, and everything that is needed to ask it."""

    def __init__(
        self, plan: NeoPlan, wire: str, faults: Sequence[Fault], round_trip_s: float
    ) -> None:
        self.clock = VirtualClock()
        self.server = VirtualNeo(
            plan, self.clock, wire=wire, faults=faults, round_trip_s=round_trip_s
        )
        self.watcher = Watcher()
        self.sent = 0
        self.cloud = ServiceClient(
            "https://api.pulumi.com",
            Secret("pul-0123456789abcdef"),
            service=pulumi_cloud(),
            clock=self.clock,
            deadline=Deadline.after(self.clock, 86_400),
            http=self.server,
        )

    def client(self, dialect: Dialect = Dialect.CURRENT) -> TaskClient:
        return TaskClient(self.cloud, "acme", WIRES[dialect])

    def question(self, **changes: Any) -> Question:
        base = Question(
            prompt="",
            organization="acme",
            subject=Subject(StackRef("acme", "shop", "prod"), version=41),
            outcome=Outcome.FAILED,
            kind=UpdateKind.UPDATE,
            evidence=Evidence(),
            purpose=Purpose.TASK,
        )
        return replace(base, **changes)

    def backend(
        self, observer: TaskObserver | None = None, *, sha: str = "abc", **settings: Any
    ) -> NeoBackend:
        return NeoBackend(
            self.cloud,
            NeoSettings(console="https://app.pulumi.com", **settings),
            Run("acme/shop", "https://github.com", "123", "1", sha=sha),
            jitter=lambda: 0.5,
            observer=observer or self.watcher,
            nonce="n0nce",
        )

    def explain(self, question: Question | None = None, **settings: Any) -> Reply:
        asked = replace(question or self.question(), purpose=Purpose.EXPLAIN)
        return self.backend(**settings).ask(asked, on_sent=self._on_sent)

    def run_task(self, question: Question | None = None, **settings: Any) -> TaskState:
        """Fails the test when there is no task."""
        reply = self.backend(**settings).ask(question or self.question(), on_sent=self._on_sent)
        assert isinstance(reply, TaskState), reply
        return reply

    def created(self) -> int:
        """How many tasks exist at the server."""
        return len(self.server.neo.tasks)

    def posts(self) -> list[str]:
        return [line for line in self.server.lines if line.startswith("POST")]

    def _on_sent(self) -> None:
        self.sent += 1


SetStage = Callable[..., Stage]


@pytest.fixture
def stage() -> SetStage:
    """Sets a stage: steps of the script first, then fields of the plan."""

    def make(
        *steps: NeoStep,
        wire: str = "today",
        faults: Sequence[Fault] = (),
        round_trip_s: float = 0.0,
        **plan: Any,
    ) -> Stage:
        whole = NeoPlan(steps=steps, **plan) if steps else NeoPlan(**plan)
        return Stage(whole, wire, faults, round_trip_s)

    return make


@pytest.fixture
def job(tmp_path: Path) -> Job:
    from tests.stage import Stage as JobStage

    return JobStage(tmp_path).job()
