"""Finds the pull request that a report goes to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.event import Event
from upshot.event.payload import find_sha
from upshot.lenient import look
from upshot.model import PullRequest
from upshot.publish.github.client import GitHub

_WITHOUT = frozenset({"schedule", "merge_group", "repository_dispatch"})
"""Events that name their pull request or have none."""


def find_pull_request(github: GitHub, event: Event) -> PullRequest | None:
    """The pull request that an event is about; None is a normal answer. Raises GitHubError.

    No request is made when the payload has number, head and fork. A number that may come from an
    artifact counts only when the pull request's head is the event's (threat T36).
    """
    if event.number is not None:
        if event.head_sha and event.is_fork is not None and not event.is_head_pinned:
            return PullRequest(event.number, head_sha=event.head_sha, is_fork=event.is_fork)
        found = get_pull_request(github, event.number)
        if event.is_head_pinned and not (found.is_open and found.head_sha == event.head_sha):
            return None
        return found
    if event.name in _WITHOUT or not event.head_sha:
        return None
    return _find_by_commit(github, event) or _find_by_branch(github, event)


def get_pull_request(github: GitHub, number: int) -> PullRequest:
    """The pull request with this number. Raises GitHubError, with status 404 when there is none."""
    data = github.get(f"pulls/{number}", doing=f"read pull request {number}")
    return parse_pull_request(data)


def parse_pull_request(data: Any) -> PullRequest:
    """One pull request of GitHub's REST API. Raises GitHubError for anything else."""
    number = look(data, "number")
    if not isinstance(number, int) or number < 1:
        raise GitHubError("GitHub's answer is not a pull request")
    head = look(data, "head", "repo", "full_name")
    base = look(data, "base", "repo", "full_name")
    return PullRequest(
        number,
        head_sha=find_sha(data, "head", "sha"),
        # A deleted fork leaves `head.repo` null.
        is_fork=not head or str(head).lower() != str(base).lower(),
        is_open=look(data, "state") == "open",
        is_locked=look(data, "locked") is True,
    )


def _find_by_commit(github: GitHub, event: Event) -> PullRequest | None:
    """An open pull request with this head; else the one whose merge made this commit."""
    try:
        found, _ = github.get_page(
            f"commits/{quote(event.head_sha)}/pulls", 1, doing="find the commit's pull request"
        )
    except GitHubError as error:
        if error.status in {404, 409, 422}:  # no such commit here: it is a fork's
            return None
        raise
    for pull in found:
        if look(pull, "state") == "open" and look(pull, "head", "sha") == event.head_sha:
            return parse_pull_request(pull)
    for pull in found:
        commits = (look(pull, "merge_commit_sha"), look(pull, "head", "sha"))
        if look(pull, "merged_at") and event.head_sha in commits:
            return parse_pull_request(pull)
    return None


def _find_by_branch(github: GitHub, event: Event) -> PullRequest | None:
    """For forks: GitHub lists no pull requests for a commit of another repository."""
    owner = event.head_repository.partition("/")[0]
    if not (owner and event.head_branch):
        return None
    found, _ = github.get_page(
        "pulls",
        1,
        doing="find the branch's pull request",
        state="open",
        head=f"{owner}:{event.head_branch}",
    )
    for pull in found:
        if look(pull, "state") == "open" and look(pull, "head", "sha") == event.head_sha:
            return parse_pull_request(pull)
    return None
