"""Workflow runs by REST: the one that the scenario plays, and its attempts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import in_repository, refuse
from upshot_sandbox.scenario import RUN_ID
from upshot_sandbox.world import World


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    async def attempt(request: web.Request) -> web.Response:
        in_repository(world, request)
        run = workflow_run(world, int(request.match_info["attempt"]))
        if not request.match_info["run"].startswith(RUN_ID[:-3]):
            raise refuse(404, "Not Found")
        return web.json_response(run)

    path = f"{prefix}/repos/{{owner}}/{{repo}}/actions/runs/{{run:[0-9]+}}"
    return [web.get(f"{path}/attempts/{{attempt:[0-9]+}}", attempt)]


def workflow_run(world: World, attempt: int) -> dict[str, Any]:
    """A `workflow-run`, with the fields that GitHub's description demands."""
    state, plan = world.github, world.scenario.github
    api = f"{world.github_url}/repos/{plan.repository}"
    page = f"{shapes.SERVER}/{plan.repository}/actions/runs/{RUN_ID}"
    run = f"{api}/actions/runs/{RUN_ID}"
    started = shapes.timestamp(state.now() - plan.attempt_ago_s)
    home = shapes.repository(world.github_url, state.user(state.owner), state.repo)
    actor = shapes.user(world.github_url, state.user(plan.author))
    return {
        "id": int(RUN_ID),
        "name": "Pulumi",
        "node_id": f"WFR_{RUN_ID}",
        "head_branch": plan.branch,
        "head_sha": state.head_sha,
        "path": ".github/workflows/pulumi.yml",
        "run_number": 12,
        "run_attempt": attempt,
        "display_title": plan.title,
        "event": world.scenario.event.name,
        "status": "in_progress",
        "conclusion": None,
        "workflow_id": 100,
        "url": run,
        "html_url": page,
        "pull_requests": [],
        "created_at": shapes.timestamp(state.now() - 86_400),
        "updated_at": started,
        "run_started_at": started,
        "actor": actor,
        "triggering_actor": actor,
        "jobs_url": f"{run}/jobs",
        "logs_url": f"{run}/logs",
        "check_suite_url": f"{api}/check-suites/1",
        "artifacts_url": f"{run}/artifacts",
        "cancel_url": f"{run}/cancel",
        "rerun_url": f"{run}/rerun",
        "workflow_url": f"{api}/actions/workflows/100",
        "head_commit": {
            "id": state.head_sha,
            "tree_id": state.head_sha,
            "message": plan.title,
            "timestamp": started,
            "author": {"name": plan.author, "email": f"{plan.author}@example.com"},
            "committer": {"name": plan.author, "email": f"{plan.author}@example.com"},
        },
        "repository": home,
        "head_repository": home,
    }
