"""Whether a run is about a fork's commit, for modes that use a right that a stranger must not get."""

from __future__ import annotations

from typing import Final

from upshot.job import Job
from upshot.modes.shared.lookup import PullRequestLookup

_OF_OTHER_RUNS: Final = frozenset({"workflow_run", "check_run", "check_suite"})
"""Events that a fork's run may have caused; without a head's repository nothing is known of it."""


def why_foreign(job: Job, lookup: PullRequestLookup) -> str:
    """Why nothing runs here, or nothing: a fork's head, or one of which that is not known."""
    event, mode = job.event, job.inputs.mode
    refused = f"Mode '{mode}' does nothing for a fork's commit"
    if event.is_fork is not None:
        return refused if event.is_fork else ""
    context = lookup.result()
    pull = context.pull_request
    if pull is not None:
        is_head = pull.is_open or event.number is not None
        return refused if pull.is_fork and is_head else ""
    if context.github is None or context.fault is not None or event.name in _OF_OTHER_RUNS:
        return (
            f"Mode '{mode}' does nothing here: whether the commit is a fork's cannot be read from "
            "GitHub"
        )
    return ""
