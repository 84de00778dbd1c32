"""No AI: no token, no network; the offline diagnosis is the report's explanation."""

from __future__ import annotations

from collections.abc import Callable

from upshot.model import BackendName, NoAnswer, Question, Reply


class LocalBackend:
    """Answers nothing, at once, and says so honestly."""

    def __init__(self, reply: NoAnswer | None = None) -> None:
        """`reply` tells why nobody could be asked (`choose_backend`), if an AI was wanted."""
        self._reply = reply or NoAnswer(BackendName.LOCAL)

    def ask(self, question: Question, *, on_sent: Callable[[], None]) -> Reply:  # noqa: ARG002 - the interface
        on_sent()
        return self._reply
