"""Where a report that several jobs share stands: a comment on a pull request, or an issue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from upshot.model import Section
from upshot.publish.comment.marker import Marker
from upshot.publish.comment.thread import OwnComment, Thread, read_thread
from upshot.publish.comment.write_comment import (
    clean_up,
    create_comment,
    delete_comment,
    find_rival,
    update_comment_once,
)
from upshot.publish.github.client import GitHub


class Place(Protocol):
    """What `matrix` needs of it. Every method raises GitHubError."""

    def read(self) -> Thread:
        """Ours, as they are now."""
        ...

    def create(self, thread: Thread, body: str) -> bool:
        """Writes the first one. False where another job's stands instead of it."""
        ...

    def write(self, target: OwnComment, body: str, sections: Sequence[Section]) -> None:
        """Replaces the text, sent a single time. Raises InDoubt when GitHub may have done it."""
        ...

    def is_settled(self, target: OwnComment, sections: Sequence[Section]) -> bool:
        """Whether all but the text is as these sections want it."""
        ...

    def remove(self, duplicates: Sequence[OwnComment]) -> str:
        """Takes duplicates away; an error message, or ""."""
        ...


class CommentPlace:
    """A pull request's conversation."""

    def __init__(self, github: GitHub, marker: Marker, number: int) -> None:
        self._github = github
        self._marker = marker
        self._number = number

    def read(self) -> Thread:
        return read_thread(self._github, self._number, key=self._marker.key)

    def create(self, thread: Thread, body: str) -> bool:
        made = create_comment(self._github, thread, body)
        if find_rival(self._github, thread, made, self._marker):
            delete_comment(self._github, made.id)
            return False
        return True

    def write(self, target: OwnComment, body: str, sections: Sequence[Section]) -> None:  # noqa: ARG002
        update_comment_once(self._github, target.id, body)

    def is_settled(self, target: OwnComment, sections: Sequence[Section]) -> bool:  # noqa: ARG002
        return True

    def remove(self, duplicates: Sequence[OwnComment]) -> str:
        return clean_up(self._github, delete=tuple(duplicates))
