"""All comments and reviews of a pull request, and when GitHub says that they were edited or hidden.

Every page is read: chatter buries no vote (threat T58). Whether a text was edited is known to
GraphQL alone (`lastEditedAt`, `isMinimized` of GitHub's public schema); REST's `updated_at` does not
show that a comment was hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, TypeVar

from upshot.errors import GitHubError
from upshot.gate.facts import Comment, PullRequest, Review, Revision
from upshot.lenient import as_int, as_list, as_text, look
from upshot.publish.github.approvals.shapes import parse_comment, parse_review, parse_time
from upshot.publish.github.client import PAGE, GitHub

T = TypeVar("T")

MOST_PAGES: Final = 500
_NODES: Final = """\
query Revisions($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    ... on IssueComment { id lastEditedAt isMinimized }
    ... on PullRequestReview { id lastEditedAt isMinimized }
  }
}
"""
_CONNECTION: Final = """\
query Revisions($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      found: %s(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id lastEditedAt isMinimized }
      }
    }
  }
}
"""


class Conversation:
    """Comments and reviews of one pull request, with the ids by which GraphQL knows them."""

    def __init__(self, github: GitHub, number: int) -> None:
        self._github = github
        self._number = number
        self._node_ids: dict[tuple[str, int], str] = {}
        self.raw_comments: list[Any] = []
        """As REST sent them."""

    def read_comments(self) -> tuple[Comment, ...]:
        """Raises GitHubError when one page or comment cannot be read."""
        path = f"issues/{self._number}/comments"
        self.raw_comments = self._pages(path, "read the comments")
        return self._parsed("comments", self.raw_comments, parse_comment)

    def read_reviews(self) -> tuple[Review, ...]:
        """As `read_comments`; a review that is not submitted yet is none."""
        found = self._pages(f"pulls/{self._number}/reviews", "read the reviews")
        return self._parsed("reviews", found, parse_review)

    def read_revisions(self, kind: str, ids: Collection[int]) -> dict[int, Revision]:
        """Of the `comments` or `reviews` with these ids; all of them, or GitHubError."""
        by_node = {self._node_ids.get((kind, number), ""): number for number in ids}
        by_node.pop("", None)
        found: dict[int, Revision] = {}
        for batch in _batches(list(by_node)):
            for node in self._nodes(kind, batch):
                number = by_node.get(as_text(look(node, "id")))
                if number is not None:
                    found[number] = _revision(node)
        if set(found) != set(ids):
            raise GitHubError(f"GitHub did not say whether all {kind} are as they were written")
        return found

    def _pages(self, path: str, doing: str) -> list[Any]:
        first, last = self._github.get_page(path, 1, doing=doing)
        if last > MOST_PAGES:
            raise GitHubError(f"More than {MOST_PAGES * PAGE:,} entries: could not {doing}")
        rest = self._github.get_pages(path, range(2, last + 1), doing=doing)
        return [item for page in (first, *rest) for item in page]

    def _parsed(self, kind: str, found: list[Any], parse: Callable[[Any], T]) -> tuple[T, ...]:
        parsed = []
        for item in found:
            parsed.append(parse(item))
            node, number = as_text(look(item, "node_id")), as_int(look(item, "id"))
            if node and number:
                self._node_ids[kind, number] = node
        return tuple(parsed)

    def _nodes(self, kind: str, ids: list[str]) -> Iterator[Any]:
        """The nodes by their ids; where a server knows no `nodes`, from the whole connection."""
        data = self._github.graphql(_NODES, {"ids": ids}, doing=f"read the edits of the {kind}")
        if isinstance(data.get("nodes"), list):
            return iter(data["nodes"])
        return self._connection(kind)

    def _connection(self, kind: str) -> Iterator[Any]:
        owner, _, name = self._github.repository.partition("/")
        after: str | None = None
        for _ in range(MOST_PAGES):
            variables = {"owner": owner, "name": name, "number": self._number, "after": after}
            data = self._github.graphql(
                _CONNECTION % kind, variables, doing=f"read the edits of the {kind}"
            )
            found = look(data, "repository", "pullRequest", "found")
            yield from as_list(look(found, "nodes"))
            after = as_text(look(found, "pageInfo", "endCursor"))
            if look(found, "pageInfo", "hasNextPage") is not True or not after:
                return


def is_short(pull: PullRequest, raw: Any, comments: tuple[Comment, ...]) -> bool:
    """Whether fewer comments were read than GitHub counts, where several pages were.

    A comment that is deleted meanwhile moves the next page's first one to a page that was read
    already: it would be missed. `raw` is the pull request as REST sent it.
    """
    count = as_int(look(raw, "comments"))
    return count is not None and len(comments) > PAGE and len(comments) < count and pull.number > 0


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(ids), PAGE):
        yield ids[at : at + PAGE]


def _revision(node: Any) -> Revision:
    minimised = look(node, "isMinimized")
    if not isinstance(minimised, bool) or "lastEditedAt" not in node:
        raise GitHubError("GitHub did not say whether a comment was edited or hidden")
    edited = node["lastEditedAt"]
    return Revision(None if edited is None else parse_time(edited), is_minimised=minimised)
