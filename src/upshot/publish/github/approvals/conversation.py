"""All comments and reviews of a pull request, and the ids by which GraphQL knows them.

Every page is read: chatter buries no vote (threat T58). Whether a text was edited or hidden is known to
GraphQL alone (`lastEditedAt`, `isMinimized` of GitHub's public schema); REST's `updated_at` does not
show that a comment was hidden. `last_look` asks for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from upshot.errors import GitHubError
from upshot.gate.facts import Comment, PullRequest, Review
from upshot.lenient import as_int, as_list, as_text, look
from upshot.publish.github.approvals.shapes import parse_comment, parse_review
from upshot.publish.github.client import PAGE, GitHub

T = TypeVar("T")

MOST_PAGES: Final = 500
_CONNECTION: Final = """\
query Revisions($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      %s(first: 100, after: $after) {
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

    def node_id(self, kind: str, number: int) -> str:
        """By which GraphQL knows one of the `comments` or `reviews`; empty where REST did not say it."""
        return self._node_ids.get((kind, number), "")

    def read_connection(self, kind: str) -> Iterator[Any]:
        """Every node of the pull request's `comments` or `reviews`, with what tells of edits."""
        owner, _, name = self._github.repository.partition("/")
        after: str | None = None
        for _ in range(MOST_PAGES):
            variables = {"owner": owner, "name": name, "number": self._number, "after": after}
            data = self._github.graphql(
                _CONNECTION % kind, variables, doing=f"read the edits of the {kind}"
            )
            found = look(data, "repository", "pullRequest", kind)
            yield from as_list(look(found, "nodes"))
            after = as_text(look(found, "pageInfo", "endCursor"))
            if look(found, "pageInfo", "hasNextPage") is not True or not after:
                return

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


def is_short(pull: PullRequest, raw: Any, comments: tuple[Comment, ...]) -> bool:
    """Whether fewer comments were read than GitHub counts, where several pages were.

    A comment that is deleted meanwhile moves the next page's first one to a page that was read
    already: it would be missed. `raw` is the pull request as REST sent it.
    """
    count = as_int(look(raw, "comments"))
    return count is not None and len(comments) > PAGE and len(comments) < count and pull.number > 0
