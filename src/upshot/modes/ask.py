"""Mode `ask`: one free question about the subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upshot.backends.choose import AUTO
from upshot.job import Job
from upshot.model import BackendName
from upshot.modes.explain import explain
from upshot.modes.shared.lookup import PullRequestLookup

if TYPE_CHECKING:  # loaded when there is something to publish
    from upshot.result.run_result import RunResult


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """A question that no AI can answer is reported, not passed over: `auto` means Copilot here."""
    choice = job.inputs.ask.backend
    return explain(job, lookup, choice=BackendName.COPILOT if choice == AUTO else choice)
