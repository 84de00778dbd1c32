"""GitHub's REST objects as the facts of a gate. A shape that is not the documented one is a fault.

Raises GitHubError, never gives a fact that was not sent: what cannot be read must not look like a
fact that says no (threat T57). Source of the fields: GitHub's REST description.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from upshot.errors import GitHubError
from upshot.gate.facts import (
    Account,
    CoAuthor,
    Comment,
    Commit,
    EnvironmentApproval,
    PullRequest,
    Review,
)
from upshot.lenient import as_int, as_list, as_text, look

_TRAILER: Final = re.compile(
    r"^[ \t]{0,20}co-authored-by:[^<>\r\n]{0,500}<([^<>\s]{1,254})>", re.IGNORECASE | re.MULTILINE
)
_LONGEST_MESSAGE: Final = 100_000
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def parse_account(found: Any) -> Account | None:
    """A `simple-user`; None for the null that GitHub sends for a deleted account."""
    if found is None:
        return None
    number, login, kind = (look(found, name) for name in ("id", "login", "type"))
    if as_int(number) is None or not as_text(login) or not as_text(kind):
        raise _unreadable("account")
    return Account(number, login, kind)


def parse_pull(found: Any) -> PullRequest:
    """A `pull-request`."""
    repository, number = as_int(look(found, "base", "repo", "id")), as_int(look(found, "number"))
    head, base = parse_sha(look(found, "head", "sha")), as_text(look(found, "base", "ref"))
    state, locked = look(found, "state"), look(found, "locked")
    if not (repository and number and base) or state not in ("open", "closed"):
        raise _unreadable("pull request")
    if not isinstance(locked, bool):
        raise _unreadable("pull request")
    merged = bool(look(found, "merged") or look(found, "merged_at"))
    return PullRequest(
        repository=repository,
        number=number,
        author=parse_account(look(found, "user")),
        created_at=parse_time(look(found, "created_at")),
        head_sha=head,
        base_ref=base,
        is_open=state == "open",
        is_merged=merged,
        is_locked=locked,
        merge_sha=parse_sha(look(found, "merge_commit_sha")) if merged else "",
        merged_by=parse_account(look(found, "merged_by")),
    )


def parse_commit(found: Any) -> Commit:
    """A `commit`, its co-authors as its message names them."""
    message = look(found, "commit", "message")
    if not isinstance(message, str):
        raise _unreadable("commit")
    accounts = (parse_account(look(found, part) or None) for part in ("author", "committer"))
    emails = _TRAILER.findall(message[:_LONGEST_MESSAGE])
    return Commit(
        sha=parse_sha(look(found, "sha")),
        tree=parse_sha(look(found, "commit", "tree", "sha")),
        authors=tuple(account for account in accounts if account),
        co_authors=tuple(CoAuthor(email) for email in dict.fromkeys(emails)),
    )


def parse_comment(found: Any) -> Comment:
    """An `issue-comment`."""
    app = look(found, "performed_via_github_app")
    return Comment(
        id=parse_id(found),
        author=parse_account(look(found, "user")),
        app="" if app is None else as_text(look(app, "slug")) or "app",
        body=_body(found),
        created_at=parse_time(look(found, "created_at")),
        updated_at=parse_time(look(found, "updated_at")),
    )


def parse_review(found: Any) -> Review:
    """A `pull-request-review`; one that is pending has no time."""
    state, submitted = look(found, "state"), look(found, "submitted_at")
    if not as_text(state):
        raise _unreadable("review")
    return Review(
        id=parse_id(found),
        author=parse_account(look(found, "user")),
        state=state,
        commit=as_text(look(found, "commit_id")),
        body=_body(found),
        submitted_at=None if submitted is None else parse_time(submitted),
    )


def parse_environment_approval(found: Any) -> EnvironmentApproval:
    """An `environment-approvals`."""
    names = [as_text(look(one, "name")) for one in as_list(look(found, "environments"))]
    state = as_text(look(found, "state"))
    if not state or not isinstance(look(found, "environments"), list):
        raise _unreadable("approval of an environment")
    return EnvironmentApproval(
        user=parse_account(look(found, "user")),
        state=state,
        environments=tuple(names),
        comment=as_text(look(found, "comment")),
    )


def parse_time(found: Any) -> float:
    """Seconds since the Unix epoch, of RFC 3339."""
    try:
        at = datetime.fromisoformat(found)
        if at.tzinfo is not None:
            return at.timestamp()
    except (TypeError, ValueError, OverflowError):
        pass
    raise _unreadable("time")


def parse_sha(found: Any) -> str:
    if isinstance(found, str) and _SHA.fullmatch(found):
        return found
    raise _unreadable("commit's id")


def parse_id(found: Any) -> int:
    number = as_int(look(found, "id"))
    if not number or number < 1:
        raise _unreadable("id")
    return number


def _body(found: Any) -> str:
    body = look(found, "body")
    if body is not None and not isinstance(body, str):
        raise _unreadable("text")
    return body or ""


def _unreadable(what: str) -> GitHubError:
    return GitHubError(
        f"GitHub's answer does not have the documented form ({what})",
        hint="Run it again. If every run says this, please report it with the log of this step.",
        anchor="something-else",
    )
