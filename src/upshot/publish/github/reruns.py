"""Failed jobs of a workflow run, run again (GitHub's REST description, "Workflow runs")."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from upshot.lenient import as_int, as_list, as_text, look
from upshot.publish.github.client import PAGE, GitHub

_FAILED: Final = frozenset({"failure", "timed_out", "cancelled", "startup_failure"})


class RunState(StrEnum):
    FAILED = "failed"
    RUNNING = "running"
    PASSED = "passed"


class CommitRun(Struct, frozen=True):
    """One run of a workflow for a commit."""

    id: int
    name: str
    """The workflow's: untrusted text."""
    url: str
    state: RunState
    attempt: int = 1


def list_runs(github: GitHub, sha: str, *, without: str) -> tuple[CommitRun, ...]:
    """The newest run of each workflow for a commit, the newest first, of the newest 100 runs.

    The run with the id `without` is left out.
    Raises GitHubError. Needs `actions: read`.
    """
    data = github.get(
        "actions/runs", doing="list the commit's workflow runs", head_sha=sha, per_page=PAGE
    )
    runs = [run for run in as_list(look(data, "workflow_runs")) if look(run, "head_sha") == sha]
    newest: dict[Any, Any] = {}
    for run in sorted(runs, key=_age, reverse=True):
        if str(look(run, "id")) != without:
            newest.setdefault(look(run, "workflow_id"), run)
    found = [
        CommitRun(
            id=number,
            name=as_text(look(run, "name")),
            url=as_text(look(run, "html_url")),
            state=_state(run),
            attempt=as_int(look(run, "run_attempt")) or 1,
        )
        for run in newest.values()
        if (number := as_int(look(run, "id")))
    ]
    return tuple(found)


def rerun_failed_jobs(github: GitHub, run_id: int) -> None:
    """Raises GitHubError. Needs `actions: write`."""
    github.post(
        f"actions/runs/{run_id}/rerun-failed-jobs",
        {},
        doing="run the failed jobs again",
        scope="actions",
    )


def _state(run: Any) -> RunState:
    if look(run, "status") != "completed":
        return RunState.RUNNING
    return RunState.FAILED if look(run, "conclusion") in _FAILED else RunState.PASSED


def _age(run: Any) -> tuple[float, int]:
    try:
        at = datetime.fromisoformat(as_text(look(run, "created_at"))).timestamp()
    except ValueError:
        at = 0.0
    return at, as_int(look(run, "id")) or 0
