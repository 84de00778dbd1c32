"""What GraphQL fields resolve to: mappings whose callables take the field's arguments."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from graphql import GraphQLError, GraphQLResolveInfo

from upshot_sandbox.github.people.history import Review
from upshot_sandbox.github.shapes import SERVER, timestamp
from upshot_sandbox.github.state import Access, Comment, GitHubState, Remark, User
from upshot_sandbox.world import World

Node = dict[str, Any]
_MOST: Final = 100


class Nodes:
    """Nodes as one token's user sees them."""

    def __init__(self, world: World, access: Access) -> None:
        self.world = world
        self.state = world.github
        self.access = access

    def root(self) -> Node:
        """The fields of Query."""
        return {
            "repository": self._repository,
            "node": self._node,
            "nodes": self._nodes,
            "viewer": self._viewer,
            "rateLimit": {
                "cost": 1,
                "limit": 1000,
                "remaining": 990,
                "resetAt": timestamp(0),
                "used": 10,
            },
        }

    def _viewer(self, _info: GraphQLResolveInfo[Any]) -> Node:
        """Whose token it is: GraphQL says it of a job's token, too, by the name that REST uses."""
        return {
            "__typename": "User",
            "id": f"U_{self.access.user.id}",
            "login": self.access.user.login,
        }

    def _repository(
        self, _info: GraphQLResolveInfo[Any], *, owner: str, name: str, **_: Any
    ) -> Node:
        full = f"{owner}/{name}"
        if full.lower() != self.state.plan.repository.lower():
            raise graphql_error(
                f"Could not resolve to a Repository with the name '{full}'.", "NOT_FOUND"
            )
        return {
            "__typename": "Repository",
            "id": "R_sandbox0",
            "databaseId": 702_341_117,
            "name": name,
            "nameWithOwner": self.state.plan.repository,
            "url": f"{SERVER}/{self.state.plan.repository}",
            "pullRequest": self._pull_request,
            "issueOrPullRequest": self._pull_request,
            "issue": self._issue,
            "object": self._object,
        }

    def _issue(self, _info: GraphQLResolveInfo[Any], *, number: int) -> Node:
        raise graphql_error(
            f"Could not resolve to an Issue with the number of {number}.", "NOT_FOUND"
        )

    def _pull_request(self, info: GraphQLResolveInfo[Any], *, number: int) -> Node:
        plan = self.state.plan
        if number != (plan.pull_request or -1):
            kind = (
                "a PullRequest" if info.field_name == "pullRequest" else "an issue or pull request"
            )
            raise graphql_error(
                f"Could not resolve to {kind} with the number of {number}.", "NOT_FOUND"
            )
        is_merged = bool(self.world.github_history.merged_by)
        return {
            "__typename": "PullRequest",
            "id": f"PR_sandbox{number}",
            "author": self._actor(self.state.user(plan.author)),
            "baseRefName": "main",
            "baseRefOid": self.state.base_sha,
            "closed": self.state.state == "closed",
            "comments": self._comments,
            "fullDatabaseId": str(1_990_000_000 + number),
            "headRefName": plan.branch,
            "headRefOid": self.state.head_sha,
            "isCrossRepository": plan.fork,
            "isDraft": False,
            "locked": self.state.locked,
            "merged": is_merged,
            "mergeCommit": self._commit(self.state.merge_sha) if is_merged else None,
            "number": number,
            "state": "MERGED" if is_merged else self.state.state.upper(),
            "title": plan.title,
            "url": f"{SERVER}/{plan.repository}/pull/{number}",
            "viewerDidAuthor": False,
        }

    def _comments(
        self,
        _info: GraphQLResolveInfo[Any],
        *,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
        orderBy: dict[str, str] | None = None,  # noqa: N803 - the wire's name
    ) -> Node:
        _check_bounds(first, last)
        ordered = list(self.state.comments)
        if orderBy is not None:
            ordered.sort(
                key=lambda c: (c.updated_at, c.edits), reverse=orderBy["direction"] == "DESC"
            )
        low = _index(after) + 1 if after else 0
        high = _index(before) if before else len(ordered)
        if first is not None:
            high = min(high, low + first)
        if last is not None:
            low = max(low, high - last)
        edges = [
            {"cursor": cursor_of(low + n), "node": self.comment(c)}
            for n, c in enumerate(ordered[low:high])
        ]
        return {
            "edges": edges,
            "nodes": [edge["node"] for edge in edges],
            "totalCount": len(ordered),
            "pageInfo": {
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
                "hasNextPage": high < len(ordered),
                "hasPreviousPage": low > 0,
            },
        }

    def comment(self, found: Comment) -> Node:
        is_own = found.author == self.access.user
        edited = found.updated_at != found.created_at
        page = f"{SERVER}/{self.state.plan.repository}/pull/{self.state.plan.pull_request}"
        return {
            "__typename": "IssueComment",
            "id": found.node_id,
            "author": self._actor(found.author),
            "authorAssociation": "NONE" if found.author.type == "Bot" else "CONTRIBUTOR",
            "body": found.body,
            "createdAt": timestamp(found.created_at),
            # Newer ids do not fit GraphQL's 32-bit Int; `fullDatabaseId` is made for them.
            "databaseId": found.id if found.id < 2**31 else None,
            "fullDatabaseId": str(found.id),
            "includesCreatedEdit": edited,
            "isMinimized": bool(found.minimized),
            "lastEditedAt": timestamp(found.updated_at) if edited else None,
            "minimizedReason": found.minimized or None,
            "updatedAt": timestamp(found.updated_at),
            "url": f"{page}#issuecomment-{found.id}",
            "viewerCanDelete": is_own,
            "viewerCanMinimize": self.access.may("issues", "pull_requests"),
            "viewerCanUpdate": is_own,
            "viewerDidAuthor": is_own,
        }

    def _actor(self, who: User) -> Node:
        """GraphQL shows a bot's login without `[bot]`."""
        return {
            "__typename": who.type,
            "id": f"U_{who.id}",
            "databaseId": who.id,
            "login": who.login.removesuffix("[bot]"),
            "url": f"{SERVER}/{who.login}",
            "avatarUrl": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        }

    def _node(self, _info: GraphQLResolveInfo[Any], *, id: str) -> Node:  # noqa: A002 - the wire's name
        found = next((one for one in self.state.remarks if one.node_id == id), None)
        return self._remark(found) if found else self.comment(find_comment(self.state, id))

    def _remark(self, found: Remark) -> Node:
        return {
            "__typename": found.kind,
            "id": found.node_id,
            "author": self._actor(found.author),
            "body": found.body,
            "isMinimized": bool(found.minimized),
            "lastEditedAt": timestamp(found.edited_at) if found.edited_at else None,
            "minimizedReason": found.minimized or None,
            "viewerCanMinimize": True,
        }

    def _nodes(self, _info: GraphQLResolveInfo[Any], *, ids: list[str]) -> list[Node | None]:
        comments = {comment.node_id: comment for comment in self.state.comments}
        reviews = {review.node_id: review for review in self.world.github_history.reviews}
        return [
            self.comment(comments[one])
            if one in comments
            else self._review(reviews[one])
            if one in reviews
            else None
            for one in ids
        ]

    def _review(self, found: Review) -> Node:
        edited = found.edited_at
        return {
            "__typename": "PullRequestReview",
            "id": found.node_id,
            "isMinimized": bool(found.minimized),
            "minimizedReason": found.minimized or None,
            "viewerCanMinimize": True,
            "lastEditedAt": None if edited is None else timestamp(edited),
        }

    def _object(self, _info: GraphQLResolveInfo[Any], *, oid: str) -> Node | None:
        return self._commit(oid)

    def _commit(self, oid: str) -> Node | None:
        commit = self.world.github_history.commits.get(oid)
        if commit is None:
            return None
        people = {f"{commit.author}@example.com": commit.author} | commit.co_authors
        authors = [self._git_actor(email, login) for email, login in people.items()]
        found = {"totalCount": len(authors), "nodes": authors}
        return {
            "__typename": "Commit",
            "id": f"C_{oid[:12]}",
            "oid": oid,
            "authors": lambda _info, **_: found,
            "committer": self._git_actor(f"{commit.committer}@example.com", commit.committer),
            "message": commit.message,
            "tree": {"__typename": "Tree", "id": f"T_{commit.tree[:12]}", "oid": commit.tree},
        }

    def _git_actor(self, email: str, login: str) -> Node:
        """GitHub shows people there, and neither bots nor addresses without an account."""
        user = self.state.user(login) if login else None
        is_person = user is not None and user.type == "User"
        return {"email": email, "user": self._actor(user) if user and is_person else None}


def _check_bounds(first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise graphql_error(
            "You must provide a `first` or `last` value to properly paginate the `comments` connection.",
            "MISSING_PAGINATION_BOUNDARIES",
        )
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 0 <= size <= _MOST:
            raise graphql_error(
                f"Requesting {size} records on the `comments` connection exceeds the `{name}` limit of"
                f" {_MOST} records.",
                "EXCESSIVE_PAGINATION",
            )


def cursor_of(index: int) -> str:
    return base64.b64encode(f"cursor:v2:{index}".encode()).decode()


def _index(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().rsplit(":", 1)[1])
    except (ValueError, IndexError, binascii.Error) as error:
        raise graphql_error(
            f"`{cursor}` does not appear to be a valid cursor.", "INVALID_CURSOR_ARGUMENTS"
        ) from error


def find_comment(state: GitHubState, node_id: str) -> Comment:
    """The comment of that node id; raises as GitHub does when there is none."""
    found = state.find_node(node_id)
    if found is None:
        text = f"Could not resolve to a node with the global id of '{node_id}'"
        raise graphql_error(text, "NOT_FOUND")
    return found


def graphql_error(message: str, kind: str) -> GraphQLError:
    """An error with GitHub's `type` beside its message."""
    return GraphQLError(message, extensions={"type": kind})
