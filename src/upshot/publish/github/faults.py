"""What a failed request to GitHub means, who must act, and what to paste. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from upshot.errors import GitHubError
from upshot.lenient import as_list, as_text, look
from upshot.publish.github.request import Attempt, Request
from upshot.publish.github.retry import is_rate_limited, is_unclear

_PERMISSIONS: Final = """\
Give the job's token the permission:

permissions:
  contents: read
  {scope}: write"""

_FORK: Final = """\
The pull request comes from a fork, so the job's token may only read. The report is in the job \
summary; to have it as a comment, add a second workflow on `workflow_run` (docs/forks.md)."""

UNSAID: Final = "no reason given"
"""The message of an attempt that failed without a word of GitHub's."""
_LONGEST_MESSAGE = 200


class Fault(StrEnum):
    """Why there is no answer that can be read: the `message` of an Attempt with status 0."""

    REDIRECT = "redirect"
    CERTIFICATE = "certificate"
    SLOW = "slow"
    UNREADABLE = "unreadable"
    OTHER = "other"


class InDoubt(GitHubError):
    """A write that must not be repeated blindly: GitHub may have executed it. Read first."""


class Outdated(Exception):
    """A write failed, and its text is by now too old to be sent again. Read first."""

    def __init__(self, error: GitHubError) -> None:
        super().__init__(error.message)
        self.error = error


def build_error(request: Request, attempt: Attempt) -> GitHubError:
    """The error for a request that failed for good; InDoubt where GitHub may have executed it."""
    doing, scope = request.doing, request.scope
    error = _refusal(attempt, doing, scope) if attempt.status else _no_answer(attempt, doing)
    if not request.is_repeatable and is_unclear(attempt):
        return InDoubt(error.message, status=error.status, hint=error.hint, anchor=error.anchor)
    return error


def read_message(data: Any) -> str:
    """GitHub's reason: `message`, and the first of `errors` for a 422."""
    first = next(iter(as_list(look(data, "errors"))), None)
    detail = look(first, "message") if isinstance(first, dict) else first
    return ": ".join(filter(None, (as_text(look(data, "message")), as_text(detail))))


def is_read_only(error: GitHubError) -> bool:
    """Whether the token may read, and not write."""
    return error.anchor == "resource-not-accessible"


def for_fork(error: GitHubError) -> GitHubError:
    """The same error, with what to do about a fork's read-only token."""
    return GitHubError(error.message, status=error.status, hint=_FORK, anchor=error.anchor)


def _no_answer(attempt: Attempt, doing: str) -> GitHubError:
    found, hint = _FAULTS.get(attempt.message, ("GitHub did not answer", _UNREACHABLE))
    return GitHubError(f"{found}: could not {doing}", hint=hint)


def _refusal(attempt: Attempt, doing: str, scope: str) -> GitHubError:
    """One line of GitHub's own text is quoted."""
    status = attempt.status
    said = "" if attempt.message == UNSAID else attempt.message
    quoted = f' ("{_one_line(said)}")' if said else ""
    words = f"GitHub refused to {doing}: {status}{quoted}"
    if is_rate_limited(attempt):
        until = _reset_time(attempt.headers)
        return GitHubError(
            f"GitHub's rate limit is used up: could not {doing}{until}",
            status=status,
            hint="Wait, or use fewer comments: one job with mode 'collect' instead of one per "
            "stack.",
            anchor="github-rate-limit",
        )
    if status == 401:  # noqa: PLR2004
        return GitHubError(
            words,
            status=status,
            hint="'github-token' is wrong or has expired; leave it out to use the job's own token.",
            anchor="github-token",
        )
    if status == 403 and "locked" in attempt.message.lower():  # noqa: PLR2004
        return GitHubError(
            words,
            status=status,
            hint="The conversation is locked. Unlock it on GitHub, or set 'comment-mode: off'.",
            anchor="locked-conversation",
        )
    if status == 403:  # noqa: PLR2004
        return GitHubError(
            words,
            status=status,
            hint=_PERMISSIONS.format(scope=scope),
            anchor="resource-not-accessible",
        )
    if status >= 500:  # noqa: PLR2004
        found = f"GitHub could not {doing}: it answered with an error of its own, HTTP {status}"
        return GitHubError(found, status=status, hint=_UNREACHABLE)
    return GitHubError(words, status=status, hint=_OTHER.get(status, ""))


_AGAIN: Final = "No action needed: run the job again if the comment matters. "
_UNREACHABLE: Final = (
    f"{_AGAIN}If every run says this, the workflow's author must act: check githubstatus.com, "
    "GITHUB_API_URL, and the proxy of the runner."
)
_AUTHOR: Final = "The workflow's author must act:"
_FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    Fault.REDIRECT: (
        "GitHub's address answers with a redirect, which is not followed with a token",
        f"{_AUTHOR} check GITHUB_API_URL; it must name the API itself.",
    ),
    Fault.CERTIFICATE: (
        "The certificate of GitHub's address is not trusted",
        f"{_AUTHOR} set SSL_CERT_FILE to the certificate authority that the server uses.",
    ),
    Fault.SLOW: ("GitHub did not answer in time", _UNREACHABLE),
    Fault.UNREADABLE: (
        "GitHub's answer cannot be read: it is cut off, broken, or larger than 32 MiB",
        _UNREACHABLE,
    ),
}
"""What a fault without an answer means, and who acts."""

_OTHER: Final = {
    404: "This token finds no such thing: check 'pr-number', 'github-token' and, if you gave a "
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
