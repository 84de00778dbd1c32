"""GitHub's REST as the sandbox plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.scenario import EventPlan, GitHubPlan

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve

ISSUE = "/repos/acme/shop/issues/7"
THREAD = f"{ISSUE}/comments"


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


def test_gives_its_limits_in_each_reply(serve: Serve) -> None:
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


def test_gives_a_collaborators_permission(serve: Serve) -> None:
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


def test_the_jobs_token_has_no_user(serve: Serve) -> None:
    assert serve().github.get("/user").status_code == 403
