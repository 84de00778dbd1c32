"""Reads a pull request's conversation and finds our comments in it, however long it is.

One GraphQL request reads three windows: the first 100 comments, the last 100 and the 100 that were
edited last; a comment that each run touches is in one of them. Only when it is in none and there
are more, the rest is paged. Where GraphQL is not served, REST pages from the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.model import Section, Stamp
from upshot.model.stamp import UNKNOWN_STACK, clean_id
from upshot.publish.comment.issue_comment import Owner, Seen, from_graphql, from_rest
from upshot.publish.comment.marker import Kind, Marker, find_marker
from upshot.publish.comment.sections import parse_sections
from upshot.publish.github.client import PAGE, GitHub

_WINDOWS: Final = ("oldest", "newest", "edited")
_QUERY: Final = """\
query Upshot($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      oldest: comments(first: 100) { ...window }
      newest: comments(last: 100) { ...window }
      edited: comments(first: 100, orderBy: {field: UPDATED_AT, direction: DESC}) { ...window }
    }
  }
}
fragment window on IssueCommentConnection {
  totalCount
  nodes { id databaseId url body isMinimized viewerDidAuthor author { __typename login } }
}
"""
STALE_AFTER_S: Final = 5.0
"""A conversation that was read longer ago (while an AI answered) is read again before our comment
in it is overwritten: GitHub has no conditional edit, and a newer run may have written since."""
_MOST_PAGES: Final = 500


class Comment(Struct, frozen=True, dict=True):
    """A comment that we wrote."""

    id: int
    node_id: str
    url: str
    body: str
    is_hidden: bool
    marker: Marker

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its parts, one a stack, in the order in which they stand."""
        return parse_sections(self.body)

    def remembered(self, stack: str) -> Stamp:
        """What it keeps about one stack (empty: not known); blank when it is about others."""
        wanted = clean_id(stack)
        for section in self.sections:
            if section.stack == (wanted or UNKNOWN_STACK):
                return section
        return self.marker if self.marker.stack in {"", wanted} else Stamp()


class Thread(Struct, frozen=True):
    """What a pull request's conversation held when it was read."""

    number: int
    comments: tuple[Comment, ...]
    """Ours with the key that was looked for, of every kind, lowest id first."""
    head_sha: str
    """The pull request's head at that time; empty when GitHub did not say."""
    has_pulumi_app: bool
    """Pulumi's own GitHub App comments here too."""
    read_at_s: float
    """By the clock's monotonic seconds."""

    def of_kind(self, kind: Kind) -> tuple[Comment, ...]:
        return tuple(comment for comment in self.comments if comment.marker.kind is kind)

    @property
    def latest(self) -> Comment | None:
        """The newest report of ours: its marker has the conversation and the history."""
        reports = [comment for comment in self.comments if comment.marker.kind is not Kind.NOTE]
        return max(reports, key=lambda comment: comment.id, default=None)


def read_thread(github: GitHub, number: int, *, key: str) -> Thread:
    """Our comments with `key` (an id, see `clean_id`). Raises GitHubError."""
    read_at_s = github.clock.monotonic()
    found = _read_windows(github, number)
    if found is None:
        seen, head_sha, missing = _read_by_rest(github, number), "", range(0)
    else:
        seen, head_sha, total = found
        last = -(-total // PAGE)
        # The windows cover the first and the last page.
        missing = range(2, last) if total > len(seen) else range(0)
    owner = Owner(github)
    ours = _ours(seen.values(), owner, key)
    if missing and not any(comment.marker.kind is not Kind.NOTE for comment in ours):
        rest = _index(_fetch(github, number, missing))
        seen = {**rest, **seen}
        ours = _ours(seen.values(), owner, key)
    return Thread(
        number=number,
        comments=tuple(sorted(ours, key=lambda comment: comment.id)),
        head_sha=head_sha,
        has_pulumi_app=any(comment.is_of_pulumi_app for comment in seen.values()),
        read_at_s=read_at_s,
    )


def _read_windows(github: GitHub, number: int) -> tuple[dict[int, Seen], str, int] | None:
    """Comments by id, the head, the number of comments; None where GraphQL is not served."""
    owner, _, name = github.repository.partition("/")
    variables = {"owner": owner, "name": name, "number": number}
    try:
        data = github.graphql(_QUERY, variables, doing="read the comments")
    except GitHubError as error:
        if error.status in {0, 401}:
            raise
        return None
    repository = data.get("repository")
    pull = repository.get("pullRequest") if isinstance(repository, dict) else None
    if not isinstance(pull, dict):
        return None
    seen: dict[int, Seen] = {}
    total = 0
    for alias in _WINDOWS:
        window = pull.get(alias)
        if not isinstance(window, dict) or not isinstance(window.get("nodes"), list):
            return None
        count = window.get("totalCount")
        if not isinstance(count, int):
            return None
        total = max(total, count)
        seen |= _index(from_graphql(node) for node in window["nodes"])
    head = pull.get("headRefOid")
    return seen, head if isinstance(head, str) else "", total


def _read_by_rest(github: GitHub, number: int) -> dict[int, Seen]:
    first, last = github.get_page(f"issues/{number}/comments", 1, doing="read the comments")
    rest = _fetch(github, number, range(2, last + 1))
    return _index([*map(from_rest, first), *rest])


def _fetch(github: GitHub, number: int, pages: range) -> list[Seen | None]:
    if len(pages) > _MOST_PAGES:
        raise GitHubError(f"The conversation has more than {_MOST_PAGES * PAGE:,} comments")
    path = f"issues/{number}/comments"
    lists = github.get_pages(path, pages, doing="read the comments")
    return [from_rest(item) for page in lists for item in page]


def _index(comments: Iterable[Seen | None]) -> dict[int, Seen]:
    return {comment.id: comment for comment in comments if comment and comment.id}


def _ours(comments: Iterable[Seen], owner: Owner, key: str) -> list[Comment]:
    """The marker is looked at first, because asking who wrote a comment may cost a request."""
    return [
        Comment(c.id, c.node_id, c.url, c.body, c.is_hidden, marker)
        for c in comments
        if (marker := find_marker(c.body)) and marker.key == key and owner.wrote(c)
    ]
