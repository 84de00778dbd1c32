"""One comment as GitHub shows it, by GraphQL or REST, and whether we wrote it."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.lenient import as_dict, as_text, look
from upshot.publish.github.client import GitHub

_ANCHOR = re.compile(r"#issuecomment-(\d{1,18})$")
_PULUMI_APP = frozenset({"pulumi", "pulumi[bot]"})


class Seen(Struct, frozen=True):
    """A comment by anybody."""

    id: int
    """What REST calls it; 0 when it could not be read."""
    node_id: str
    """What GraphQL calls it."""
    url: str
    body: str
    is_hidden: bool
    """Minimized; REST does not tell, then False."""
    login: str
    is_bot: bool
    is_ours: bool | None
    """None when GitHub did not say (REST)."""

    @property
    def is_of_pulumi_app(self) -> bool:
        """Written by Pulumi's own GitHub App."""
        return self.is_bot and self.login in _PULUMI_APP


def from_graphql(node: Any) -> Seen | None:
    """An `IssueComment`; None for the null of one that could not be read.

    Its id is taken from its address: `databaseId` is a 32-bit integer in GitHub's schema, and the
    ids of today's comments no longer fit into one.
    """
    if not isinstance(node, dict):
        return None
    author = as_dict(node.get("author"))
    url = as_text(node.get("url"))
    found = _ANCHOR.search(url)
    number = int(found[1]) if found else node.get("databaseId")
    ours = node.get("viewerDidAuthor")
    return Seen(
        id=number if isinstance(number, int) and number > 0 else 0,
        node_id=as_text(node.get("id")),
        url=url,
        body=as_text(node.get("body")),
        is_hidden=node.get("isMinimized") is True,
        login=as_text(author.get("login")),
        is_bot=author.get("__typename") == "Bot",
        is_ours=ours if isinstance(ours, bool) else None,
    )


def from_rest(item: Any) -> Seen | None:
    """An issue comment of the REST API."""
    if not isinstance(item, dict):
        return None
    number = item.get("id")
    user = as_dict(item.get("user"))
    return Seen(
        id=number if isinstance(number, int) and number > 0 else 0,
        node_id=as_text(item.get("node_id")),
        url=as_text(item.get("html_url")),
        body=as_text(item.get("body")),
        is_hidden=False,
        login=as_text(user.get("login")),
        is_bot=user.get("type") == "Bot",
        is_ours=None,
    )


class Owner:
    """Tells our comments from others' where GitHub does not.

    A job's own token writes as a bot and may not ask who it is, so a bot's comment counts as ours
    when it carries our marker; a person's only when the token is that person's.
    """

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._login: str | None = None

    def wrote(self, seen: Seen) -> bool:
        if seen.is_ours is not None:
            return seen.is_ours
        return seen.is_bot or (bool(seen.login) and seen.login == self._own_login())

    def _own_login(self) -> str:
        if self._login is None:
            try:
                self._login = as_text(look(self._github.get_user(doing="read who we are"), "login"))
            except GitHubError:
                self._login = ""
        return self._login
