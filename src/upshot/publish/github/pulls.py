"""Finds the pull request that a report goes to, and checks what a person may do."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.event import Event
from upshot.event.payload import find_sha
from upshot.lenient import as_text, look
from upshot.model import PullRequest
from upshot.publish.github.client import GitHub

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
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


def has_role(github: GitHub, login: str, role: str, *, account_id: int | None = None) -> bool:
    """Whether a person has `role` (`write` or `admin`) now. Raises GitHubError without an answer.

    This API gives `maintain` as write and `triage` as read. `author_association` is not used: it
    gives private members as strangers (GitHub's documentation). `account_id`: the login must still
    belong to this account (threat T52).
    """
    if not _LOGIN.fullmatch(login):
        return False
    path = f"collaborators/{quote(login, safe='')}/permission"
    try:
        data = github.get_once(path, doing=f"read the permission of {login}")
    except GitHubError as error:
        if error.status == 404:  # noqa: PLR2004 - not a user, or not a collaborator
            return False
        raise
    owner = look(data, "user", "id")
    if account_id is not None and owner is not None and owner != account_id:
        return False
    return as_text(look(data, "permission")) in {"admin", role}


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
