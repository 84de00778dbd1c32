"""What Pulumi Cloud keeps about an update (`UpdateInfo`, service description)."""

from __future__ import annotations

from typing import Any

from upshot_sandbox.engine.events import Engine
from upshot_sandbox.github.state import GitHubState
from upshot_sandbox.scenario import Scenario, UpdatePlan


def environment_of(scenario: Scenario, github: GitHubState, plan: UpdatePlan) -> dict[str, str]:
    """The facts about its surroundings that the CLI sends with an update (shipped client)."""
    owner, name = scenario.github.repository.split("/")
    run = scenario.deploying_run if plan.of_this_run else "19270000001"
    sha = github.head_sha if plan.of_this_run else "0" * 39 + "1"
    found = {
        "exec.kind": "cli",
        "git.head": sha,
        "git.headName": f"refs/heads/{scenario.github.branch}",
        "git.dirty": "false",
        "git.author": "Maria Lopez",
        "git.author.email": "maria@acme.example",
        "vcs.kind": "github.com",
        "vcs.owner": owner,
        "vcs.repo": name,
        "ci.system": "GitHub Actions",
        "ci.build.id": run,
        "ci.build.number": run,
        "ci.build.type": scenario.event.name,
        "ci.build.url": f"https://github.com/{owner}/{name}/actions/runs/{run}",
    }
    if scenario.github.pull_request and plan.of_this_run:
        found |= {"ci.pr.headSHA": sha, "ci.pr.number": str(scenario.github.pull_request)}
    return found


def update_info(
    engine: Engine, started_at: float, environment: dict[str, str], *, latest: int
) -> dict[str, Any]:
    """UpdateInfo. Previews have no version of their own."""
    plan = engine.plan
    running = plan.result == "in-progress"
    start = int(started_at)
    version = latest + 1 if plan.is_preview else plan.version
    info = {
        "kind": plan.kind,
        "startTime": start,
        "endTime": 0 if running else start + engine.duration_s,
        "message": plan.message,
        "environment": environment,
        "config": {name: _config(value) for name, value in plan.config.items()},
        "result": plan.result,
        "version": version,
        "resourceChanges": {} if running else engine.counts(),
        "resourceCount": len(engine.steps),
    }
    return {
        "info": info,
        "updateID": plan.id,
        "version": version,
        "latestVersion": latest,
        "requestedBy": person() | {"email": "maria@acme.example"},
        "requestedByToken": "ci",
        "githubCommitInfo": commit_of(environment, plan.message),
        "policyPacks": [],
    }


def commit_of(environment: dict[str, str], message: str) -> dict[str, Any]:
    """The commit that the CLI was started from."""
    slug, sha = f"{environment['vcs.owner']}/{environment['vcs.repo']}", environment["git.head"]
    return {
        "slug": slug,
        "sha": sha,
        "url": f"https://github.com/{slug}/commit/{sha}",
        "author": person(),
        "committer": person(),
        "message": message,
    }


def _config(value: str) -> dict[str, Any]:
    return {"string": value, "secret": False, "object": False}


def person() -> dict[str, Any]:
    return {"name": "Maria Lopez", "githubLogin": "maria-lopez", "avatarUrl": ""}
