"""Each event leads to its pull request, or to none, which is a normal case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.scenario import EventPlan, GitHubPlan

if TYPE_CHECKING:
    from tests.process.conftest import Start

WRITER = GitHubPlan(collaborators={"maria-lopez": "write"})


@pytest.mark.parametrize(
    "name",
    [
        "pull_request_target",
        "pull_request_review",
        "issue_comment",
        "workflow_run",
        "push",
        "deployment_status",
        "merge_group",
        "workflow_dispatch",
        "repository_dispatch",
    ],
)
def test_the_pull_request_is_found(start: Start, name: str) -> None:
    event = EventPlan(name=name, action="created", comment="/upshot explain")
    result = start("failed-update", event=event, github=WRITER).run()
    assert result.exit_code == 0
    assert result.outputs["comment-action"] == "created"


def test_a_workflow_run_of_a_fork_finds_its_pull_request(start: Start) -> None:
    github = GitHubPlan(fork=True, author="jo-from-outside", branch="patch-1")
    result = start("failed-update", event=EventPlan(name="workflow_run"), github=github).run()
    assert result.outputs["comment-action"] == "created"


def test_the_number_may_be_given(start: Start) -> None:
    job = start("failed-update", event=EventPlan(name="schedule"))
    assert job.run(inputs={"pr-number": "7"}).outputs["comment-action"] == "created"


@pytest.mark.parametrize("name", ["issue_comment", "pull_request_review"])
def test_t25_a_stranger_spends_and_posts_nothing(start: Start, name: str) -> None:
    event = EventPlan(name=name, actor="jo-from-outside", comment="/upshot explain")
    result = start("failed-update", event=event).run()
    assert "POST /api/ai/chat/preview" not in result.lines
    assert result.comments == ()
    assert result.outputs["reason-code"] == "not-allowed"


def test_a_github_enterprise_server_is_reached_by_its_own_addresses(start: Start) -> None:
    job = start("failed-update")
    api = f"{job.sandbox.github_url}/api"
    result = job.run(
        env={
            "GITHUB_API_URL": f"{api}/v3",
            "GITHUB_GRAPHQL_URL": f"{api}/graphql",
            "GITHUB_SERVER_URL": "https://github.acme.example",
        }
    )
    assert result.outputs["comment-action"] == "created"
    assert {r.path.split("/repos/")[0] for r in result.to("github")} <= {"/api/v3", "/api/graphql"}
