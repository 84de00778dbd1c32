"""What was tried to read for one decision, and what of it could not be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from upshot.errors import GitHubError

T = TypeVar("T")


class Attempts:
    """Nothing is tried twice; what fails is named, and makes the decision an error (threat T57)."""

    def __init__(self) -> None:
        self.unread: list[str] = []
        """In words for people."""
        self.faults: list[GitHubError] = []
        self._tried: set[object] = set()

    @property
    def count(self) -> int:
        """How many different things about votes were asked."""
        return len(self._tried)

    def is_new(self, key: object) -> bool:
        """Whether this was not tried yet; it counts as tried from now on."""
        is_first = key not in self._tried
        self._tried.add(key)
        return is_first

    def read(self, what: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; None where it raises GitHubError: `what` is then unread."""
        try:
            return read()
        except GitHubError as error:
            self.note(what, error)
            return None

    def note(self, what: str, error: GitHubError) -> None:
        """`what` could not be read."""
        self.unread.append(what)
        self.faults.append(error)
