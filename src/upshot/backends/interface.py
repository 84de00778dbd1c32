"""What every backend promises, and how a failed request becomes "no answer".

A backend never raises a ServiceError: when an AI fails, the local diagnosis stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from upshot.errors import ServiceError
from upshot.model import NoAnswer, Question, Reply, TaskState

if TYPE_CHECKING:  # loaded with Neo
    from upshot.backends.neo.progress import LogLine


class Backend(Protocol):
    """A service that can be asked to explain an update.

    Each module of a backend has `build(job, cloud, progress) -> Backend`, which
    `registry.BACKENDS` names. `cloud` is Pulumi Cloud's client, None without a token; `progress`
    is shown how a long answer goes on.
    """

    def ask(self, question: Question, *, on_sent: Callable[[], None]) -> Reply:
        """The answer, or why there is none; never raises a ServiceError.

        `on_sent` is called when a request to the AI is on the wire: once, several times, or never
        if none ever is.
        """
        ...


class TaskObserver(Protocol):
    """Is called while a task works, in the thread that waits for it, so it must be quick."""

    def on_task(self, task_id: str, task_url: str) -> None:
        """Once, as soon as the task is known: keep the id, in case the run is cancelled."""
        ...

    def on_event(self, line: LogLine) -> None:
        """A line for the job log."""
        ...

    def on_state(self, state: TaskState) -> None:
        """The running task looks different: at most once in 10 s, never without a change."""
        ...


def build_no_answer(backend: str, error: ServiceError, *, calls: int) -> NoAnswer:
    """Says in one line why there is no answer, and who acts."""
    return NoAnswer(
        backend=backend,
        reason_code=error.reason,
        why=" ".join(error.message.split()),
        hint=error.hint,
        anchor=error.anchor,
        calls=calls,
    )
