"""What a Neo task is given: its settings, and an observer that shows nothing."""

from __future__ import annotations

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


class NobodyWatches:
    """The observer that shows nothing."""

    def on_task(self, task_id: str, task_url: str) -> None: ...
    def on_event(self, line: LogLine) -> None: ...
    def on_state(self, state: TaskState) -> None: ...
