"""Requests to GitHub's API for one repository: PyGithub's requester under our own policy.

PyGithub does connections, authentication, encoding and errors. Its retries and throttles are
switched off: a GraphQL read counts as a write there and costs a second of sleep (measured).
It is imported inside functions: it costs 116 ms, which the first AI request must not wait for.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from upshot.errors import GitHubError
from upshot.lenient import as_dict, look
from upshot.publish.github.attempt import Attempt, attempt_error, read_message
from upshot.publish.github.connection import Connection
from upshot.publish.github.faults import Outdated
from upshot.publish.github.retry import MOST_TRIES, wait_before_retry
from upshot.timing import Deadline

if TYPE_CHECKING:
    from github.Requester import Requester

PAGE: Final = 100
_PARALLEL: Final = 8
_BETWEEN_WRITES_S: Final = 1.0
_LAST_PAGE = re.compile(r'[?&]page=(\d{1,6})[^>]{0,500}>; rel="last"')


class GitHub:
    """Reads and writes below `/repos/OWNER/NAME`; safe to use from several threads.

    Every method takes `doing`, the end of the sentence "GitHub refused to …", and raises
    GitHubError when the request failed for good.
    """

    def __init__(
        self,
        make_requester: Callable[[int], Requester],
        *,
        repository: str,
        graphql_url: str,
        deadline: Deadline,
        jitter: Callable[[], float],
    ) -> None:
        """`make_requester` takes the seconds that a requester waits; `jitter` gives numbers from 0
        to 1. `connect` builds one for you.
        """
        self.repository = repository
        self.deadline = deadline
        self.clock = deadline.clock
        self.jitter = jitter
        self._make_requester = make_requester
        self._connection = Connection(make_requester, deadline)
        self._graphql_url = graphql_url
        self._last_write_s = -math.inf

    def get(self, path: str, *, doing: str, **parameters: Any) -> Any:
        """The JSON below `/repos/OWNER/NAME/path`."""
        return self._send("GET", self._below(path), doing, parameters=parameters).data

    def get_user(self, *, doing: str) -> Any:
        """The owner of the token; GitHub refuses it to a job's own token (403)."""
        return self._send("GET", "/user", doing).data

    def get_page(
        self, path: str, page: int, *, doing: str, **parameters: Any
    ) -> tuple[list[Any], int]:
        """One page of 100 (1 is the first), and the number of the last page."""
        parameters |= {"per_page": PAGE, "page": page}
        reply = self._send("GET", self._below(path), doing, parameters=parameters)
        if not isinstance(reply.data, list):
            raise GitHubError(f"GitHub sent something else than a list: could not {doing}")
        found = _LAST_PAGE.search(reply.headers.get("link", ""))
        return reply.data, max(page, int(found[1]) if found else page)

    def get_pages(
        self, path: str, pages: range, *, doing: str, **parameters: Any
    ) -> list[list[Any]]:
        """Several pages, in order, up to 8 at a time, each over a connection of its own."""
        from concurrent.futures import ThreadPoolExecutor

        if not pages:
            return []
        local = threading.local()
        clones: list[GitHub] = []

        def fetch(page: int) -> list[Any]:
            # PyGithub keeps the request on the connection object: one thread, one requester.
            if not hasattr(local, "github"):
                local.github = self._clone()
                clones.append(local.github)
            github: GitHub = local.github
            return github.get_page(path, page, doing=doing, **parameters)[0]

        try:
            with ThreadPoolExecutor(min(_PARALLEL, len(pages))) as pool:
                return list(pool.map(fetch, pages))
        finally:
            for clone in clones:
                clone.close()

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        doing: str,
        scope: str = "",
        is_repeatable: bool = False,
    ) -> Any:
        """Creates something. Unless it may be done twice, raises InDoubt when it may be done."""
        return self._send(
            "POST", self._below(path), doing, body=body, is_repeatable=is_repeatable, scope=scope
        ).data

    def patch(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        doing: str,
        once: bool = False,
        stale_at_s: float | None = None,
    ) -> Any:
        """Changes something; repeated on 5xx.

        What the body says grows old. `once`: sent a single time, whatever comes of it; raises
        InDoubt when it may have been done. `stale_at_s`: not repeated at this time of the clock
        or later; raises Outdated, after the wait, where it would have been.
        """
        return self._send(
            "PATCH",
            self._below(path),
            doing,
            body=body,
            is_repeatable=not once,
            most_tries=1 if once else MOST_TRIES,
            stale_at_s=stale_at_s,
        ).data

    def put(self, path: str, body: Mapping[str, Any], *, doing: str) -> Any:
        """Sets something to what the body says; may be done twice, so it is repeated."""
        return self._send("PUT", self._below(path), doing, body=body).data

    def delete(self, path: str, *, doing: str) -> None:
        """Deletes something; what is gone already counts as deleted."""
        try:
            self._send("DELETE", self._below(path), doing)
        except GitHubError as error:
            if error.status not in {404, 410}:
                raise

    def graphql(
        self, query: str, variables: Mapping[str, Any], *, doing: str, is_write: bool = False
    ) -> dict[str, Any]:
        """The `data` of a GraphQL reply; may lack parts, or be empty, when it lists errors.

        Only for what may be done twice: it is repeated like a GET.
        """
        body = {"query": query, "variables": variables}
        reply = self._send("POST", self._graphql_url, doing, body=body, is_write=is_write)
        return as_dict(look(reply.data, "data"))

    def close(self) -> None:
        self._connection.close()

    def _clone(self) -> GitHub:
        return GitHub(
            self._make_requester,
            repository=self.repository,
            graphql_url=self._graphql_url,
            deadline=self.deadline,
            jitter=self.jitter,
        )

    def _below(self, path: str) -> str:
        return f"/repos/{quote(self.repository)}/{path}"

    def _send(
        self,
        verb: str,
        url: str,
        doing: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        is_repeatable: bool = True,
        is_write: bool = True,
        scope: str = "",
        most_tries: int = MOST_TRIES,
        stale_at_s: float | None = None,
    ) -> Attempt:
        is_write = is_write and verb != "GET"
        tries = 0
        while True:
            if is_write:
                self._space_writes()
            if self.deadline.passed:
                raise GitHubError(f"No time is left: could not {doing}", anchor="timeout")
            attempt = self._try(verb, url, parameters=parameters, body=body)
            if is_write:
                self._last_write_s = self.clock.monotonic()
            tries += 1
            if not attempt.message:
                return attempt
            wait_s = wait_before_retry(
                attempt.status,
                attempt.headers,
                message=attempt.message,
                is_repeatable=is_repeatable,
                tries=tries,
                now=self.clock.now(),
                jitter=self.jitter(),
            )
            if tries >= most_tries or wait_s is None or wait_s >= self.deadline.remaining_s():
                raise attempt_error(attempt, doing, scope=scope, is_repeatable=is_repeatable)
            self.clock.sleep(wait_s)
            if stale_at_s is not None and self.clock.monotonic() >= stale_at_s:
                error = attempt_error(attempt, doing, scope=scope, is_repeatable=is_repeatable)
                raise Outdated(error)

    def _space_writes(self) -> None:
        """A second between two writes, as GitHub asks of integrations (T42)."""
        wait_s = self._last_write_s + _BETWEEN_WRITES_S - self.clock.monotonic()
        if wait_s > 0:
            self.clock.sleep(min(wait_s, self.deadline.remaining_s()))

    def _try(
        self,
        verb: str,
        url: str,
        *,
        parameters: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> Attempt:
        from github.GithubException import GithubException

        try:
            replied, data = self._connection.send(verb, url, parameters=parameters, body=body)
        except GithubException as fault:
            told = read_message(fault.data) or "no reason given"
            return Attempt(fault.status, fault.headers or {}, None, told)
        except (OSError, ValueError, RecursionError) as fault:
            # The texts of these faults hold addresses and headers: only their kind is told (T34).
            return Attempt(0, {}, None, type(fault).__name__)
        return Attempt(200, replied, data)
