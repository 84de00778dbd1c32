"""The same over real sockets: the sandbox's server breaks, loses and lasts; we do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from upshot.backends.neo.backend import NeoBackend
from upshot.backends.neo.progress import LogLine
from upshot.backends.neo.session import NeoSettings
from upshot.http.client import ServiceClient
from upshot.model import Outcome, Question, Run, TaskState, TaskStatus, UpdateKind
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock
from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import Scenario
from upshot_sandbox.server import Sandbox


class NoPause(SystemClock):
    """Real time, without the pauses between tries."""

    def sleep(self, seconds: float) -> None:
        del seconds


class Nothing:
    def cut(self, budget_bytes: int) -> str:
        return ""[:budget_bytes]


class Lines:
    """Keeps the log lines."""

    def __init__(self) -> None:
        self.kept: list[LogLine] = []

    def on_task(self, task_id: str, task_url: str) -> None: ...
    def on_event(self, line: LogLine) -> None:
        self.kept.append(line)

    def on_state(self, state: TaskState) -> None: ...


@contextmanager
def playing(
    neo: dict[str, Any], *faults: Fault, max_wait_s: float = 30.0
) -> Iterator[tuple[Sandbox, NeoBackend, Lines]]:
    scenario = Scenario(title="Neo", neo={"keep_alive_s": 0.2, **neo}, faults=faults)
    clock, lines = NoPause(), Lines()
    with Sandbox(scenario) as sandbox:
        cloud = ServiceClient(
            sandbox.cloud_url,
            Secret(sandbox.world.cloud.workflow_token),
            service=pulumi_cloud(),
            clock=clock,
            deadline=Deadline.after(clock, 60),
        )
        with cloud:
            backend = NeoBackend(
                cloud,
                NeoSettings(max_wait_s=max_wait_s),
                Run("acme/shop", "", "1"),
                jitter=lambda: 0.0,
                nonce="n0nce",
                observer=lines,
            )
            yield sandbox, backend, lines
        assert sandbox.world.journal.violations == []


QUESTION = Question(
    prompt="Why?",
    organization="acme",
    subject=None,
    outcome=Outcome.FAILED,
    kind=UpdateKind.UPDATE,
    evidence=Nothing(),
)
SCRIPT = [
    {"do": "say", "text": "ä€🎉", "count": 6},
    {"do": "tool", "tool": "pulumi__pulumi_preview"},
    {"do": "final", "text": "Because."},
]


@pytest.mark.parametrize("drop_after", [1, 2, 5])
def test_a_stream_that_breaks_at_its_events(drop_after: int) -> None:
    with playing({"steps": SCRIPT, "drop_after": drop_after}) as (sandbox, backend, lines):
        state = backend.ask(QUESTION, on_sent=lambda: None)
    assert isinstance(state, TaskState)
    assert (state.status, state.text) == (TaskStatus.FINISHED, "Because.")
    assert [line.theirs for line in lines.kept].count("ä€🎉") == 6
    streams = [r for r in sandbox.world.journal.requests if r.path.endswith("/stream")]
    assert len(streams) == -(-12 // drop_after)


def test_a_create_whose_answer_is_lost() -> None:
    lost = Fault(route="POST /api/preview/agents/*/tasks", kind=FaultKind.LOSE_REPLY)
    with playing({"steps": SCRIPT}, lost) as (sandbox, backend, _):
        state = backend.ask(QUESTION, on_sent=lambda: None)
    assert isinstance(state, TaskState)
    assert state.status is TaskStatus.FINISHED
    assert len(sandbox.world.extensions["neo"].tasks) == 1


def test_we_leave_a_stream_that_lasts_for_ever() -> None:
    with playing({"steps": [{"do": "wait"}]}, max_wait_s=0.5) as (_, backend, _lines):
        state = backend.ask(QUESTION, on_sent=lambda: None)
    assert isinstance(state, TaskState)
    assert state.status is TaskStatus.TIMED_OUT
