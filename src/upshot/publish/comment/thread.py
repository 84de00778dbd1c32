"""Reads a pull request's conversation and finds our comments in it, however long it is.

One GraphQL request reads three windows: the first 100 comments, the last 100 and the 100 that were
edited last; a comment that each run touches is in one of them. Only when it is in none and there
are more, the rest is paged. Where GraphQL is not served, REST pages from the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.event.payload import find_sha
from upshot.lenient import as_dict, as_int, as_text, look
from upshot.model import Section, Stamp
from upshot.model.stamp import UNKNOWN_STACK, clean_id
from upshot.publish.comment.marker import (
    Kind,
    Marker,
    find_marker,
    next_history,
    seal,
    split_body,
)
from upshot.publish.comment.sections import parse_sections, without_text
from upshot.publish.github.client import PAGE, GitHub
from upshot.publish.github.identity import Identity

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
"""Seconds after which a conversation is read again before our comment in it is overwritten (an AI
may take long to answer): GitHub has no conditional edit, and a newer run may have written since."""
_MOST_PAGES: Final = 500
_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9._/-]{1,400}#issuecomment-(\d{1,18})"
)
_PULUMI_APP = frozenset({"pulumi", "pulumi[bot]"})


class IssueComment(Struct, frozen=True):
    """Any comment of the conversation, as GitHub describes it."""

    id: int
    """Of REST; 0 when it could not be read."""
    url: str
    node_id: str = ""
    """The id of GraphQL."""
    body: str = ""
    is_hidden: bool = False
    """Minimized. REST does not say: False."""
    login: str = ""
    is_bot: bool = False
    is_ours: bool | None = None
    """None when GitHub did not say (REST)."""
    app: str = ""
    """Slug of the app that wrote it; empty where none did, and when GitHub did not say (GraphQL)."""
    author_id: int | None = None
    """None when GitHub did not say (GraphQL)."""
    created_at: str = ""
    """RFC 3339; empty when GitHub did not say (GraphQL)."""

    @property
    def is_by_pulumi_app(self) -> bool:
        """Written by Pulumi's own GitHub App."""
        return self.is_bot and self.login in _PULUMI_APP


def from_graphql(node: Any) -> IssueComment | None:
    """An `IssueComment` of GraphQL; None for the null of one that could not be read.

    Its id is taken from its address: `databaseId` is a 32-bit integer in GitHub's schema, and the
    ids of today's comments no longer fit into one.
    """
    if not isinstance(node, dict):
        return None
    author = as_dict(node.get("author"))
    url, number = _address(node.get("url"))
    ours = node.get("viewerDidAuthor")
    return IssueComment(
        id=max(number or as_int(node.get("databaseId")) or 0, 0),
        url=url,
        node_id=as_text(node.get("id")),
        body=as_text(node.get("body")),
        is_hidden=node.get("isMinimized") is True,
        login=as_text(author.get("login")),
        is_bot=author.get("__typename") == "Bot",
        is_ours=ours if isinstance(ours, bool) else None,
    )


def from_rest(item: Any) -> IssueComment | None:
    """An issue comment of the REST API; None when it is no object."""
    if not isinstance(item, dict):
        return None
    user = as_dict(item.get("user"))
    return IssueComment(
        id=max(as_int(item.get("id")) or 0, 0),
        url=_address(item.get("html_url"))[0],
        node_id=as_text(item.get("node_id")),
        body=as_text(item.get("body")),
        login=as_text(user.get("login")),
        is_bot=user.get("type") == "Bot",
        app=as_text(look(item, "performed_via_github_app", "slug")),
        author_id=as_int(user.get("id")),
        created_at=as_text(item.get("created_at")),
    )


def _address(value: object) -> tuple[str, int]:
    """A comment's address and the id in it; empty and 0 for any other text.

    It becomes an output and a link, so what a reply calls an address must look like one.
    """
    found = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    return (found[0], int(found[1])) if found else ("", 0)


class OwnComment(Struct, frozen=True, dict=True):
    """A comment that we wrote."""

    id: int
    node_id: str
    url: str
    body: str
    is_hidden: bool
    marker: Marker

    @classmethod
    def of(cls, comment: IssueComment, marker: Marker) -> OwnComment:
        c = comment
        return cls(c.id, c.node_id, c.url, c.body, c.is_hidden, marker)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its parts, one for each stack, in the order of the text.

        Where another account has edited the text, only the rows are left: a section is carried on from
        run to run, and no one would look at it again (threat T20).
        """
        found = parse_sections(self.body)
        return found if self.is_untouched else tuple(map(without_text, found))

    def remembered(self, stack: str) -> Stamp:
        """What it keeps about one stack (`""`: not known); an empty Stamp if nothing."""
        wanted = clean_id(stack)
        for section in self.sections:
            if section.stack == (wanted or UNKNOWN_STACK):
                return section
        return self.marker if self.marker.stack in {"", wanted} else Stamp()

    @property
    def is_untouched(self) -> bool:
        """Whether its text is what we wrote, white space apart: no one has edited it."""
        return self.marker.seal == seal(split_body(self.body))

    def text_of(self, stamp: Stamp) -> str:
        """The text that a stamp of `remembered` is about."""
        return stamp.text if isinstance(stamp, Section) else split_body(self.body)

    def runs_before(self, now: Stamp) -> tuple[Stamp, ...]:
        """The earlier runs to show below the report `now`, newest first.

        Empty where the comment is about another stack, or about several and `now` about one.
        """
        return next_history(self.marker, now) if self.marker.stack == now.stack else ()


class Thread(Struct, frozen=True):
    """What a pull request's conversation held when it was read."""

    number: int
    comments: tuple[OwnComment, ...]
    """Ours with the key that was looked for, of every kind, lowest id first."""
    head_sha: str
    """The pull request's head at that time; empty when GitHub did not say."""
    has_pulumi_app: bool
    """Pulumi's own GitHub App comments here too."""
    read_at_s: float
    """By the clock's monotonic seconds."""
    answers: tuple[OwnComment, ...] = ()
    """Our answers to comments, if they were looked for, lowest id first."""

    def of_kind(self, kind: Kind) -> tuple[OwnComment, ...]:
        return tuple(comment for comment in self.comments if comment.marker.kind is kind)

    @property
    def latest(self) -> OwnComment | None:
        """Our newest report: its marker has the conversation and the history."""
        reports = [comment for comment in self.comments if comment.marker.kind is not Kind.NOTE]
        return max(reports, key=lambda comment: comment.id, default=None)


def read_thread(github: GitHub, number: int, *, key: str, answers: str = "") -> Thread:
    """Our comments with `key` (an id, see `clean_id`; empty: every key). Raises GitHubError.

    `answers`: what the keys of our answers begin with; empty where they are not wanted.
    """
    read_at_s = github.clock.monotonic()
    found = _read_windows(github, number)
    if found is None:
        comments, head_sha, missing = _read_by_rest(github, number), "", range(0)
    else:
        comments, head_sha, total = found
        last = -(-total // PAGE)
        # The windows cover the first and the last page.
        missing = range(2, last) if total > len(comments) else range(0)
    authorship = _Authorship(github)
    ours = _ours(comments.values(), authorship, key, is_prefix=not key)
    if missing and not any(comment.marker.kind is not Kind.NOTE for comment in ours):
        comments = _index(_fetch(github, number, missing)) | comments
        ours = _ours(comments.values(), authorship, key, is_prefix=not key)
    replies: list[OwnComment] = []
    if answers:
        replies = _ours(comments.values(), authorship, answers, is_prefix=True)
    return Thread(
        number=number,
        answers=tuple(sorted(replies, key=lambda comment: comment.id)),
        comments=tuple(sorted(ours, key=lambda comment: comment.id)),
        head_sha=head_sha,
        has_pulumi_app=any(comment.is_by_pulumi_app for comment in comments.values()),
        read_at_s=read_at_s,
    )


def thread_of(
    github: GitHub, number: int, items: Iterable[Any], *, key: str, head_sha: str
) -> Thread:
    """The same from comments that were read just now, as REST sent them. Raises GitHubError."""
    comments = _index(map(from_rest, items))
    ours = _ours(comments.values(), _Authorship(github), key)
    return Thread(
        number=number,
        comments=tuple(sorted(ours, key=lambda comment: comment.id)),
        head_sha=head_sha,
        has_pulumi_app=any(comment.is_by_pulumi_app for comment in comments.values()),
        read_at_s=github.clock.monotonic(),
    )


class _Authorship:
    """Decides whether we wrote a comment: as GitHub says, else by whose the token is."""

    def __init__(self, github: GitHub) -> None:
        self._identity = Identity(github)

    def is_ours(self, comment: IssueComment) -> bool:
        if comment.is_ours is not None:
            return comment.is_ours
        return self._identity.is_ours(comment.login, is_bot=comment.is_bot, app=comment.app)


def _read_windows(github: GitHub, number: int) -> tuple[dict[int, IssueComment], str, int] | None:
    """Comments by id, the head, the number of comments; None where GraphQL is not served."""
    owner, _, name = github.repository.partition("/")
    variables = {"owner": owner, "name": name, "number": number}
    try:
        data = github.graphql(_QUERY, variables, doing="read the comments")
    except GitHubError as error:
        if error.status in {0, 401}:
            raise
        return None
    pull = look(data, "repository", "pullRequest")
    comments: dict[int, IssueComment] = {}
    total = 0
    for alias in _WINDOWS:
        nodes, count = look(pull, alias, "nodes"), as_int(look(pull, alias, "totalCount"))
        if not isinstance(nodes, list) or count is None:
            return None
        total = max(total, count)
        comments |= _index(map(from_graphql, nodes))
    return comments, find_sha(pull, "headRefOid"), total


def _read_by_rest(github: GitHub, number: int) -> dict[int, IssueComment]:
    first, last = github.get_page(f"issues/{number}/comments", 1, doing="read the comments")
    rest = _fetch(github, number, range(2, last + 1))
    return _index([*map(from_rest, first), *rest])


def _fetch(github: GitHub, number: int, pages: range) -> list[IssueComment | None]:
    if len(pages) > _MOST_PAGES:
        raise GitHubError(f"The conversation has more than {_MOST_PAGES * PAGE:,} comments")
    path = f"issues/{number}/comments"
    lists = github.get_pages(path, pages, doing="read the comments")
    return [from_rest(item) for page in lists for item in page]


def _index(comments: Iterable[IssueComment | None]) -> dict[int, IssueComment]:
    return {comment.id: comment for comment in comments if comment and comment.id}


def find_own(github: GitHub, number: int, *, key: str, since: str) -> OwnComment | None:
    """Our comment with `key` among those that were touched since a time. Raises GitHubError.

    `since` is RFC 3339, as GitHub writes it. One request where fewer than 100 were.
    """
    path, doing = f"issues/{number}/comments", "look for our answer"
    found, last = github.get_page(path, 1, doing=doing, since=since)
    pages = github.get_pages(path, range(2, last + 1), doing=doing, since=since)
    comments = map(from_rest, (item for page in (found, *pages) for item in page))
    ours = _ours(filter(None, comments), _Authorship(github), key)
    return ours[0] if ours else None


def _ours(
    comments: Iterable[IssueComment], authorship: _Authorship, key: str, *, is_prefix: bool = False
) -> list[OwnComment]:
    """The marker is looked at first: asking who wrote a comment may cost a request."""
    return [
        OwnComment.of(comment, marker)
        for comment in comments
        if (marker := find_marker(comment.body))
        and (marker.key.startswith(key) if is_prefix else marker.key == key)
        and authorship.is_ours(comment)
    ]
