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


class CommitRun(Struct, frozen=True):
    """One run of a workflow for a commit."""

    id: int
    name: str
    """The workflow's: untrusted text."""
    file: str
    """Name of the workflow's file; empty where GitHub sends no path."""
    url: str
    state: RunState
    attempt: int = 1

    def is_of(self, *, file: str, name: str) -> bool:
        """Whether it is of this workflow; `name` is compared where no file is known."""
        if self.file and file:
            return self.file == file
        return bool(name) and self.name == name


def list_runs(github: GitHub, sha: str, *, without: str) -> tuple[CommitRun, ...]:
    """The newest run of each workflow for a commit, the newest first, of the newest 100 runs.

    The run with the id `without` is left out. Source: GitHub's REST description, `GET
    /repos/{owner}/{repo}/actions/runs`. Needs `actions: read`. Raises GitHubError.
    """
    data = github.get(
        "actions/runs", doing="list the commit's workflow runs", head_sha=sha, per_page=PAGE
    )
    runs = [run for run in as_list(look(data, "workflow_runs")) if look(run, "head_sha") == sha]
    newest: dict[Any, CommitRun] = {}
    for run in sorted(runs, key=_age, reverse=True):
        number = as_int(look(run, "id"))
        if number and str(number) != without:
            found = _read_run(run, number)
            newest.setdefault(look(run, "workflow_id") or (found.file, found.name), found)
    return tuple(newest.values())


def rerun_failed_jobs(github: GitHub, run_id: int) -> None:
    """`POST …/actions/runs/{run_id}/rerun-failed-jobs`. Needs `actions: write`. Raises GitHubError."""
    path = f"actions/runs/{run_id}/rerun-failed-jobs"
    github.post(path, {}, doing="run the failed jobs again", scope="actions")


def dispatch_workflow(github: GitHub, file: str, *, ref: str, inputs: Mapping[str, str]) -> None:
    """`POST …/actions/workflows/{file}/dispatches`. Needs `actions: write`. Raises GitHubError."""
    path = f"actions/workflows/{quote(file, safe='')}/dispatches"
    github.post(path, {"ref": ref, "inputs": dict(inputs)}, doing=f"start {file}", scope="actions")


def _read_run(run: Any, number: int) -> CommitRun:
    state = RunState.PASSED
    if look(run, "status") != "completed":
        state = RunState.RUNNING
    elif look(run, "conclusion") in _FAILED:
        state = RunState.FAILED
    return CommitRun(
        id=number,
        name=as_text(look(run, "name")),
        file=as_text(look(run, "path")).partition("@")[0].rpartition("/")[2],
        url=as_text(look(run, "html_url")),
        state=state,
        attempt=as_int(look(run, "run_attempt")) or 1,
    )


def _age(run: Any) -> tuple[float, int]:
    try:
        at = datetime.fromisoformat(as_text(look(run, "created_at"))).timestamp()
    except ValueError:
        at = 0.0
    return at, as_int(look(run, "id")) or 0
