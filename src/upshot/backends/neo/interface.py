"""What a Neo task is given and whom it tells how it goes: settings and the observer's protocol."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from upshot.backends.neo.progress import LogLine
from upshot.inputs.choices import ApiDialect, ApprovalMode, OnTimeout, PermissionMode
from upshot.model import TaskState


class NeoSettings(Struct, frozen=True, kw_only=True):
    """The inputs that concern a task."""

    console: str = ""
    """Origin of the console, empty when unknown: then there is no link."""
    dialect: ApiDialect = ApiDialect.AUTO
    approval_mode: ApprovalMode = ApprovalMode.MANUAL
    permission_mode: PermissionMode = PermissionMode.READ_ONLY
    plan_mode: bool = False
    max_wait_s: float = 600.0
    on_timeout: OnTimeout = OnTimeout.REPORT
    cancel_on_interrupt: bool = True
    """`cancel-task-on-cancel`."""


class TaskObserver(Protocol):
    """Who shows how it goes; called in the asking thread, so it should be quick."""

    def on_task(self, task_id: str, task_url: str) -> None:
        """Once, as soon as the task is known: keep the id for the case of a cancelled run."""
        ...

    def on_event(self, line: LogLine) -> None:
        """A line for the job log."""
        ...

    def on_state(self, state: TaskState) -> None:
        """The running task looks different: at most once in 10 s, never without a change."""
        ...


class NobodyWatches:
    """The observer that shows nothing."""

    def on_task(self, task_id: str, task_url: str) -> None: ...
    def on_event(self, line: LogLine) -> None: ...
    def on_state(self, state: TaskState) -> None: ...
