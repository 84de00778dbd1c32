"""The issue as the place of a report: opened once, edited, closed and opened again.

The text and whether the issue is open go in one request, so that no job closes what another one has
just found to be in trouble without taking its words away, too, which that job notices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.lenient import as_int, as_text, look
from upshot.model import Section, VerdictStatus
from upshot.publish.comment.marker import Marker, find_marker
from upshot.publish.comment.thread import OwnComment, Thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt
from upshot.publish.issue.find import IssueFinder, OwnIssue
from upshot.publish.issue.lock import Lock

_WAIT_S: Final = 3.0
"""Between two looks for the issue that another job opens; half of it to one and a half."""
_SPREAD_S: Final = 8.0
"""Where there is no lock: jobs wait a random time up to this before they open one."""
_MOST_TURNS: Final = 40
_MOST_LOOKS: Final = 5
_WRONG: Final = frozenset({VerdictStatus.FAILED, VerdictStatus.CANCELLED})


class Opening(Struct, frozen=True):
    """What an issue is opened with."""

    title: str
    labels: tuple[str, ...] = ()
    is_reopened: bool = True
    """The newest closed one is opened again, if there is one."""
    stays_open: bool = False
    """Also when all is well."""


class IssuePlace:
    """The issue of one `comment-key`. Every method raises GitHubError."""

    def __init__(
        self, github: GitHub, finder: IssueFinder, marker: Marker, opening: Opening
    ) -> None:
        self._github = github
        self._finder = finder
        self._marker = marker
        self._opening = opening
        self._number: int | None = None
        self._was_open: dict[int, bool] = {}
        self.url = ""
        self.actions: list[str] = []
        """What this job has done: `opened`, `reopened`, `updated`, `closed`."""

    @property
    def is_open(self) -> bool:
        """As it was read or written last."""
        return self._was_open.get(self._number or 0, False)

    @property
    def number(self) -> int | None:
        return self._number

    def read(self) -> Thread:
        """The issue that is known already; else every open issue that Upshot opened."""
        known = self._finder.get(self._number) if self._number else None
        found = (known,) if known else self._finder.find_open()
        return self._as_thread(found)

    def create(self, thread: Thread, body: str) -> bool:  # noqa: ARG002 - it is read again
        """Opens the issue, or opens a closed one again. False where another job did."""
        return self.open(body, lambda: bool(self.read().comments))

    def write(self, target: OwnComment, body: str, sections: Sequence[Section]) -> None:
        self.put(target.id, body, is_open=self._wants_open(sections), is_once=True)

    def is_settled(self, target: OwnComment, sections: Sequence[Section]) -> bool:
        return self._was_open.get(target.id) is self._wants_open(sections)

    def remove(self, duplicates: Sequence[OwnComment]) -> str:
        """Closes what should not be there: an issue cannot be deleted with a job's token."""
        try:
            for one in duplicates:
                body = {"state": "closed", "state_reason": "not_planned"}
                path, doing = f"issues/{one.id}", "close a second issue"
                self._github.patch(path, body, doing=doing, scope="issues")
        except GitHubError as error:
            return error.message
        return ""

    def open(self, body: str, is_there: Callable[[], bool]) -> bool:
        """Opens the issue unless `is_there` comes true before. False where it did."""
        lock = Lock(self._github, self._marker.key)
        for _ in range(_MOST_TURNS):
            if self._github.deadline.passed:
                break
            is_held = lock.take()
            if is_held is None:
                return self._open_without_lock(body, is_there)
            if is_held:
                try:
                    if is_there():
                        return False
                    self._open_or_reopen(body)
                    self._wait_until_listed()
                finally:
                    lock.release()
                return True
            self._pause(_WAIT_S * (0.5 + self._github.jitter()))
            if is_there():
                return False
        raise GitHubError("Other jobs kept opening the issue")

    def put(self, number: int, body: str, *, is_open: bool, is_once: bool = False) -> None:
        """Writes text and state in one request."""
        state: dict[str, Any] = {"state": "open" if is_open else "closed"}
        if not is_open:
            state["state_reason"] = "completed"
        send = self._github.patch_once if is_once else self._github.patch
        send(f"issues/{number}", {"body": body, **state}, doing="update the issue", scope="issues")
        was_open = self._was_open.get(number, True)
        self._number, self._was_open[number] = number, is_open
        if was_open != is_open:
            self.actions.append("reopened" if is_open else "closed")
        else:
            self.actions.append("updated")

    def _open_without_lock(self, body: str, is_there: Callable[[], bool]) -> bool:
        """Of two issues that are opened at once the older one stays."""
        self._pause(_SPREAD_S * self._github.jitter())
        if is_there():
            return False
        self._open_or_reopen(body)
        mine = self._number
        others = [one for one in self._finder.find_open() if one.number < (mine or 0)]
        if not others:
            return True
        self.remove([OwnComment(mine or 0, "", "", "", is_hidden=False, marker=self._marker)])
        self._as_thread(others[:1])
        self.actions.clear()
        return False

    def _open_or_reopen(self, body: str) -> None:
        closed = self._finder.find_closed() if self._opening.is_reopened else None
        if closed is not None:
            self._was_open[closed.number], self.url = False, closed.url
            self.put(closed.number, body, is_open=True)
            return
        fields: dict[str, Any] = {"title": self._opening.title, "body": body}
        if self._opening.labels:
            fields["labels"] = list(self._opening.labels)
        try:
            made = self._github.post("issues", fields, doing="open the issue", scope="issues")
        except InDoubt:
            self._pause(_WAIT_S)
            if not self._find_made(body):
                raise
        else:
            self._number, self.url = as_int(look(made, "number")), as_text(look(made, "html_url"))
            if not self._number:
                raise InDoubt("GitHub's answer to the new issue cannot be read")
        self._was_open[self._number or 0] = True
        self.actions.append("opened")

    def _find_made(self, body: str) -> bool:
        """Whether GitHub executed the request that seemed to fail."""
        marker = find_marker(body)
        found = next((one for one in self._finder.find_open() if one.marker == marker), None)
        self._number, self.url = (found.number, found.url) if found else (None, "")
        return found is not None

    def _wait_until_listed(self) -> None:
        """The next job finds the issue in the list: GitHub may need a moment to show it there."""
        for looks in range(_MOST_LOOKS):
            if any(one.number == self._number for one in self._finder.find_open()):
                return
            self._pause(1.0 + looks)

    def _wants_open(self, sections: Sequence[Section]) -> bool:
        found = [is_well(section) for section in sections]
        if False in found or self._opening.stays_open:
            return True
        return None in found and self.is_open

    def _as_thread(self, found: Sequence[OwnIssue]) -> Thread:
        for issue in found:
            self._was_open[issue.number] = issue.is_open
        if found:
            self._number, self.url = found[0].number, found[0].url
        comments = tuple(issue.as_comment() for issue in found)
        return Thread(
            number=self._number or 0,
            comments=comments,
            head_sha="",
            has_pulumi_app=False,
            read_at_s=self._github.clock.monotonic(),
        )

    def _pause(self, seconds: float) -> None:
        self._github.clock.sleep(min(seconds, self._github.deadline.remaining_s()))


def is_well(section: Section) -> bool | None:
    """Whether a stack needs nobody; None where that is not known."""
    status = VerdictStatus.read(section.verdict)
    if status in _WRONG or section.cells.get("needs") == "person":
        return False
    return None if status is VerdictStatus.UNKNOWN else True
