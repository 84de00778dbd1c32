"""A Neo task while it works: a line an event in the job log, its state in the comment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from upshot.job import Job
from upshot.model import TaskState
from upshot.runner.files import save_state

if TYPE_CHECKING:  # loaded with Neo
    from upshot.backends.neo.progress import LogLine

_MOST_SHOWN: Final = 4_000
"""Characters of one event's text in the job log."""


class TaskProgress:
    """The observer of a backend (`backends.interface.TaskObserver`); used in a `with` block."""

    def __init__(
        self, job: Job, organization: str, show: Callable[[TaskState], None] | None
    ) -> None:
        """`show` puts the state where people see it while the task works; None for nowhere."""
        self._job = job
        self._organization = organization
        self._show = show
        self._group = ExitStack()  # the open group of the job log
        self._is_kept = False
        self.task_id, self.task_url = "", ""

    def on_task(self, task_id: str, task_url: str) -> None:
        """Keeps the task's id for the post stage, should this run be killed (threat T47)."""
        self.task_id, self.task_url = task_id, task_url
        self._job.log.info(f"Pulumi Neo works on task {task_id} {task_url}".rstrip())
        if self._job.inputs.ask.cancel_task_on_cancel:
            self._keep("task-id", task_id)
            self._keep("task-organization", self._organization)
            self._is_kept = True

    def on_event(self, line: LogLine) -> None:
        if line.opens_group:
            self._group.close()
            self._group.enter_context(self._job.log.group(line.ours))
        else:
            self._job.log.info(line.ours)
        if line.theirs:
            text = self._job.redactor.redact(line.theirs)
            self._job.log.untrusted(text[:_MOST_SHOWN])

    def on_state(self, state: TaskState) -> None:
        if self._show:
            self._show(state)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _stop: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        """A turn that came to its end outlives this run; one that broke off is cancelled by it."""
        if kind is None and self._is_kept:
            self._keep("task-id", "")
        self._group.close()

    def _keep(self, name: str, value: str) -> None:
        """The last value of a name counts. A state that cannot be written costs the second chance."""
        path = self._job.env.get("GITHUB_STATE", "")
        if path:
            with suppress(OSError):
                save_state(path, name, value, token=self._job.token)
