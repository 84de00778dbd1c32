"""The commit status: Upshot's verdict where a branch protection rule can ask for it."""

from __future__ import annotations

import re
from typing import Final

from upshot.errors import GitHubError
from upshot.job import Job
from upshot.model import Receipt, ReceiptStatus, Verdict
from upshot.publish.github.client import GitHub
from upshot.publish.interface import Publication, PullRequestContext

_NAME: Final = "status"
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST: Final = 140


def publish(publication: Publication, context: PullRequestContext, job: Job) -> Receipt:
    """The status that `commit-status` names, on the commit that the report is about."""
    name = job.inputs.publish.commit_status
    if not name or context.github is None:
        return Receipt(_NAME, ReceiptStatus.SKIPPED)
    verdict, is_waiting = publication.verdict, publication.is_waiting
    words = f"Pulumi: {verdict.status}" + ("; a Neo task is not done" * is_waiting)
    return post_status(
        context.github,
        publication.run.sha,
        context=name,
        state=commit_state(verdict, is_waiting=is_waiting),
        description="; ".join(f"fail-on {b.rule}: {b.what}" for b in verdict.breaches) or words,
        target_url=publication.run.url,
    )


def commit_state(verdict: Verdict, *, is_waiting: bool = False) -> str:
    """`success`, `failure`, `pending` (a person has to decide) or `error` (unknown)."""
    if verdict.breaches:
        return "failure"
    return "pending" if is_waiting else verdict.status.shown.commit_state


def post_status(
    github: GitHub,
    sha: str,
    *,
    context: str,
    state: str,
    description: str,
    target_url: str = "",
) -> Receipt:
    """Sets the status called `context` of a commit; never raises for GitHub's faults.

    `description` is one line, cut at GitHub's 140 characters; `target_url` is the run's.
    """
    if not _SHA.fullmatch(sha):
        return Receipt(_NAME, ReceiptStatus.SKIPPED, why="the commit is not known")
    body = {"state": state, "context": context, "description": _cut(description)}
    if target_url:
        body["target_url"] = target_url
    try:
        # The same status twice is as good as once, so this may be repeated.
        github.post(
            f"statuses/{sha}",
            body,
            doing="set the commit status",
            scope="statuses",
            is_repeatable=True,
        )
    except GitHubError as error:
        return Receipt(
            _NAME, ReceiptStatus.FAILED, why=error.message, hint=error.hint, anchor=error.anchor
        )
    return Receipt(_NAME, ReceiptStatus.POSTED, action=state)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
