"""Runs the action as GitHub's runner would and tells everything that came of it."""

from __future__ import annotations

import copy
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from upshot_sandbox import oracle
from upshot_sandbox.chats.service import Message, messages_of
from upshot_sandbox.github.state import Issue
from upshot_sandbox.host import HERE, Host
from upshot_sandbox.journal import Recorded
from upshot_sandbox.machine import Machine, prepare, variables
from upshot_sandbox.server import Sandbox

_PATIENCE_S: Final = 120.0
_GLANCE_S: Final = 0.01


class SignalAt(Struct, frozen=True):
    """Send `number` once the sandbox has seen a request of this `METHOD /path`."""

    line: str
    number: int
    to_run: bool = False
    """To the run itself, past the process that guards it: `SIGSTOP` makes it hang as nothing else."""


class RunResult(Struct, frozen=True):
    """What one run left behind."""

    exit_code: int
    log: str
    """Standard output and error, in the order in which they were written."""
    outputs: dict[str, str]
    summary: str
    comments: tuple[str, ...]
    """Bodies of the comments that the action has on the thread, after the run."""
    issues: tuple[Issue, ...]
    """Those of the action, after the run."""
    messages: tuple[Message, ...]
    """What the chats and the webhook have got until now."""
    requests: tuple[Recorded, ...]
    """What the sandbox was sent during the run."""
    violations: tuple[str, ...]
    """Rules of the wire that those requests broke."""
    annotations: tuple[oracle.Annotation, ...]
    commands: tuple[oracle.Command, ...]
    tampered: tuple[str, ...]
    """Of GITHUB_ENV and GITHUB_PATH, those that were written to."""
    duration_s: float
    machine: Machine

    @property
    def lines(self) -> list[str]:
        """`METHOD /path` of each request."""
        return [request.line for request in self.requests]

    @property
    def errors(self) -> list[str]:
        return [note.message for note in self.annotations if note.level == "error"]

    @property
    def warnings(self) -> list[str]:
        return [note.message for note in self.annotations if note.level == "warning"]

    def to(self, service: str) -> list[Recorded]:
        """The requests to `cloud` or `github`."""
        return [request for request in self.requests if request.service == service]


def run_action(
    sandbox: Sandbox,
    folder: Path,
    *,
    inputs: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    event: Mapping[str, Any] | bytes | None = None,
    files: Mapping[str, bytes] | None = None,
    signal_at: SignalAt | None = None,
    host: Host = HERE,
    fresh: bool = True,
) -> RunResult:
    """Runs the sandbox's scenario once, in `folder`.

    `inputs`, `env`, `event` and `files` (of the workspace) go over the scenario's own; `host` is
    where the step's process runs. The sandbox keeps its state: a second run finds the first one's
    comment.

    Raises `FileCommandError` when the runner could not have read GITHUB_OUTPUT, and
    `subprocess.TimeoutExpired` after two minutes.
    """
    world = sandbox.world
    machine = prepare(world, folder, event=event, fresh=fresh)
    for name, content in (files or {}).items():
        path = machine.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    seen = len(world.journal.requests), len(world.journal.violations)
    log = folder / "log.txt"
    started = time.monotonic()
    with log.open("wb") as stream:
        environment = variables(world, host.seen(machine), inputs or {}, env or {})
        process = host.start(machine, environment, stream)
        exit_code = _wait(process, sandbox, seen[0], signal_at)
    printed = log.read_bytes()
    return RunResult(
        exit_code=exit_code,
        log=printed.decode("utf-8", "replace"),
        outputs=dict(
            oracle.parse_file_commands(machine.command_file("GITHUB_OUTPUT").read_bytes())
        ),
        summary=machine.command_file("GITHUB_STEP_SUMMARY").read_text(encoding="utf-8"),
        comments=tuple(comment.body for comment in world.github.by_bot()),
        messages=tuple(messages_of(world)),
        issues=tuple(copy.deepcopy(world.github.issues_by_bot())),
        requests=tuple(world.journal.requests[seen[0] :]),
        violations=tuple(world.journal.violations[seen[1] :]),
        annotations=tuple(oracle.annotations_in(printed)),
        commands=tuple(oracle.commands_in(printed)),
        tampered=tuple(
            name
            for name in ("GITHUB_ENV", "GITHUB_PATH")
            if machine.command_file(name).read_bytes()
        ),
        duration_s=time.monotonic() - started,
        machine=machine,
    )


def _run_of(guardian: int) -> int:
    return int(Path(f"/proc/{guardian}/task/{guardian}/children").read_text("utf-8").split()[0])


def _wait(
    process: subprocess.Popen[bytes], sandbox: Sandbox, seen: int, signal_at: SignalAt | None
) -> int:
    end = time.monotonic() + _PATIENCE_S
    try:
        while signal_at is not None and process.poll() is None and time.monotonic() < end:
            if any(r.line == signal_at.line for r in sandbox.world.journal.requests[seen:]):
                os.kill(_run_of(process.pid) if signal_at.to_run else process.pid, signal_at.number)
                signal_at = None
            else:
                time.sleep(_GLANCE_S)
        return process.wait(max(end - time.monotonic(), 0.0))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
