"""GitHub's Actions API as a service of the transport, and the store that keeps the logs.

Sources: GitHub's REST description (`actions/list-jobs-for-workflow-run-attempt`,
`actions/download-job-logs-for-workflow-run`) and its documentation of permissions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from upshot.errors import ServiceAuthError, ServiceForbidden, ServiceNotFound
from upshot.http.service import Refusal, Service
from upshot.lenient import as_text

_PERMISSIONS: Final = """\
The workflow's author must act: give the job's token the permission:

permissions:
  actions: read
  contents: read
  pull-requests: write"""
_WAIT: Final = "No action needed: GitHub limits how often it may be asked, the next run asks again."
_API_REFUSALS: Final = {
    401: Refusal(
        ServiceAuthError,
        "GitHub refused the token",
        "The workflow's author must act: leave 'github-token' out to use the job's own token, or "
        "store a valid one.",
    ),
    403: Refusal(
        ServiceForbidden, "GitHub says that this token may not read the run's jobs", _PERMISSIONS
    ),
    404: Refusal(
        ServiceNotFound,
        "GitHub does not know the run or has no log of the job",
        "The workflow's author must act if every run says this: check 'github-token', and that it "
        "may read the repository.",
    ),
    410: Refusal(
        ServiceNotFound,
        "The log is deleted or has expired",
        "No action needed for later runs: GitHub keeps logs as long as the repository's settings "
        "say (Settings > Actions > General).",
    ),
}
_STORE_REFUSALS: Final = {
    403: Refusal(
        ServiceForbidden,
        "GitHub's log store refused the address that GitHub gave",
        "No action needed: such an address is good for a minute, the next run asks for a new one.",
    ),
    404: Refusal(
        ServiceNotFound,
        "GitHub's log store has no such log",
        "No action needed: a log may come late, the next run asks again.",
    ),
}


def github_actions() -> Service:
    """GitHub's REST API, for the jobs of a run and the addresses of their logs."""
    return Service(
        name="GitHub",
        address_input="GITHUB_API_URL",
        token_input="github-token",  # noqa: S106 - the name of an input
        accept="application/vnd.github+json",
        request_id_header="x-github-request-id",
        refusals=_API_REFUSALS,
        status_page="https://www.githubstatus.com",
        anchor="job-logs",
        find_hint=_find_limit_hint,
    )


def log_store() -> Service:
    """Where GitHub redirects to for a log: another host, which gets no token.

    The address is signed, so it is a right in itself (threat T34): no message shows it.
    """
    return Service(
        name="GitHub's log store",
        address_input="GITHUB_API_URL",
        token_input="github-token",  # noqa: S106 - the name of an input
        accept="*/*",
        refusals=_STORE_REFUSALS,
        status_page="https://www.githubstatus.com",
        anchor="job-logs",
        is_path_secret=True,
    )


def _find_limit_hint(body: Mapping[str, Any]) -> str:
    """GitHub answers 403 also where a rate limit is used up; only the message says so."""
    return _WAIT if "rate limit" in as_text(body.get("message")).lower() else ""
