"""GitHub as the sandbox plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from upshot_sandbox.scenario import CommentPlan, EventPlan, GitHubPlan

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


def test_creates_reads_edits_and_deletes_a_comment(serve: Serve) -> None:
    to = serve()
    made = to.github.post(THREAD, json={"body": "Hello"})
    assert made.status_code == 201
    assert made.json()["user"]["login"] == "github-actions[bot]"
    one = f"/repos/acme/shop/issues/comments/{made.json()['id']}"
    assert to.github.patch(one, json={"body": "Again"}).json()["body"] == "Again"
    assert to.github.get(one).json()["body"] == "Again"
    assert to.github.delete(one).status_code == 204
    assert to.github.get(one).status_code == 404
    assert to.violations == []


def test_pages_a_long_thread(serve: Serve) -> None:
    to = serve(github=GitHubPlan(people_talk=250))
    ids: list[int] = []
    url: str | None = f"{THREAD}?per_page=100"
    while url:
        page = to.github.get(url)
        ids += [c["id"] for c in page.json()]
        url = page.links.get("next", {}).get("url")
    assert len(ids) == len(set(ids)) == 250
    assert ids == sorted(ids)


def test_at_most_a_hundred_a_page_and_thirty_by_default(serve: Serve) -> None:
    to = serve(github=GitHubPlan(people_talk=250))
    assert len(to.github.get(THREAD, params={"per_page": 500}).json()) == 100
    assert len(to.github.get(THREAD).json()) == 30


@pytest.mark.parametrize("size", [65_537, 0])
def test_a_body_too_long_or_empty_is_refused_and_changes_nothing(serve: Serve, size: int) -> None:
    to = serve()
    assert to.github.post(THREAD, json={"body": "x" * size}).status_code == 422
    assert to.world.github.comments == []


def test_the_longest_body_is_kept(serve: Serve) -> None:
    assert serve().github.post(THREAD, json={"body": "😀" * 65_536}).status_code == 201


def test_a_read_only_token_may_read_and_not_write(serve: Serve) -> None:
    to = serve(github=GitHubPlan(token="read"))
    assert to.github.get(THREAD).is_success
    reply = to.github.post(THREAD, json={"body": "x"})
    assert reply.status_code == 403
    assert reply.json()["message"] == "Resource not accessible by integration"


def test_an_unknown_token_is_bad_credentials(serve: Serve) -> None:
    reply = serve(github=GitHubPlan(token="bad")).github.get(THREAD)
    assert (reply.status_code, reply.json()["message"]) == (401, "Bad credentials")


def test_a_locked_thread_takes_no_comment(serve: Serve) -> None:
    reply = serve(github=GitHubPlan(locked=True)).github.post(THREAD, json={"body": "x"})
    assert reply.status_code == 403
    assert "locked" in reply.json()["message"]


def test_a_body_of_another_shape_is_refused_and_noted(serve: Serve) -> None:
    to = serve()
    assert to.github.post(THREAD, json={"text": "x"}).status_code == 422
    assert len(to.violations) == 1


def test_tells_its_limits_in_each_reply(serve: Serve) -> None:
    to = serve()
    to.github.get(THREAD)
    headers = to.github.get(THREAD).headers
    assert headers["x-ratelimit-remaining"] == "998"
    assert headers["x-ratelimit-resource"] == "core"


def test_another_repository_or_issue_is_not_found(serve: Serve) -> None:
    to = serve()
    assert to.github.get("/repos/acme/other").status_code == 404
    assert to.github.get("/repos/acme/shop/issues/8/comments").status_code == 404


def test_serves_the_enterprise_servers_paths_too(serve: Serve) -> None:
    to = serve()
    assert to.github.get("/api/v3/repos/acme/shop/pulls/7").json()["number"] == 7
    asked = to.github.post("/api/graphql", json={"query": "{ rateLimit { cost } }"})
    assert asked.json() == {"data": {"rateLimit": {"cost": 1}}}


def test_finds_pull_requests_by_commit_and_by_head(serve: Serve) -> None:
    to = serve()
    sha = to.world.github.head_sha
    assert [p["number"] for p in to.github.get(f"/repos/acme/shop/commits/{sha}/pulls").json()] == [
        7
    ]
    pulls = "/repos/acme/shop/pulls"
    assert to.github.get(pulls, params={"head": "acme:api-on-fargate"}).json()[0]["number"] == 7
    assert to.github.get(pulls, params={"head": "acme:other"}).json() == []


def test_a_forks_commit_leads_to_its_pull_request_by_head_only(serve: Serve) -> None:
    to = serve(github=GitHubPlan(fork=True, author="jo"))
    sha = to.world.github.head_sha
    assert to.github.get(f"/repos/acme/shop/commits/{sha}/pulls").json() == []
    found = to.github.get("/repos/acme/shop/pulls", params={"head": "jo:api-on-fargate"}).json()
    assert found[0]["head"]["repo"]["full_name"] == "jo/shop"


def test_tells_a_collaborators_permission(serve: Serve) -> None:
    plan = GitHubPlan(collaborators={"ines-k": "write"})
    to = serve(github=plan, event=EventPlan(actor="jo"))
    path = "/repos/acme/shop/collaborators/{}/permission"
    levels = {n: to.github.get(path.format(n)).json().get("permission") for n in ("ines-k", "jo")}
    assert levels == {"ines-k": "write", "jo": "none"}
    assert to.github.get(path.format("nobody-here")).status_code == 404


def test_sets_and_lists_commit_statuses(serve: Serve) -> None:
    to = serve()
    sha = to.world.github.head_sha
    body = {"state": "success", "context": "upshot", "description": "All good"}
    assert to.github.post(f"/repos/acme/shop/statuses/{sha}", json=body).status_code == 201
    listed = to.github.get(f"/repos/acme/shop/commits/{sha}/statuses").json()
    assert [status["context"] for status in listed] == ["upshot"]
    long = {"state": "success", "description": "x" * 141}
    assert to.github.post(f"/repos/acme/shop/statuses/{sha}", json=long).status_code == 422


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


def test_the_jobs_token_has_no_user(serve: Serve) -> None:
    assert serve().github.get("/user").status_code == 403
