"""What GitHub's refusals mean, who must act, and what to paste. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from upshot.errors import GitHubError
from upshot.publish.github.retry import is_rate_limited

_PERMISSIONS: Final = """\
Give the job's token the permission:

permissions:
  contents: read
  {scope}: write"""

_FORK: Final = """\
The pull request comes from a fork, so the job's token may only read. The report is in the job \
summary; to have it as a comment, add a second workflow on `workflow_run` (docs/forks.md)."""

_LONGEST_MESSAGE = 200


class InDoubt(GitHubError):
    """A create without a clear answer: it may have been done. Look before it is repeated."""


class Outdated(Exception):
    """A write failed, and before it could be repeated what it says would have grown old."""

    def __init__(self, error: GitHubError) -> None:
        super().__init__(error.message)
        self.error = error


def build_error(
    doing: str,
    status: int,
    *,
    message: str,
    headers: Mapping[str, str],
    scope: str = "pull-requests",
) -> GitHubError:
    """The error for a refused request. `doing` completes "GitHub refused to …".

    `message` is GitHub's own text; one line of it is quoted. `scope` is the permission to paste.
    """
    said = f' ("{_one_line(message)}")' if message else ""
    told = f"GitHub refused to {doing}: {status}{said}"
    if is_rate_limited(status, headers, message):
        until = _reset_time(headers)
        return GitHubError(
            f"GitHub's rate limit is used up: could not {doing}{until}",
            status=status,
            hint="Wait, or use fewer comments: one job with mode 'collect' instead of one per "
            "stack.",
            anchor="github-rate-limit",
        )
    if status == 401:  # noqa: PLR2004
        return GitHubError(
            told,
            status=status,
            hint="'github-token' is wrong or has expired; leave it out to use the job's own token.",
            anchor="github-token",
        )
    if status == 403 and "locked" in message.lower():  # noqa: PLR2004
        return GitHubError(
            told,
            status=status,
            hint="The conversation is locked; whoever locked it must act.",
            anchor="locked-conversation",
        )
    if status == 403:  # noqa: PLR2004
        return GitHubError(
            told,
            status=status,
            hint=_PERMISSIONS.format(scope=scope),
            anchor="resource-not-accessible",
        )
    return GitHubError(told, status=status, hint=_OTHER.get(status, ""))


def build_no_answer(doing: str, kind: str) -> GitHubError:
    """The error for a request without an answer; `kind` is the name of the fault, not its text."""
    return GitHubError(f"GitHub did not answer: could not {doing} ({kind})")


def is_read_only(error: GitHubError) -> bool:
    """Whether the token may read, and not write."""
    return error.anchor == "resource-not-accessible"


def for_fork(error: GitHubError) -> GitHubError:
    """The same error, with what to do about a fork's read-only token."""
    return GitHubError(error.message, status=error.status, hint=_FORK, anchor=error.anchor)


_OTHER: Final = {
    404: "There is no such thing for this token: check 'pr-number', 'github-token' and, with a "
    "token of your own, that it may read the repository.",
    410: "The comment or its pull request is gone.",
    422: "GitHub did not accept the content; please report it.",
}


def _one_line(text: str) -> str:
    return " ".join(text[: 4 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]


def _reset_time(headers: Mapping[str, str]) -> str:
    reset = headers.get("x-ratelimit-reset", "")
    if not reset.isdecimal():
        return ""
    return time.strftime(" before %H:%M:%S UTC", time.gmtime(int(reset[:10])))
