"""Workflow runs by REST: the one that the scenario plays, its attempts and their jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.github import shapes
from upshot_sandbox.github.access import in_repository, must_read, refuse
from upshot_sandbox.github.paging import paged
from upshot_sandbox.scenario import RUN_ID, SOURCE_RUN_ID, JobPlan, JobStepPlan
from upshot_sandbox.world import World

FIRST_ID: Final = 54_000_000_001
"""Of the run's jobs, which count from there."""
_OWN: Final = JobPlan(name="report", status="in_progress")
"""The job of the step that asks."""
_SET_UP: Final = JobStepPlan(run="", name="Set up job", takes_s=2)
_COMPLETE: Final = JobStepPlan(run="", name="Complete job", takes_s=1)


def routes(world: World, prefix: str) -> Sequence[web.RouteDef]:
    async def attempt(request: web.Request) -> web.Response:
        in_repository(world, request)
        run = workflow_run(world, int(request.match_info["attempt"]))
        if not request.match_info["run"].startswith(RUN_ID[:-3]):
            raise refuse(404, "Not Found")
        return web.json_response(run)

    async def jobs(request: web.Request) -> web.Response:
        must_read(in_repository(world, request), "actions")
        run = request.match_info["run"]
        if run not in {RUN_ID, SOURCE_RUN_ID}:
            raise refuse(404, "Not Found")
        number = int(request.match_info["attempt"])
        found = [job_shape(world, at, run, number) for at in range(len(jobs_of(world, run)))]
        return paged(request, found, key="jobs")

    path = f"{prefix}/repos/{{owner}}/{{repo}}/actions/runs/{{run:[0-9]+}}"
    one = f"{path}/attempts/{{attempt:[0-9]+}}"
    return [web.get(one, attempt), web.get(f"{one}/jobs", jobs)]


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


class TimedStep(Struct, frozen=True):
    """A step with its times, in seconds since the Unix epoch."""

    plan: JobStepPlan
    started_at: int
    ended_at: int

    @property
    def name(self) -> str:
        return self.plan.name or f"Run {self.plan.run.splitlines()[0]}"


def jobs_of(world: World, run: str) -> list[JobPlan]:
    """The jobs of a run: the scenario's in the one that ran Pulumi, and ours in our own."""
    planned = world.scenario.github.jobs if run == world.scenario.deploying_run else ()
    return [*planned, *([_OWN] if run == RUN_ID else [])]


def timed_steps(world: World, job: JobPlan) -> list[TimedStep]:
    """The steps one after the other; a job that never ran has none."""
    if not job.steps:
        return []
    at, found = int(world.started_at) - 300, []
    for plan in (_SET_UP, *job.steps, _COMPLETE):
        takes_s = 0 if plan.conclusion == "skipped" else plan.takes_s
        found.append(TimedStep(plan, at, at + takes_s))
        at += takes_s
    return found


def job_shape(world: World, number: int, run: str, attempt: int) -> dict[str, Any]:
    """A `job`, with the fields that GitHub's description demands."""
    plan = jobs_of(world, run)[number]
    state = world.github
    base = f"{world.github_url}/repos/{state.plan.repository}"
    page = f"{shapes.SERVER}/{state.plan.repository}/actions/runs/{run}"
    job_id = FIRST_ID + number
    steps = timed_steps(world, plan)
    began = shapes.timestamp(steps[0].started_at if steps else world.started_at)
    has_ended = plan.status == "completed"
    return {
        "id": job_id,
        "run_id": int(run),
        "workflow_name": "Preview",
        "head_branch": state.plan.branch,
        "run_url": f"{base}/actions/runs/{run}",
        "run_attempt": min(plan.attempt, attempt),
        "node_id": f"CR_{job_id}",
        "head_sha": state.head_sha,
        "url": f"{base}/actions/jobs/{job_id}",
        "html_url": f"{page}/job/{job_id}",
        "status": plan.status,
        "conclusion": plan.conclusion if has_ended else None,
        "created_at": began,
        "started_at": began,
        "completed_at": shapes.timestamp(steps[-1].ended_at if steps else world.started_at)
        if has_ended
        else None,
        "name": plan.name,
        "steps": [
            {
                "name": step.name,
                "status": "completed",
                "conclusion": step.plan.conclusion,
                "number": at,
                "started_at": shapes.timestamp(step.started_at),
                "completed_at": shapes.timestamp(step.ended_at),
            }
            for at, step in enumerate(steps, start=1)
        ],
        "check_run_url": f"{base}/check-runs/{job_id}",
        "labels": ["ubuntu-latest"],
        "runner_id": 12,
        "runner_name": "GitHub Actions 12",
        "runner_group_id": 0,
        "runner_group_name": "GitHub Actions",
    }
