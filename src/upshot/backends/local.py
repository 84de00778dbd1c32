"""No AI: no token, no network; the offline diagnosis is the report's explanation."""

from __future__ import annotations

from collections.abc import Callable

from upshot.backends.interface import TaskObserver
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import BackendName, NoAnswer, Question, Reply


class LocalBackend:
    """Has no answer, at once."""

    def __init__(self, reply: NoAnswer | None = None) -> None:
        """`reply` says why no AI could be asked (`choose_backend`), if one was wanted."""
        self._reply = reply or NoAnswer(BackendName.LOCAL)

    def ask(self, question: Question, *, on_sent: Callable[[], None]) -> Reply:  # noqa: ARG002 - the interface
        return self._reply


def build(_job: Job, _cloud: ServiceClient | None, _progress: TaskObserver | None) -> LocalBackend:
    return LocalBackend()
