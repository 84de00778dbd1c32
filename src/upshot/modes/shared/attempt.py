"""When this attempt of the workflow run began."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from upshot.errors import GitHubError
from upshot.job import Job

if TYPE_CHECKING:
    from upshot.modes.shared.lookup import PullRequestLookup


def find_attempt_start(job: Job, lookup: PullRequestLookup) -> float | None:
    """Seconds since the Unix epoch; None for the first attempt, whose updates are all its own.

    GitHub says when an attempt began (`actions: read`). Without that permission the job's own start
    stands for it: the runner writes the event's file when a job begins.
    """
    run = job.event.run
    if run.run_attempt in {"", "1"}:
        return None
    source = job.event.source_run
    if source and source.run_id == run.run_id:
        return source.started_at
    from upshot.publish.github.runs import get_attempt_start

    github = lookup.result().github
    if github is not None:
        try:
            return get_attempt_start(github, run.run_id, run.run_attempt)
        except GitHubError:
            pass
    try:
        return os.stat(job.env.get("GITHUB_EVENT_PATH", "")).st_mtime  # noqa: PTH116 - pathlib costs 3 ms
    except OSError:
        return job.started_at
