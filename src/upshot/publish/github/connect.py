"""Builds the client for one repository's API, on PyGithub's requester."""

from __future__ import annotations

import math
import os
import tempfile
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from upshot import __version__
from upshot.address import find_own_authority
from upshot.errors import GitHubError
from upshot.event import Addresses
from upshot.publish.github.client import GitHub
from upshot.publish.github.request import Request
from upshot.secret import Secret
from upshot.timing import Deadline

if TYPE_CHECKING:
    from github.Requester import Requester

LONGEST_PAUSE_S: Final = 20
"""For connecting, and for each pause while a reply is read; less when less time is left."""
_HEADERS: Final = {"Accept": "application/vnd.github+json"}
_NOT_FOLLOWED = (202, 300, 301, 302, 303, 305, 307, 308)
"""PyGithub follows 301 with the token, takes other redirects for replies, and repeats a request
without end on 202, which none of our requests is answered with (PyGithub 2.10.0)."""


def connect(
    token: Secret,
    addresses: Addresses,
    *,
    repository: str,
    deadline: Deadline,
    jitter: Callable[[], float],
) -> GitHub:
    """A client for `repository` (`owner/name`); makes no request yet.

    `jitter` gives numbers from 0 to 1. Raises GitHubError when the token is empty.
    """
    from github import Auth
    from github.Requester import Requester
    from urllib3.util.retry import Retry

    if not token:
        raise GitHubError("There is no 'github-token'", anchor="github-token")
    auth = Auth.Token(token.reveal())
    # urllib3's Retry is how requests is made to fail on a status instead of returning it.
    refuse = Retry(
        total=0,
        status_forcelist=_NOT_FOLLOWED,
        allowed_methods=None,
        respect_retry_after_header=False,
    )

    def make_requester(pause_s: int) -> Requester:
        return Requester(
            auth=auth,
            base_url=addresses.api,
            timeout=pause_s,
            user_agent=f"upshot/{__version__}",
            per_page=100,
            verify=_authorities(),
            retry=refuse,
            pool_size=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )

    return GitHub(
        lambda: Connection(make_requester, deadline),
        repository=repository,
        graphql_url=addresses.graphql,
        deadline=deadline,
        jitter=jitter,
    )


class Connection:
    """One requester of PyGithub's, replaced when less time is left than it would wait.

    Safe to use from several threads, which take turns.
    """

    def __init__(self, make_requester: Callable[[int], Requester], deadline: Deadline) -> None:
        """`make_requester` takes the seconds that a requester waits: PyGithub fixes them."""
        self._make_requester = make_requester
        self._deadline = deadline
        self._lock = threading.Lock()
        self._pause_s = self._longest_pause_s()
        self._requester = make_requester(self._pause_s)

    def send(self, request: Request) -> tuple[dict[str, Any], Any]:
        """Headers and data of a reply. Raises GithubException for a refusal, OSError without one."""
        with self._lock:
            pause_s = self._longest_pause_s()
            if pause_s < self._pause_s:
                self._requester.close()
                self._requester = self._make_requester(pause_s)
                self._pause_s = pause_s
            return self._requester.requestJsonAndCheck(
                request.verb,
                request.url,
                parameters=dict(request.parameters or {}),
                headers=dict(_HEADERS),
                input=request.body,
            )

    def close(self) -> None:
        self._requester.close()

    def _longest_pause_s(self) -> int:
        return max(1, min(LONGEST_PAUSE_S, math.ceil(self._deadline.remaining_s())))


@cache
def _authorities() -> str | bool:
    """The public certificate authorities with a company's own one, as a file; True without one.

    requests takes a bundle for all authorities, so both are written into one. A file that cannot be
    read is left to requests, whose error names it.
    """
    own = find_own_authority(os.environ)
    if not own:
        return True
    import certifi

    try:
        bundle = Path(certifi.where()).read_bytes() + b"\n" + Path(own).read_bytes()
        with tempfile.NamedTemporaryFile("wb", suffix=".pem", delete=False) as file:
            file.write(bundle)
    except OSError:
        return own
    return file.name
