"""GitHub's description judges what Upshot sends to GitHub and what our sandbox answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from github.PublicKey import encrypt
from msgspec.structs import replace
from tests.judges.description import Description

from upshot_sandbox.github.people.history import EnvironmentReview
from upshot_sandbox.github.runs import FIRST_ID
from upshot_sandbox.github.secrets import KEY_ID
from upshot_sandbox.journal import Recorded
from upshot_sandbox.runner import RunResult, run_action
from upshot_sandbox.scenario import (
    RUN_ID,
    EventPlan,
    GitHubPlan,
    JobPlan,
    JobStepPlan,
    load_scenario,
    scenario_names,
)
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

UNDESCRIBED = frozenset({401, 429})
"""GitHub documents these once for all operations; 5xx and faults of a scenario not at all."""
MODES = ("recreate", "hide-and-new", "new", "append")


@pytest.fixture(scope="session")
def github() -> Description:
    return Description()


def judged(github: Description, requests: Iterable[Recorded]) -> set[str]:
    """The operations among the requests; fails on the first that the description refuses."""
    seen = set()
    for sent in requests:
        if sent.service != "github" or sent.path.endswith("/graphql") or "/_services/" in sent.path:
            continue
        operation = github.operation(sent)
        assert operation, f"no such operation: {sent.line}"
        assert github.judge_request(sent) == "", sent.line
        if sent.status not in UNDESCRIBED and 0 < sent.status < 500:
            assert github.judge_reply(sent) == "", f"{sent.line} {sent.status} {sent.reply!r}"
        seen.add(operation)
    return seen


def play(folder: Path, scenario: str, runs: int = 1, **changes: Any) -> RunResult:
    """The last of some runs of the action; every run's requests are in the result."""
    inputs: Mapping[str, str] = changes.pop("inputs", {})
    with Sandbox(replace(load_scenario(scenario), **changes)) as sandbox:
        for _ in range(runs):
            result = run_action(sandbox, folder, inputs=inputs)
            assert "Traceback" not in result.log
        return replace(result, requests=tuple(sandbox.world.journal.requests))


@pytest.mark.parametrize("name", scenario_names())
def test_each_scenario(github: Description, tmp_path: Path, name: str) -> None:
    judged(github, play(tmp_path, name).requests)


@pytest.mark.parametrize("mode", MODES)
def test_each_way_to_comment(github: Description, tmp_path: Path, mode: str) -> None:
    result = play(tmp_path, "failed-update", runs=2, inputs={"comment-mode": mode})
    assert any(line.startswith(("POST /repos", "PATCH /repos")) for line in result.lines)
    judged(github, result.requests)


def test_the_comment_found_by_rest_and_updated(github: Description, tmp_path: Path) -> None:
    plan = GitHubPlan(graphql=False, people_talk=120)
    inputs = {"conversation": "new", "comment-mode": "recreate"}
    result = play(tmp_path, "failed-update", runs=2, github=plan, inputs=inputs)
    seen = judged(github, result.requests)
    repository = "/repos/{owner}/{repo}/issues"
    assert f"GET {repository}/{{issue_number}}/comments" in seen


def test_a_commit_status(github: Description, tmp_path: Path) -> None:
    result = play(tmp_path, "failed-update", inputs={"commit-status": "upshot"})
    assert "POST /repos/{owner}/{repo}/statuses/{sha}" in judged(github, result.requests)


def test_labels_are_made_put_on_and_taken_off(github: Description, tmp_path: Path) -> None:
    result = play(tmp_path, "failed-update", inputs={"labels": "true"})
    seen = judged(github, result.requests)
    issue = "/repos/{owner}/{repo}/issues/{issue_number}/labels"
    assert {"POST /repos/{owner}/{repo}/labels", f"GET {issue}", f"POST {issue}"} <= seen


@pytest.mark.parametrize("name", ["issue_comment", "push", "workflow_run", "merge_group"])
def test_the_look_ups_of_each_event(github: Description, tmp_path: Path, name: str) -> None:
    event = EventPlan(name=name, comment="/upshot explain")
    plan = GitHubPlan(collaborators={"maria-lopez": "write"})
    result = play(tmp_path, "failed-update", event=event, github=plan)
    assert judged(github, result.requests)


def test_every_answer_of_the_sandbox_by_rest(github: Description) -> None:
    job = JobPlan("up", steps=(JobStepPlan("pulumi up"),))
    plan = GitHubPlan(
        token="app", people_talk=120, collaborators={"maria-lopez": "write"}, jobs=(job,)
    )
    with Sandbox(replace(load_scenario("failed-update"), github=plan)) as sandbox:
        state = sandbox.world.github
        comment = state.comments[0].id
        base = f"/repos/{state.plan.repository}"
        status = {"state": "success", "context": "upshot"}
        sandbox.world.github_history.review("tomas-b", "APPROVED")
        sandbox.world.github_history.teams["platform"] = {"tomas-b"}
        reviewer = state.user("ines-k")
        sandbox.world.github_history.environment_reviews.append(
            EnvironmentReview(reviewer, "approved", "production")
        )
        other = sandbox.world.github_history.runs[0].id
        team = f"/orgs/{state.owner}/teams/platform"
        dispatch: dict[str, Any] = {"ref": "main", "inputs": {"pr-number": "7"}}
        calls: list[tuple[str, str, dict[str, Any] | None]] = [
            ("GET", "/user", None),
            ("GET", base, None),
            ("GET", f"{base}/issues/7", None),
            ("GET", f"{base}/issues/8", None),
            ("POST", f"{base}/issues", {"title": "Pulumi", "body": "hi", "labels": ["ops"]}),
            ("POST", f"{base}/issues", {"title": " "}),
            ("GET", f"{base}/issues?state=all&sort=updated&direction=desc&creator=x&page=1", None),
            ("GET", f"{base}/issues?state=open", None),
            ("PATCH", f"{base}/issues/108", {"body": "ho", "state": "closed"}),
            ("GET", f"{base}/issues/108", None),
            ("POST", f"{base}/issues/108/comments", {"body": "well"}),
            ("POST", f"{base}/labels", {"name": "lock", "color": "ededed", "description": "a"}),
            ("POST", f"{base}/labels", {"name": "lock", "color": "ededed"}),
            ("GET", f"{base}/labels/lock", None),
            ("POST", f"{base}/issues/7/labels", {"labels": ["lock", "b"]}),
            ("GET", f"{base}/issues/7/labels?per_page=100&page=1", None),
            ("DELETE", f"{base}/issues/7/labels/b", None),
            ("DELETE", f"{base}/issues/7/labels/b", None),
            ("DELETE", f"{base}/labels/lock", None),
            ("GET", f"{base}/issues/7/comments?per_page=100&page=2", None),
            ("POST", f"{base}/issues/7/comments", {"body": "hi"}),
            ("POST", f"{base}/issues/7/comments", {"body": " "}),
            ("GET", f"{base}/issues/comments/{comment}", None),
            ("PATCH", f"{base}/issues/comments/{comment}", {"body": "ho"}),
            ("POST", f"{base}/issues/comments/{comment}/reactions", {"content": "eyes"}),
            ("POST", f"{base}/pulls/comments/{comment}/reactions", {"content": "eyes"}),
            ("DELETE", f"{base}/issues/comments/{comment}", None),
            ("GET", f"{base}/pulls?state=open", None),
            ("GET", f"{base}/pulls/7", None),
            ("GET", f"{base}/commits/{state.head_sha}/pulls", None),
            ("POST", f"{base}/statuses/{state.head_sha}", status),
            ("GET", f"{base}/commits/{state.head_sha}/statuses", None),
            ("GET", f"{base}/collaborators/maria-lopez/permission", None),
            ("GET", f"{base}/collaborators/nobody/permission", None),
            ("GET", f"{base}/actions/runs/{RUN_ID}/attempts/1", None),
            ("GET", f"{base}/actions/runs/{RUN_ID}/attempts/1/jobs?per_page=100&page=1", None),
            ("GET", f"{base}/actions/runs/1/attempts/1/jobs", None),
            ("GET", f"{base}/actions/jobs/{FIRST_ID}/logs", None),
            ("GET", f"{base}/commits/{state.head_sha}", None),
            ("GET", f"{base}/pulls/7/reviews?per_page=100&page=1", None),
            ("GET", f"{base}/activity?ref=refs/heads/{state.plan.branch}&per_page=100", None),
            ("GET", f"{base}/actions/runs?head_sha={state.head_sha}&per_page=100", None),
            ("GET", f"{base}/actions/runs/{RUN_ID}", None),
            ("GET", f"{base}/actions/runs/{RUN_ID}/approvals", None),
            ("POST", f"{base}/actions/runs/{other}/rerun-failed-jobs", {}),
            ("POST", f"{base}/actions/workflows/up.yml/dispatches", dispatch),
            ("GET", team, None),
            ("GET", f"{team}/memberships/tomas-b", None),
            ("GET", f"{team}/memberships/stranger", None),
        ]
        for folder in ("actions/secrets", "environments/production/secrets"):
            sealed = {"encrypted_value": encrypt(public_key(sandbox), "s"), "key_id": KEY_ID}
            calls += [
                ("GET", f"{base}/{folder}/public-key", None),
                ("PUT", f"{base}/{folder}/TOKEN", sealed),
                ("PUT", f"{base}/{folder}/TOKEN", sealed),
            ]
        headers = {"Authorization": f"Bearer {state.workflow_token}", "User-Agent": "judge"}
        with httpx.Client(base_url=sandbox.github_url, headers=headers) as client:
            for method, path, body in calls:
                client.request(method, path, json=body)
        assert judged(github, sandbox.world.journal.requests) == github.operations


def public_key(sandbox: Sandbox) -> str:
    """Asked apart, so that the description judges the request of the calls."""
    state = sandbox.world.github
    headers = {"Authorization": f"Bearer {state.workflow_token}", "User-Agent": "judge"}
    path = f"/repos/{state.plan.repository}/actions/secrets/public-key"
    found = httpx.get(sandbox.github_url + path, headers=headers).json()
    assert found["key_id"] == KEY_ID
    return str(found["key"])


def sent(**changes: Any) -> Recorded:
    """A request that creates a comment."""
    base = Recorded(
        service="github",
        method="POST",
        path="/repos/acme/shop/issues/7/comments",
        query={},
        headers={"content-type": "application/json"},
        body=b'{"body":"hi"}',
        at_s=0.0,
    )
    return replace(base, **changes)


def test_the_judge_refuses_what_is_wrong(github: Description) -> None:
    assert github.judge_request(sent()) == ""
    assert "'body' is a required property" in github.judge_request(sent(body=b'{"text":"hi"}'))
    assert "is not of type 'string'" in github.judge_request(sent(body=b'{"body":7}'))
    assert "perpage" in github.judge_request(sent(method="GET", query={"perpage": "1"}))
    json = {"content-type": "application/json"}
    answer = sent(status=201, reply=b'{"id":1}', reply_headers=json)
    assert "required property" in github.judge_reply(answer)
    assert github.judge_reply(sent(status=302, reply=b"{}", reply_headers=json)) != ""
    assert github.operation(sent(path="/repos/acme/shop/reactions")) == ""
