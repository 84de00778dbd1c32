"""The collaborators that every step is given: nothing of the process is reached any other way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog
from upshot.runner.warnings import Warnings
from upshot.timing import Clock, Deadline
from upshot.workspace import Workspace


class Job(Struct):
    """Built once, in `__main__`."""

    env: Mapping[str, str]
    workspace: Workspace
    clock: Clock
    deadline: Deadline
    """For evidence and asking: `timeout`, less what publishing needs."""
    publish_deadline: Deadline
    """For publishing: the whole of `timeout`."""
    console: str
    """Origin of Pulumi Cloud's console, empty when unknown."""
    log: RunnerLog
    redactor: Redactor
    warnings: Warnings
    started_at: float
    """Seconds since the Unix epoch."""
    token: Callable[[], str]
    """32 or more random letters and digits, never the same."""
    jitter: Callable[[], float]
    """A random number from 0.0 to 1.0."""
    http: Any = None
    """An `httpx.BaseTransport` in tests; None for the network."""
