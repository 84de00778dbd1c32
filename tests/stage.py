"""A job without a process: streams in memory, a clock that stands still, HTTP as a function."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from upshot.event import Event, read_event
from upshot.inputs import Inputs, parse_inputs
from upshot.job import Job
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog
from upshot.runner.warnings import Warnings
from upshot.timing import Deadline
from upshot.workspace import Workspace

Answer = Callable[[httpx.Request], httpx.Response]


class StillClock:
    """Time passes only during `sleep`."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def monotonic(self) -> float:
        return self.passed_s

    def now(self) -> float:
        return 1_763_720_000.0 + self.passed_s

    def sleep(self, seconds: float) -> None:
        self.passed_s += seconds


class Stage:
    """Makes inputs, events and jobs for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = io.StringIO()
        self.workspace = Workspace(root=str(folder), temp=str(folder / "temp"))

    def inputs(self, **given: str) -> Inputs:
        env = {f"INPUT_{name.upper().replace('_', '-')}": value for name, value in given.items()}
        return parse_inputs(env, self.workspace)

    def event(self, **over: str) -> Event:
        env = {
            "GITHUB_EVENT_NAME": "schedule",
            "GITHUB_REPOSITORY": "acme/web",
            "GITHUB_RUN_ID": "77",
            "GITHUB_SHA": "a" * 40,
        }
        return read_event(env | over, {})

    def job(
        self,
        answer: Answer | None = None,
        *,
        env: Mapping[str, str] | None = None,
        event: Event | None = None,
        **given: str,
    ) -> Job:
        """`answer` stands for every service, `given` are inputs."""
        clock = StillClock()
        redactor = Redactor(())
        log = RunnerLog(self.out, redact=redactor.redact, token=lambda: "0" * 32)
        deadline = Deadline.after(clock, 600)
        return Job(
            inputs=self.inputs(**given),
            event=event or self.event(),
            env=env or {},
            workspace=self.workspace,
            clock=clock,
            deadline=deadline,
            publish_deadline=deadline,
            log=log,
            redactor=redactor,
            warnings=Warnings(log),
            started_at=clock.now(),
            token=lambda: "0" * 32,
            jitter=lambda: 0.5,
            http=httpx.MockTransport(answer) if answer else None,
        )

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name
