"""A pull request's conversation on a fake GitHub: the GraphQL windows, REST pages, writes.

Made to be fast, so that clients are measured: the other comments are encoded once.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from bench.action import NUMBER, REPOSITORY, head_sha
from bench.loopback import Reply, Request
from msgspec import Struct

_FIRST_ID: Final = 3_000_000_000
_WINDOW: Final = 100
_OTHERS: Final = "Thanks, I have looked at it and it reads well now. " * 20
_EDITED_SINCE: Final = 20
"""So many comments of others were edited after ours."""
_encode = msgspec.json.encode


class Comment(Struct):
    id: int
    body: str
    is_ours: bool = False


class Conversation:
    """Holds the comments, oldest first; answers what clients ask about them."""

    def __init__(self) -> None:
        self.comments: list[Comment] = []
        self.url = ""
        self._known: dict[tuple[int, str, str], msgspec.Raw] = {}

    def begin(self, others: int, *, ours: str = "", first: bool = False) -> None:
        """So many comments by people, and one of ours before or after them when there is a text."""
        total = others - 1 if ours else others
        people = [Comment(0, f"{n}. {_OTHERS}") for n in range(total)]
        mine = [Comment(0, ours, is_ours=True)] if ours else []
        self.comments = [*mine, *people] if first else [*people, *mine]
        for number, comment in enumerate(self.comments):
            comment.id = _FIRST_ID + number
        self._known.clear()

    @property
    def ours(self) -> list[str]:
        return [comment.body for comment in self.comments if comment.is_ours]

    def answer(self, request: Request) -> Reply:
        target = urlsplit(request.target)
        path = target.path
        if path == "/graphql":
            return Reply(_encode(self._windows()))
        if path == f"/repos/{REPOSITORY}/issues/{NUMBER}/comments":
            if request.method == "POST":
                return self._create(request.body)
            return self._page(parse_qs(target.query))
        found = re.fullmatch(rf"/repos/{REPOSITORY}/issues/comments/(\d+)", path)
        if found and request.method == "PATCH":
            return self._edit(int(found[1]), request.body)
        return Reply(b'{"message": "Not Found"}', 404)

    def _windows(self) -> dict[str, Any]:
        last = self.comments[-_WINDOW:]
        # Ours was edited at the last run, before some of the others.
        people = [c for c in self.comments[::-1] if not c.is_ours]
        ours = [c for c in self.comments if c.is_ours]
        edited = [*people[:_EDITED_SINCE], *ours, *people[_EDITED_SINCE:]][:_WINDOW]
        pull = {
            "headRefOid": head_sha(),
            "oldest": self._window(self.comments[:_WINDOW]),
            "newest": self._window(last),
            "edited": self._window(edited),
        }
        return {"data": {"repository": {"pullRequest": pull}}}

    def _window(self, comments: list[Comment]) -> dict[str, Any]:
        nodes = [self._encoded(comment, "graphql", _node) for comment in comments]
        return {"totalCount": len(self.comments), "nodes": nodes}

    def _page(self, query: dict[str, list[str]]) -> Reply:
        size = int(query.get("per_page", ["30"])[0])
        page = int(query.get("page", ["1"])[0])
        last = max(1, -(-len(self.comments) // size))
        there = self.comments[(page - 1) * size : page * size]
        address = f"{self.url}/repos/{REPOSITORY}/issues/{NUMBER}/comments?per_page={size}&page="
        links = {"next": page + 1, "last": last} if page < last else {}
        header = ", ".join(f'<{address}{number}>; rel="{name}"' for name, number in links.items())
        body = _encode([self._encoded(comment, "rest", _item) for comment in there])
        return Reply(body, headers=(f"Link: {header}",) if links else ())

    def _encoded(self, comment: Comment, wire: str, shape: Any) -> msgspec.Raw:
        key = (comment.id, wire, comment.body[:200])
        if comment.is_ours or key not in self._known:
            self._known[key] = msgspec.Raw(_encode(shape(comment)))
        return self._known[key]

    def _create(self, body: bytes) -> Reply:
        made = Comment(
            _FIRST_ID + len(self.comments), msgspec.json.decode(body)["body"], is_ours=True
        )
        self.comments.append(made)
        return Reply(_encode(_item(made)), 201)

    def _edit(self, number: int, body: bytes) -> Reply:
        found = self.comments[number - _FIRST_ID]
        found.body = msgspec.json.decode(body)["body"]
        return Reply(_encode(_item(found)))


def _login(comment: Comment) -> str:
    return "github-actions" if comment.is_ours else "maria-lopez"


def _node(comment: Comment) -> dict[str, Any]:
    kind = "Bot" if comment.is_ours else "User"
    return {
        "id": f"IC_{comment.id}",
        "databaseId": comment.id,
        "url": _address(comment),
        "body": comment.body,
        "isMinimized": False,
        "viewerDidAuthor": comment.is_ours,
        "author": {"__typename": kind, "login": _login(comment)},
    }


def _item(comment: Comment) -> dict[str, Any]:
    """About as long as GitHub's own: most of it is the author's addresses."""
    login = _login(comment)
    user = f"https://api.github.com/users/{login}"
    parts = [
        "followers",
        "following",
        "gists",
        "starred",
        "subscriptions",
        "organizations",
        "repos",
        "events",
    ]
    return {
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": f"https://api.github.com/repos/{REPOSITORY}/issues/comments/{comment.id}",
        "html_url": _address(comment),
        "body": comment.body,
        "user": {
            "login": login + ("[bot]" if comment.is_ours else ""),
            "id": 41898282,
            "type": "Bot" if comment.is_ours else "User",
            **{f"{part}_url": f"{user}/{part}" for part in parts},
        },
        "created_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-20T10:00:00Z",
        "author_association": "CONTRIBUTOR",
    }


def _address(comment: Comment) -> str:
    return f"https://github.com/{REPOSITORY}/pull/{NUMBER}#issuecomment-{comment.id}"
