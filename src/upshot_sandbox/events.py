"""The payload that GitHub would have written for a scenario's event."""

from __future__ import annotations

from typing import Any

from upshot_sandbox.github import shapes
from upshot_sandbox.github.reactions import remark_shape
from upshot_sandbox.scenario import SOURCE_RUN_ID, Scenario
from upshot_sandbox.world import World


def build_payload(world: World) -> dict[str, Any]:
    """`event.json` for the world's scenario.

    Raises `KeyError` for an event that the sandbox does not play.
    """
    api, state, plan = world.github_url, world.github, world.scenario.event
    common = {
        "repository": shapes.repository(api, state.user(state.owner), state.repo),
        "sender": shapes.user(api, state.user(plan.actor)),
    }
    build = _BUILDERS[plan.name]
    return build(world) | common


def refs_of(world: World) -> dict[str, str]:
    """GITHUB_REF, GITHUB_SHA, GITHUB_HEAD_REF, GITHUB_BASE_REF for the event."""
    plan, state = world.scenario.event, world.github
    if plan.name in {"pull_request", "pull_request_review", "pull_request_review_comment"}:
        return {
            "GITHUB_REF": f"refs/pull/{state.plan.pull_request}/merge",
            "GITHUB_REF_NAME": f"{state.plan.pull_request}/merge",
            "GITHUB_SHA": state.merge_sha,
            "GITHUB_HEAD_REF": state.plan.branch,
            "GITHUB_BASE_REF": "main",
        }
    is_branch = plan.name in {"push", "workflow_dispatch"} and bool(state.plan.pull_request)
    branch = state.plan.branch if is_branch else "main"
    return {
        "GITHUB_REF": f"refs/heads/{branch}",
        "GITHUB_REF_NAME": branch,
        "GITHUB_SHA": state.head_sha if is_branch or plan.name == "push" else state.base_sha,
        "GITHUB_HEAD_REF": "",
        "GITHUB_BASE_REF": "",
    }


def _pull_request(world: World) -> dict[str, Any]:
    return {
        "action": world.scenario.event.action,
        "number": world.github.plan.pull_request,
        "pull_request": shapes.pull(world.github_url, world.github),
    }


def _review(world: World) -> dict[str, Any]:
    return {
        **_pull_request(world),
        "action": "submitted",
        "review": shapes_of(world, "PullRequestReview"),
    }


def _review_comment(world: World) -> dict[str, Any]:
    return {
        **_pull_request(world),
        "action": "created",
        "comment": shapes_of(world, "PullRequestReviewComment"),
    }


def shapes_of(world: World, kind: str) -> dict[str, Any]:
    """A new review or line comment by the event's actor, as the payload has it."""
    state, event = world.github, world.scenario.event
    made = state.remark(state.user(event.actor), event.comment, kind)
    shape = remark_shape(world, made)
    if event.edited:
        made.edited_at = state.now()
        made.body += "\n(edited)"
    return shape


def _issue_comment(world: World) -> dict[str, Any]:
    state, event = world.github, world.scenario.event
    made = state.add(state.user(event.actor), event.comment)
    payload = {
        "action": "created",
        "issue": shapes.issue(world.github_url, state),
        "comment": shapes.comment(world.github_url, state, made),
    }
    if event.edited:
        state.edit(made, f"{event.comment}\n(edited)")
        made.updated_at += 60
    return payload


def _push(world: World) -> dict[str, Any]:
    state = world.github
    branch = state.plan.branch if state.plan.pull_request else "main"
    return {
        "ref": f"refs/heads/{branch}",
        "before": state.base_sha,
        "after": state.head_sha,
        "created": False,
        "deleted": False,
        "forced": False,
        "head_commit": {"id": state.head_sha, "message": state.plan.title},
        "commits": [],
    }


def _workflow_run(world: World) -> dict[str, Any]:
    state = world.github
    pulls = [] if state.plan.fork else [_small_pull(world)]
    return {
        "action": "completed",
        "workflow": {"id": 61_000_001, "name": "Preview", "path": ".github/workflows/preview.yml"},
        "workflow_run": {
            "id": int(SOURCE_RUN_ID),
            "name": "Preview",
            "event": "pull_request",
            "status": "completed",
            "conclusion": "failure",
            "head_branch": state.plan.branch,
            "head_sha": state.head_sha,
            "head_repository": shapes.pull(world.github_url, state)["head"]["repo"],
            "pull_requests": pulls,
            "run_attempt": 1,
            "run_started_at": shapes.timestamp(state.now() - state.plan.attempt_ago_s),
        },
    }


def _small_pull(world: World) -> dict[str, Any]:
    pull = shapes.pull(world.github_url, world.github)
    ends = {}
    for end in ("head", "base"):
        repo = {name: pull[end]["repo"][name] for name in ("id", "url", "name")}
        ends[end] = {"ref": pull[end]["ref"], "sha": pull[end]["sha"], "repo": repo}
    return {"id": pull["id"], "number": pull["number"], "url": pull["url"], **ends}


def _merge_group(world: World) -> dict[str, Any]:
    state = world.github
    name = f"pr-{state.plan.pull_request}-{state.base_sha}"
    group = {
        "head_sha": state.merge_sha,
        "head_ref": f"refs/heads/gh-readonly-queue/main/{name}",
        "base_sha": state.base_sha,
        "base_ref": "refs/heads/main",
    }
    return {"action": "checks_requested", "merge_group": group}


def _deployment_status(world: World) -> dict[str, Any]:
    state = world.github
    deployment = {
        "id": 2_100_000_001,
        "sha": state.head_sha,
        "ref": state.plan.branch,
        "environment": "prod",
    }
    status = {"id": 3_100_000_001, "state": "failure", "description": "", "environment": "prod"}
    return {"action": "created", "deployment": deployment, "deployment_status": status}


def _dispatch(world: World) -> dict[str, Any]:
    return {
        "ref": f"refs/heads/{world.github.plan.branch}",
        "inputs": {},
        "workflow": ".github/workflows/ops.yml",
    }


def _repository_dispatch(world: World) -> dict[str, Any]:
    number = world.github.plan.pull_request
    payload = {**({"pr-number": number} if number else {}), **world.scenario.event.payload}
    return {"action": "explain", "branch": "main", "client_payload": payload}


def _schedule(_: World) -> dict[str, Any]:
    return {"schedule": "17 4 * * *", "workflow": ".github/workflows/nightly.yml"}


_BUILDERS = {
    "pull_request": _pull_request,
    "pull_request_target": _pull_request,
    "pull_request_review": _review,
    "pull_request_review_comment": _review_comment,
    "issue_comment": _issue_comment,
    "push": _push,
    "workflow_run": _workflow_run,
    "merge_group": _merge_group,
    "deployment_status": _deployment_status,
    "workflow_dispatch": _dispatch,
    "repository_dispatch": _repository_dispatch,
    "schedule": _schedule,
}


def supported_events() -> list[str]:
    """Names of the events that the sandbox can play."""
    return list(_BUILDERS)


def workflow_name(scenario: Scenario) -> str:
    return {"schedule": "Nightly", "push": "Deploy"}.get(scenario.event.name, "Preview")
