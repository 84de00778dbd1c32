"""How one request to GitHub ended, and what its failure means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from upshot.errors import GitHubError
from upshot.lenient import as_list, as_text, look
from upshot.publish.github.faults import InDoubt, build_error, build_no_answer


class Attempt(NamedTuple):
    """How one request ended. `status` is 0 when there was no answer that can be read."""

    status: int
    headers: Mapping[str, str]
    data: Any
    message: str = ""
    """GitHub's own text, or the kind of fault; empty when all went well."""


def attempt_error(attempt: Attempt, doing: str, *, scope: str, is_repeatable: bool) -> GitHubError:
    """The error for an attempt that failed for good; `scope` is the permission that it needs."""
    if attempt.status == 0:
        error = build_no_answer(doing, attempt.message)
    else:
        error = build_error(
            doing,
            attempt.status,
            message=attempt.message,
            headers=attempt.headers,
            scope=scope or "pull-requests",
        )
    if not is_repeatable and (attempt.status == 0 or attempt.status >= 500):  # noqa: PLR2004
        return InDoubt(error.message, status=error.status, hint=error.hint, anchor=error.anchor)
    return error


def read_message(data: Any) -> str:
    """GitHub's reason: `message`, and the first of `errors` for a 422."""
    first = next(iter(as_list(look(data, "errors"))), None)
    detail = look(first, "message") if isinstance(first, dict) else first
    return ": ".join(filter(None, (as_text(look(data, "message")), as_text(detail))))
