"""Workflow runs, as GitHub's REST API describes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.lenient import as_int, as_list, as_text, look
from upshot.publish.github.client import PAGE, GitHub

_FAILED: Final = frozenset({"failure", "timed_out", "cancelled", "startup_failure"})


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


class RunState(StrEnum):
    FAILED = "failed"
    RUNNING = "running"
    PASSED = "passed"


class NewestRun(Struct, frozen=True):
    id: int
    state: RunState


def find_newest_run(
    github: GitHub, sha: str, *, file: str, name: str, without: str
) -> NewestRun | None:
    """The newest run of a workflow for a commit, of the newest 100 runs; None when there is none.

    `file` is that of the workflow, `name` is compared where GitHub sends no path; the run with the id
    `without` is left out. Source: GitHub's REST description, `GET /repos/{owner}/{repo}/actions/runs`.
    Needs `actions: read`. Raises GitHubError.
    """
    data = github.get(
        "actions/runs", doing="list the commit's workflow runs", head_sha=sha, per_page=PAGE
    )
    found = [
        run
        for run in as_list(look(data, "workflow_runs"))
        if look(run, "head_sha") == sha
        and as_int(look(run, "id"))
        and str(look(run, "id")) != without
        and _is_of(run, file, name)
    ]
    newest = max(found, key=lambda run: run["id"], default=None)
    if newest is None:
        return None
    state = RunState.PASSED
    if look(newest, "status") != "completed":
        state = RunState.RUNNING
    elif look(newest, "conclusion") in _FAILED:
        state = RunState.FAILED
    return NewestRun(newest["id"], state)


def rerun_failed(github: GitHub, run_id: int) -> None:
    """`POST …/actions/runs/{run_id}/rerun-failed-jobs`. Needs `actions: write`. Raises GitHubError."""
    path = f"actions/runs/{run_id}/rerun-failed-jobs"
    github.post(path, {}, doing="run the failed jobs again", scope="actions")


def dispatch_workflow(github: GitHub, file: str, *, ref: str, inputs: Mapping[str, str]) -> None:
    """`POST …/actions/workflows/{file}/dispatches`. Needs `actions: write`. Raises GitHubError."""
    path = f"actions/workflows/{quote(file, safe='')}/dispatches"
    github.post(path, {"ref": ref, "inputs": dict(inputs)}, doing=f"start {file}", scope="actions")


def _is_of(run: Any, file: str, name: str) -> bool:
    path = as_text(look(run, "path")).partition("@")[0]
    if path and file:
        return path.rpartition("/")[2] == file
    return bool(name) and look(run, "name") == name
