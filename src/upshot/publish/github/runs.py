"""Workflow runs, as GitHub's REST API describes them."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.publish.github.client import GitHub


def get_attempt_start(github: GitHub, run_id: str, attempt: str) -> float:
    """When an attempt of a run began, in seconds since the Unix epoch. Raises GitHubError.

    Source: GitHub's REST description, `GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/
    {attempt_number}` with `run_started_at`; needs `actions: read`.
    """
    path = f"actions/runs/{quote(run_id, safe='')}/attempts/{quote(attempt, safe='')}"
    data = github.get(path, doing="read when this attempt of the run began")
    started = data.get("run_started_at") if isinstance(data, dict) else None
    try:
        return datetime.fromisoformat(str(started)).timestamp()
    except ValueError:
        raise GitHubError("GitHub did not say when this attempt of the run began") from None
