"""GitHub's GraphQL as the sandbox plays it: windows of comments, and what hides them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from upshot_sandbox.scenario import CommentPlan, GitHubPlan

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve

ISSUE = "/repos/acme/shop/issues/7"
THREAD = f"{ISSUE}/comments"
WINDOWS = """
query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid locked
      oldest: comments(first: 2) { totalCount nodes { ...c } pageInfo { hasNextPage endCursor } }
      newest: comments(last: 2) { nodes { ...c } }
      edited: comments(first: 2, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { ...c } }
    }
  }
}
fragment c on IssueComment { id databaseId fullDatabaseId body viewerDidAuthor isMinimized author { login __typename } }
"""
WHERE = {"owner": "acme", "name": "shop", "number": 7}


def ask(to: Any, query: str, **variables: Any) -> dict[str, Any]:
    reply = to.github.post("/graphql", json={"query": query, "variables": variables})
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


def test_one_query_reads_three_windows_of_the_thread(serve: Serve) -> None:
    to = serve(github=GitHubPlan(people_talk=5))
    mine = to.github.post(THREAD, json={"body": "mine"}).json()
    first = to.world.github.comments[0]
    to.world.github.edit(first, "edited by somebody")
    found = ask(to, WINDOWS, **WHERE)["data"]["repository"]["pullRequest"]
    assert found["headRefOid"] == to.world.github.head_sha
    assert found["oldest"]["totalCount"] == 6
    assert found["oldest"]["nodes"][0]["body"] == "edited by somebody"
    assert found["edited"]["nodes"][0]["body"] == "edited by somebody"
    last = found["newest"]["nodes"][-1]
    assert last["fullDatabaseId"] == str(mine["id"])
    assert last["viewerDidAuthor"] is True
    assert last["author"] == {"login": "github-actions", "__typename": "Bot"}


def test_ids_too_big_for_graphqls_int_are_null(serve: Serve) -> None:
    found = ask(serve(github=GitHubPlan(people_talk=1)), WINDOWS, **WHERE)
    assert found["data"]["repository"]["pullRequest"]["oldest"]["nodes"][0]["databaseId"] is None


def test_cursors_go_through_the_whole_thread(serve: Serve) -> None:
    to = serve(github=GitHubPlan(people_talk=5))
    query = (
        'query ($after: String) { repository(owner: "acme", name: "shop") { pullRequest(number: 7)'
        " { comments(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } }"
    )
    ids, after, more = [], None, True
    while more:
        page = ask(to, query, after=after)["data"]["repository"]["pullRequest"]["comments"]
        ids += [node["id"] for node in page["nodes"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert ids == [comment.node_id for comment in to.world.github.comments]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [("first: 101", "EXCESSIVE_PAGINATION"), ("", "MISSING_PAGINATION_BOUNDARIES")],
)
def test_windows_are_bounded(serve: Serve, arguments: str, kind: str) -> None:
    shown = f"comments({arguments})" if arguments else "comments"
    query = (
        f'{{ repository(owner: "acme", name: "shop") {{ pullRequest(number: 7) {{ {shown}'
        " { totalCount } } } }"
    )
    assert ask(serve(), query)["errors"][0]["type"] == kind


def test_a_query_that_the_schema_does_not_know_is_noted(serve: Serve) -> None:
    to = serve()
    assert "data" not in ask(to, "{ repository { nonsense } }")
    assert to.violations


def test_what_is_not_there_is_an_error_beside_null(serve: Serve) -> None:
    query = '{ repository(owner: "acme", name: "shop") { pullRequest(number: 8) { id } } }'
    found = ask(serve(), query)
    assert found["data"] == {"repository": {"pullRequest": None}}
    assert found["errors"][0]["type"] == "NOT_FOUND"


def test_hides_a_comment(serve: Serve) -> None:
    to = serve(github=GitHubPlan(comments=(CommentPlan("github-actions[bot]", "old"),)))
    node = to.world.github.comments[0].node_id
    query = (
        "mutation ($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED})"
        " { minimizedComment { isMinimized minimizedReason } } }"
    )
    hidden = ask(to, query, id=node)["data"]["minimizeComment"]["minimizedComment"]
    assert hidden == {"isMinimized": True, "minimizedReason": "outdated"}
    assert ask(to, query, id="IC_nope")["errors"][0]["type"] == "NOT_FOUND"


def test_a_read_only_token_hides_nothing(serve: Serve) -> None:
    plan = GitHubPlan(token="read", comments=(CommentPlan("github-actions[bot]", "old"),))
    to = serve(github=plan)
    query = (
        f'mutation {{ minimizeComment(input: {{subjectId: "{to.world.github.comments[0].node_id}",'
        " classifier: OUTDATED}) { clientMutationId } }"
    )
    assert ask(to, query)["errors"][0]["type"] == "FORBIDDEN"
    assert not to.world.github.comments[0].minimized


def test_graphql_may_not_be_served(serve: Serve) -> None:
    to = serve(github=GitHubPlan(graphql=False))
    assert to.github.post("/graphql", json={"query": "{ rateLimit { cost } }"}).status_code == 404
