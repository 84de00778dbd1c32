"""The comment that started a run: read again as it stands now, and reacted to.

Source of the routes: GitHub's REST description ("Reactions", "Pull request review comments", "Pull
request reviews"). A review takes reactions by GraphQL alone (`addReaction`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.lenient import as_int, as_text, look
from upshot.publish.github.client import GitHub

_REACT: Final = """\
mutation React($id: ID!, $content: ReactionContent!) {
  addReaction(input: {subjectId: $id, content: $content}) { reaction { content } }
}
"""
_EDITS: Final = """\
query Edits($id: ID!) {
  node(id: $id) { ... on TYPE { lastEditedAt isMinimized } }
}
"""
_TYPES: Final = {
    "issue_comment": "IssueComment",
    "pull_request_review": "PullRequestReview",
    "pull_request_review_comment": "PullRequestReviewComment",
}
_PLACES: Final = {
    "issue_comment": "issues/comments",
    "pull_request_review_comment": "pulls/comments",
}


class Reaction(StrEnum):
    """As REST writes it."""

    EYES = "eyes"
    ROCKET = "rocket"
    CONFUSED = "confused"
    NO = "-1"

    @property
    def in_graphql(self) -> str:
        return "THUMBS_DOWN" if self is Reaction.NO else self.name


class Place(Struct, frozen=True):
    """Where a comment or review is."""

    event: str
    """`issue_comment`, `pull_request_review` or `pull_request_review_comment`."""
    number: int
    """Of the pull request."""
    id: int
    node_id: str = ""


class Now(Struct, frozen=True):
    """A comment as GitHub has it now; its text is hostile."""

    body: str
    author_id: int | None
    author_type: str
    is_by_app: bool
    is_edited: bool
    """By the times of REST; a review has one time only: False."""


def read_now(github: GitHub, place: Place) -> Now | None:
    """The comment, or None when it was deleted. Raises GitHubError."""
    path = _PLACES.get(place.event)
    path = f"{path}/{place.id}" if path else f"pulls/{place.number}/reviews/{place.id}"
    try:
        data = github.get(path, doing="read the comment again")
    except GitHubError as error:
        if error.status in {404, 410}:
            return None
        raise
    created, updated = as_text(look(data, "created_at")), as_text(look(data, "updated_at"))
    return Now(
        body=as_text(look(data, "body")),
        author_id=as_int(look(data, "user", "id")),
        author_type=as_text(look(data, "user", "type")),
        is_by_app=look(data, "performed_via_github_app") is not None,
        is_edited=created != updated,
    )


def was_touched(github: GitHub, place: Place) -> bool:
    """Whether GraphQL says that it was edited or hidden, or cannot say. Raises no GitHubError."""
    try:
        data = github.graphql(
            _EDITS.replace("TYPE", _TYPES[place.event]),
            {"id": place.node_id},
            doing="read whether the comment was edited",
        )
    except GitHubError:
        return True
    node: Any = data.get("node")
    if not isinstance(node, dict):
        return True
    return node.get("lastEditedAt", "") is not None or node.get("isMinimized") is not False


def react(github: GitHub, place: Place, reaction: Reaction) -> None:
    """Adds our reaction; one that is there already stays. Raises GitHubError."""
    doing = "react to the comment"
    path = _PLACES.get(place.event)
    if path:
        body = {"content": reaction.value}
        github.post(
            f"{path}/{quote(str(place.id))}/reactions", body, doing=doing, is_repeatable=True
        )
        return
    variables = {"id": place.node_id, "content": reaction.in_graphql}
    if not github.graphql(_REACT, variables, doing=doing, is_write=True).get("addReaction"):
        raise GitHubError("GitHub refused to react to the review")
