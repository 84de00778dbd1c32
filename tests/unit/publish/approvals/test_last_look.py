"""The last look of a decision: what one GraphQL reply says of votes, commit and pull request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import pytest
from msgspec.structs import replace
from tests.unit.gate.cases import ALICE, BOB, pull

from upshot.errors import GitHubError
from upshot.gate.facts import CoAuthor, Revision
from upshot.publish.github.approvals.commits import parse_graphql_commit
from upshot.publish.github.approvals.conversation import Conversation
from upshot.publish.github.approvals.last_look import look_last
from upshot.publish.github.client import GitHub

PULL: Final = pull()
NODE: Final = {
    "__typename": "IssueComment",
    "id": "IC_1",
    "lastEditedAt": None,
    "isMinimized": False,
}
TREE: Final = "7" * 40
AUTHORS: Final = {
    "totalCount": 2,
    "nodes": [
        {"email": "alice@home.example", "user": {"databaseId": ALICE.id, "login": ALICE.login}},
        {"email": "BOB@home.example", "user": {"databaseId": BOB.id, "login": BOB.login}},
    ],
}
COMMIT: Final = {
    "__typename": "Commit",
    "oid": PULL.head_sha,
    "message": "Fix\n\nCo-authored-by: B <bob@home.example>\nCo-authored-by: N <none@home.example>",
    "tree": {"oid": TREE},
    "committer": {"user": None},
    "authors": AUTHORS,
}
NOW: Final = {
    "number": PULL.number,
    "headRefOid": PULL.head_sha,
    "baseRefName": PULL.base_ref,
    "state": "OPEN",
    "locked": False,
    "mergeCommit": None,
}
REPOSITORY: Final = {"databaseId": PULL.repository, "object": COMMIT, "pullRequest": NOW}
WHOLE: Final[dict[str, Any]] = {"nodes": [NODE], "repository": REPOSITORY}


class Server:
    """Answers GraphQL with these replies, in turn; the last one stays."""

    repository = "acme/shop"

    def __init__(self, *replies: dict[str, Any]) -> None:
        self.own_login: str | None = None
        self.replies = list(replies)
        self.asked: list[Mapping[str, Any]] = []

    def graphql(self, _query: str, variables: Mapping[str, Any], *, doing: str) -> dict[str, Any]:
        assert doing
        self.asked.append(variables)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Talk(Conversation):
    """Knows every comment's node."""

    def node_id(self, kind: str, number: int) -> str:
        return f"IC_{number}" if kind == "comments" else ""


def look(server: Server, *numbers: int) -> Any:
    github = cast("GitHub", server)
    keys = tuple(("comments", number) for number in numbers)
    return look_last(github, Talk(github, PULL.number), PULL, keys)


def test_one_reply_says_everything() -> None:
    server = Server(WHOLE)
    found = look(server, 1)
    assert found.revisions == {("comments", 1): Revision(None, is_minimised=False)}
    assert found.pull == PULL
    assert (found.commit.sha, found.commit.tree, found.commit.authors) == (
        PULL.head_sha,
        TREE,
        (ALICE,),
    )
    assert set(found.commit.co_authors) == {
        CoAuthor("alice@home.example", ALICE),
        CoAuthor("bob@home.example", BOB),
        CoAuthor("none@home.example"),
    }
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"headRefOid": "c" * 40}, {"head_sha": "c" * 40}),
        ({"baseRefName": "other"}, {"base_ref": "other"}),
        ({"state": "CLOSED"}, {"is_open": False}),
        ({"locked": True}, {"is_locked": True}),
        (
            {"state": "MERGED", "mergeCommit": {"oid": "d" * 40}},
            {"is_open": False, "is_merged": True, "merge_sha": "d" * 40},
        ),
    ],
)
def test_what_has_moved_is_seen(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    reply = {**WHOLE, "repository": REPOSITORY | {"pullRequest": NOW | changed}}
    assert look(Server(reply), 1).pull == replace(PULL, **expected)


@pytest.mark.parametrize(
    "repository",
    [
        None,
        {},
        REPOSITORY | {"databaseId": None},
        REPOSITORY | {"pullRequest": None},
        *(
            REPOSITORY | {"pullRequest": NOW | {name: None}}
            for name in NOW
            if name != "mergeCommit"
        ),
        REPOSITORY | {"pullRequest": NOW | {"state": "MERGED"}},
        REPOSITORY | {"pullRequest": NOW | {"state": "AJAR"}},
    ],
)
def test_t57_a_pull_request_that_is_not_said_is_not_known(repository: Any) -> None:
    assert look(Server({**WHOLE, "repository": repository}), 1).pull is None


@pytest.mark.parametrize(
    "changed",
    [
        {"oid": "c" * 40},
        {"message": None},
        {"tree": None},
        {"authors": None},
        {"authors": AUTHORS | {"totalCount": 101}},
        {"authors": AUTHORS | {"nodes": [{"email": "x", "user": {"login": "no-id"}}]}},
    ],
)
def test_t57_a_commit_that_is_not_said_whole_is_not_known(changed: dict[str, Any]) -> None:
    assert parse_graphql_commit(COMMIT | changed, PULL.head_sha) is None


@pytest.mark.parametrize(
    "nodes",
    [
        [],
        [None],
        [NODE | {"id": "IC_2"}],
        [NODE | {"isMinimized": None}],
        [{name: value for name, value in NODE.items() if name != "lastEditedAt"}],
        [NODE | {"lastEditedAt": "yesterday"}],
    ],
)
def test_t57_edits_that_are_not_said_are_a_fault(nodes: list[Any]) -> None:
    with pytest.raises(GitHubError):
        look(Server({**WHOLE, "nodes": nodes}), 1)


def test_a_server_that_finds_no_nodes_is_asked_for_the_conversation() -> None:
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [NODE]}
    server = Server({}, {"repository": {"pullRequest": {"comments": page}}})
    found = look(server, 1)
    assert (list(found.revisions), found.pull, found.commit) == ([("comments", 1)], None, None)
    assert len(server.asked) == 2


def test_more_votes_than_fit_into_a_request_are_asked_for_in_several() -> None:
    nodes = [NODE | {"id": f"IC_{number}"} for number in range(1, 151)]
    server = Server({**WHOLE, "nodes": nodes[:100]}, {**WHOLE, "nodes": nodes[100:]})
    assert len(look(server, *range(1, 151)).revisions) == 150
    assert [len(asked["ids"]) for asked in server.asked] == [100, 50]


def test_without_votes_it_still_looks() -> None:
    found = look(Server({**WHOLE, "nodes": []}))
    assert (found.revisions, found.pull) == ({}, PULL)


@pytest.mark.parametrize(
    ("viewer", "own"),
    [({"login": "deployer[bot]"}, "deployer[bot]"), ({"login": 7}, None), (None, None)],
)
def test_it_also_says_whose_the_token_is(viewer: Any, own: str | None) -> None:
    server = Server({**WHOLE, "viewer": viewer})
    look(server, 1)
    assert server.own_login == own
