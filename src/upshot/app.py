"""The order of one run: who may start it, then what the mode does. Nothing is caught here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upshot.errors import GitHubError
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.shared.lookup import PullRequestLookup, may_trigger
from upshot.registry import load

if TYPE_CHECKING:  # loaded when there is something to publish
    from upshot.result.run_result import RunResult


def run(job: Job) -> RunResult:
    """Does what `mode` says. Raises UpshotError, Interrupted, and bugs: `__main__` explains them.

    The look-up on GitHub runs in the background. A mode that fails closed, and a run that a
    comment started, wait for it first.
    """
    lookup = PullRequestLookup(job)
    is_open_to_all = job.event.is_comment_triggered and not job.mode.checks_access
    if is_open_to_all and not may_trigger(lookup.result(), job):
        return refuse(job)
    if job.mode.fails_closed:
        require_github(lookup)
    result: RunResult = load(job.mode.run)(job, lookup)
    return result


def refuse(job: Job) -> RunResult:
    """A person without the needed access may neither spend nor post anything (threat T25)."""
    from upshot.result.run_result import RunResult

    job.warnings.remark(
        f"Upshot asked no AI and posted nothing: the comment that started this run is by a person "
        f"without {job.mode.role} access to this repository, or GitHub did not answer.",
        anchor="not-allowed",
    )
    return RunResult(
        reason_code=ReasonCode.NOT_ALLOWED,
        run=job.event.run,
        exit_code=job.failure_code,
        own_outputs=dict(job.mode.failure_outputs),
        duration_s=job.duration_s,
    )


def require_github(lookup: PullRequestLookup) -> None:
    """Raises GitHubError when GitHub cannot be read: a decision must not rest on a guess."""
    context = lookup.result()
    if context.fault:
        raise context.fault
    if context.github is None:
        raise GitHubError(
            "There is no GitHub token, or 'dry-run' is on",
            hint="In the workflow, leave 'github-token' out to use the job's own token.",
            anchor="github-token",
        )
