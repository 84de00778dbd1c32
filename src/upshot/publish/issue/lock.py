"""A lock that all jobs of a repository share, so that only one of them opens the issue.

GitHub creates no second label of one name: who creates it holds the lock, and deletes it afterwards.
Its description says since when it is held; a lock that a job left behind is broken after a while.
Wire: GitHub's REST description, `/repos/{owner}/{repo}/labels`. Needs `issues: write`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.lenient import as_text, look
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt

_STALE_AFTER_S: Final = 90.0
_COLOUR: Final = "ededed"
_ABOUT: Final = "Upshot opens an issue; this label goes away by itself. Since"


class Lock:
    """One lock, by the name of what it is for."""

    def __init__(self, github: GitHub, key: str) -> None:
        self._github = github
        self.label = f"upshot-opens-{sha256(key.encode()).hexdigest()[:12]}"

    def take(self) -> bool | None:
        """True: it is ours. False: another job has it. None: there is no such lock here.

        Raises GitHubError where the token may not write at all.
        """
        body = {
            "name": self.label,
            "color": _COLOUR,
            "description": f"{_ABOUT} {int(self._github.clock.now())}",
        }
        try:
            self._github.post("labels", body, doing="open an issue", scope="issues")
        except InDoubt:
            return False  # perhaps ours: it is broken after a while
        except GitHubError as error:
            if error.status == 422:  # noqa: PLR2004 - it exists already
                self._break_stale()
                return False
            if error.status == 404:  # noqa: PLR2004
                return None
            raise
        return True

    def release(self) -> None:
        """Whatever goes wrong: a lock that stays is broken by the next job."""
        try:
            self._github.delete(f"labels/{quote(self.label)}", doing="take the label away")
        except GitHubError:
            return

    def _break_stale(self) -> None:
        """A job that was killed never gives its lock back."""
        try:
            label = self._github.get(f"labels/{quote(self.label)}", doing="read the label")
        except GitHubError:
            return
        since = as_text(look(label, "description")).rpartition(" ")[2]
        held_s = self._github.clock.now() - int(since) if since.isdecimal() else _STALE_AFTER_S
        if held_s >= _STALE_AFTER_S:
            self.release()
