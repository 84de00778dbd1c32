"""The log of a finished job, as a stream: one redirect, followed without the token.

GitHub answers with the address of a log store on another host, signed and good for a minute (REST
description, `actions/download-job-logs-for-workflow-run`). What the address may be is checked as
strictly as an address from an input, though no token goes there (threats T31, T32, T34).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final
from urllib.parse import urljoin, urlsplit

from upshot.actions.jobs import RunJob
from upshot.address import build_path, is_loopback, parse_service_url
from upshot.errors import (
    ServiceBadReply,
    ServiceConnectionLost,
    ServiceError,
    ServiceForbidden,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.http.calls import Call
from upshot.http.client import ServiceClient
from upshot.http.faults import build_bad_reply

LARGEST_LOG_BYTES: Final = 512 * 1024 * 1024
"""More is not read; a log of Pulumi's has seldom more than a few MiB."""
_TRIES: Final = 4
_FIRST_WAIT_S: Final = 1.0
_FRESH_S: Final = 120.0
"""The log of a job that ended so recently may still be on its way to the store."""
_NOT_FOUND: Final = 404
_PASSING: Final = (
    ServiceForbidden,
    ServiceUnavailable,
    ServiceUnreachable,
    ServiceConnectionLost,
)
"""Of the store: the address has expired, or it has a fault of its own. A new address may help."""
_LONGEST_ADDRESS: Final = 8_192

OpenStore = Callable[[str], ServiceClient]
"""Makes the client of a log store, without a token, from `scheme://host[:port]`."""


class JobLog:
    """The bytes of a log, in pieces; after the last one `error` and `is_cut` say what is missing."""

    def __init__(self, chunks: Iterator[bytes], *, most_bytes: int = LARGEST_LOG_BYTES) -> None:
        self._chunks = chunks
        self._left = most_bytes
        self.error: ServiceError | None = None
        """Why the rest could not be read."""
        self.is_cut = False
        """It is larger than what is read of a log."""

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._chunks:
                self._left -= len(chunk)
                if self._left < 0:
                    self.is_cut = True
                    return
                yield chunk
        except ServiceError as error:
            self.error = error


class JobLogs:
    """Reads logs of jobs of one repository."""

    def __init__(
        self, api: ServiceClient, root: str, repository: str, *, open_store: OpenStore
    ) -> None:
        """`root` is the path of the API on its host: empty, or `/api/v3`."""
        self._api = api
        self._root = root
        self._repository = repository
        self._open_store = open_store

    @contextmanager
    def open(self, job: RunJob, *, within_s: float) -> Iterator[JobLog]:
        """The log from its first byte on, for at most `within_s` seconds.

        Raises ServiceError when there is none to be had. A log that comes late, an address that has
        expired and a fault of the store are waited for, 7 seconds in all.
        """
        with ExitStack() as stack:
            yield JobLog(self._open(job, within_s, stack))

    def _open(self, job: RunJob, within_s: float, stack: ExitStack) -> Iterator[bytes]:
        wait_s, tries = _FIRST_WAIT_S, 1
        while True:
            address = ""
            try:
                address = self._find_address(job)
                return self._follow(address, within_s, stack)
            except ServiceError as error:
                may_help = self._is_late(job, error) or (address and isinstance(error, _PASSING))
                if not may_help or tries == _TRIES or wait_s >= self._api.deadline.remaining_s():
                    raise
            self._api.clock.sleep(wait_s)
            wait_s, tries = wait_s * 2, tries + 1

    def _is_late(self, job: RunJob, error: ServiceError) -> bool:
        is_fresh = job.ended_at is None or self._api.clock.now() - job.ended_at < _FRESH_S
        return error.status == _NOT_FOUND and is_fresh

    def _find_address(self, job: RunJob) -> str:
        owner, _, name = self._repository.partition("/")
        path = build_path("/repos/{}/{}/actions/jobs/{}/logs", owner, name, str(job.id))
        reply = self._api.send(Call(path=self._root + path, takes_redirect=True))
        address = reply.headers.get("location", "")
        if not address:
            raise build_bad_reply(reply.where, reply.status, "GitHub gave no address of the log")
        return address

    def _follow(self, address: str, within_s: float, stack: ExitStack) -> Iterator[bytes]:
        base_url, target = split_address(address, api=self._api.base_url)
        store = stack.enter_context(self._open_store(base_url))
        call = Call(path=target, within_s=within_s, is_path_secret=True)
        return stack.enter_context(store.stream(call)).chunks


def split_address(address: str, *, api: str) -> tuple[str, str]:
    """`scheme://host[:port]` of a log's address, and its path with the query as GitHub signed it.

    Raises ServiceBadReply for an address that is not followed: no https, user information, an IP
    address, or this very machine (unless GitHub's API, `api`, is on it).
    """
    problem = ""
    try:
        parts = urlsplit(urljoin(f"{api}/", address))
        base_url = parse_service_url(f"{parts.scheme}://{parts.netloc}")
    except ValueError as fault:
        problem = str(fault)
    else:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        is_plain = target.isascii() and target.isprintable() and " " not in target
        if not is_plain or len(target) > _LONGEST_ADDRESS:
            problem = f"an address of at most {_LONGEST_ADDRESS:,} ASCII characters without spaces"
        elif is_loopback(urlsplit(base_url).hostname or "") and not _is_here(api):
            problem = "a host other than this machine"
        else:
            return base_url, target
    raise ServiceBadReply(
        f"GitHub redirects the log to an address that is not followed; allowed is {problem}",
        hint="The runner's administrator must act: find out what stands between the runner and "
        "GitHub and changes its replies.",
        anchor="job-logs",
    )


def _is_here(base_url: str) -> bool:
    return is_loopback(urlsplit(base_url).hostname or "")
