"""The last request of a decision: edits of the votes, the head commit, and the pull request again.

All of them at one moment, in one GraphQL request, which also says whose the token is: our own comment is
looked for afterwards. A server that leaves a part out is asked for that part
in another way; what it leaves out everywhere is not known (threat T57).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.facts import Commit, PullRequest, Revision
from upshot.lenient import as_int, as_text, look
from upshot.publish.github.approvals.commits import parse_graphql_commit
from upshot.publish.github.approvals.conversation import Conversation
from upshot.publish.github.approvals.shapes import parse_sha, parse_time
from upshot.publish.github.client import PAGE, GitHub

Key = tuple[str, int]
"""(`comments` or `reviews`, id)."""
_QUERY: Final = """\
query LastLook($owner: String!, $name: String!, $number: Int!, $oid: GitObjectID!, $ids: [ID!]!) {
  viewer { login }
  nodes(ids: $ids) {
    __typename
    ... on IssueComment { id lastEditedAt isMinimized }
    ... on PullRequestReview { id lastEditedAt isMinimized }
  }
  repository(owner: $owner, name: $name) {
    databaseId
    object(oid: $oid) {
      __typename
      ... on Commit {
        oid
        message
        tree { oid }
        committer { user { databaseId login } }
        authors(first: 100) { totalCount nodes { email user { databaseId login } } }
      }
    }
    pullRequest(number: $number) { number headRefOid baseRefName state locked mergeCommit { oid } }
  }
}
"""
_STATES: Final = frozenset({"OPEN", "CLOSED", "MERGED"})


class LastLook(Struct, frozen=True):
    """What one moment shows. None: the server did not say it in this way."""

    revisions: Mapping[Key, Revision]
    """Of every vote that was asked about."""
    commit: Commit | None = None
    """With the accounts of its co-authors."""
    pull: PullRequest | None = None


def look_last(
    github: GitHub, talk: Conversation, pull: PullRequest, keys: tuple[Key, ...]
) -> LastLook:
    """`keys`: votes whose edits matter. Raises GitHubError when those of one of them are not known."""
    by_node = {node: key for key in keys if (node := talk.node_id(*key))}
    owner, _, name = github.repository.partition("/")
    found: dict[Key, Revision] = {}
    data: Any = None
    for batch in list(_batches(list(by_node))) or [[]]:
        variables = {
            "owner": owner,
            "name": name,
            "number": pull.number,
            "oid": pull.head_sha,
            "ids": batch,
        }
        doing = "read whether the votes were edited or hidden"
        data = github.graphql(_QUERY, variables, doing=doing)
        github.own_login = as_text(look(data, "viewer", "login")) or github.own_login
        nodes = look(data, "nodes")
        if not isinstance(nodes, list):  # no server of GitHub's own: asked for as a whole
            kinds = dict.fromkeys(kind for kind, _ in keys)
            nodes = [node for kind in kinds for node in talk.read_connection(kind)]
        for node in nodes:
            key = by_node.get(as_text(look(node, "id")))
            if key is not None:
                found[key] = _revision(node)
    if set(found) != set(keys):
        raise GitHubError("GitHub did not say whether all votes are as they were written")
    repository = look(data, "repository")
    return LastLook(
        found,
        commit=parse_graphql_commit(look(repository, "object"), pull.head_sha),
        pull=_pull_again(repository, pull),
    )


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(ids), PAGE):
        yield ids[at : at + PAGE]


def _revision(node: Any) -> Revision:
    minimised = look(node, "isMinimized")
    if not isinstance(minimised, bool) or "lastEditedAt" not in node:
        raise GitHubError("GitHub did not say whether a vote was edited or hidden")
    edited = node["lastEditedAt"]
    return Revision(None if edited is None else parse_time(edited), is_minimised=minimised)


def _pull_again(repository: Any, first: PullRequest) -> PullRequest | None:
    """The pull request with everything that may have changed since it was read `first`."""
    found = look(repository, "pullRequest")
    known, number = as_int(look(repository, "databaseId")), as_int(look(found, "number"))
    base, state, locked = (look(found, key) for key in ("baseRefName", "state", "locked"))
    is_merged = state == "MERGED"
    if known is None or number is None or not as_text(base):
        return None
    if state not in _STATES or not isinstance(locked, bool):
        return None
    try:
        head = parse_sha(look(found, "headRefOid"))
        merge = parse_sha(look(found, "mergeCommit", "oid")) if is_merged else ""
    except GitHubError:
        return None
    return replace(
        first,
        repository=known,
        number=number,
        head_sha=head,
        base_ref=base,
        is_open=state == "OPEN",
        is_merged=is_merged,
        is_locked=locked,
        merge_sha=merge,
    )
