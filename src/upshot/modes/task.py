"""Mode `task`: a Neo task is created or continued, followed, and its result published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upshot.job import Job
from upshot.model import BackendName, Purpose
from upshot.modes.explain import explain
from upshot.modes.shared.lookup import PullRequestLookup

if TYPE_CHECKING:  # loaded when there is something to publish
    from upshot.result.run_result import RunResult


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    return explain(job, lookup, choice=BackendName.NEO, purpose=Purpose.TASK)
