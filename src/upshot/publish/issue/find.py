"""Finds our issue: by our marker, among the issues that the owner of the token has opened.

Wire: GitHub's REST description, `GET /repos/{owner}/{repo}/issues` (it lists pull requests, too) and
`GET /repos/{owner}/{repo}/issues/{issue_number}`; GraphQL's `viewer`. Needs `issues: read`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.lenient import as_int, as_text, look
from upshot.publish.comment.marker import Kind, Marker, find_marker
from upshot.publish.comment.thread import OwnComment
from upshot.publish.github.client import GitHub
from upshot.publish.github.identity import Identity

_MOST_PAGES: Final = 20
"""Of open issues by one author, 100 a page."""
_MOST_CLOSED_PAGES: Final = 3


class OwnIssue(Struct, frozen=True):
    """An issue that we have opened."""

    number: int
    url: str
    body: str
    is_open: bool
    marker: Marker

    def as_comment(self) -> OwnComment:
        """For the code that keeps a shared comment: its number is the id."""
        return OwnComment(self.number, "", self.url, self.body, is_hidden=False, marker=self.marker)


class IssueFinder:
    """Looks for the issue of one `comment-key`. Every method raises GitHubError."""

    def __init__(self, github: GitHub, key: str) -> None:
        self._github = github
        self._key = key
        self._identity = Identity(github)

    def find_open(self) -> tuple[OwnIssue, ...]:
        """Ours that are open, the oldest first: the first one counts, the others are duplicates."""
        found = self._list("open", most_pages=_MOST_PAGES)
        return tuple(sorted(found, key=lambda issue: issue.number))

    def find_closed(self) -> OwnIssue | None:
        """The issue of this key that was closed last."""
        return next(self._list("closed", most_pages=_MOST_CLOSED_PAGES), None)

    def get(self, number: int) -> OwnIssue | None:
        """The issue as it is now; None when it is no longer ours, or gone."""
        try:
            item = self._github.get(f"issues/{number}", doing="read the issue")
        except GitHubError as error:
            if error.status in {404, 410}:
                return None
            raise
        return self._read(item)

    def _list(self, state: str, *, most_pages: int) -> Iterator[OwnIssue]:
        """Those touched last come first. Nobody else's is believed, whatever it says (T70)."""
        query = {"state": state, "sort": "updated", "direction": "desc"}
        query |= {"creator": login} if (login := self._identity.own_login()) else {}
        page, last, doing = 1, 1, "look for our issue"
        while page <= min(last, most_pages):
            items, last = self._github.get_page("issues", page, doing=doing, **query)
            for item in items:
                if issue := self._read(item):
                    yield issue
            page += 1

    def _read(self, item: Any) -> OwnIssue | None:
        number = as_int(look(item, "number"))
        if not number or look(item, "pull_request"):
            return None
        body = as_text(look(item, "body"))
        marker = find_marker(body)
        if marker is None or (marker.key, marker.kind) != (self._key, Kind.STICKY):
            return None
        user, app = look(item, "user"), look(item, "performed_via_github_app", "slug")
        is_bot = look(user, "type") == "Bot"
        login = as_text(look(user, "login"))
        if not self._identity.is_ours(login, is_bot=is_bot, app=as_text(app)):
            return None
        url, state = as_text(look(item, "html_url")), look(item, "state")
        return OwnIssue(number, url, body, is_open=state == "open", marker=marker)
