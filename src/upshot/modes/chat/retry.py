"""`/upshot retry`: the failed jobs of the newest run for the head commit run again."""

from __future__ import annotations

from upshot.errors import GitHubError
from upshot.model import ReasonCode
from upshot.modes.chat.chat import Answer, Chat, failed
from upshot.publish.github.faults import is_read_only
from upshot.publish.github.runs import RunState, list_runs, rerun_failed_jobs
from upshot.report.chat.page import Link, Plain, Words
from upshot.runner.warnings import format_message


def answer(chat: Chat) -> Answer:
    """A token without `actions: write` is a fault of the workflow: exit code 1."""
    sha = chat.pull.head_sha
    try:
        runs = list_runs(chat.github, sha, without=chat.run.run_id)
        run = next((run for run in runs if run.state is RunState.FAILED), None)
        if run is None:
            return failed(_why_none(runs, sha))
        if chat.job.inputs.run.dry_run:
            return failed(Words("`dry-run` is on: nothing was run again."))
        rerun_failed_jobs(chat.github, run.id)
    except GitHubError as error:
        return _refused(chat, error)
    link = Link(run.name or "The run", run.url)
    return Answer(
        blocks=(Words("The failed jobs of {} run again (attempt {}).", (link, run.attempt + 1)),)
    )


def _why_none(runs: object, sha: str) -> Words:
    if not runs:
        return Words("No workflow ran for {} yet.", (sha[:7],))
    return Words("No finished run for {} has a failed job.", (sha[:7],))


def _refused(chat: Chat, error: GitHubError) -> Answer:
    job = chat.job
    if not is_read_only(error):
        job.warnings.degraded_by(ReasonCode.GITHUB_UNAVAILABLE, "No job was run again", error)
        return failed(
            Words("GitHub did not run the jobs again: {}", (Plain(error.message),)),
            reason=ReasonCode.GITHUB_UNAVAILABLE,
        )
    hint = "The workflow's author must act: give the job `permissions: actions: write`."
    job.log.error(format_message(error.message, hint, anchor="chat-retry"), title="Upshot")
    return failed(
        Words("The workflow may not run jobs again. It needs {}.", ("actions: write",)), exit_code=1
    )
