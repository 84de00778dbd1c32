"""Requests to GitHub's API for one repository: through PyGithub's requester, by our own policy.

PyGithub does authentication, addresses and encoding. Its retries and throttles are switched off: it
takes a GraphQL read for a write and sleeps a second before it (measured).
PyGithub is imported inside functions: that takes 116 ms, which would delay the first AI request.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.lenient import as_dict, look
from upshot.publish.github.faults import Outdated, build_error
from upshot.publish.github.request import Attempt, Request
from upshot.publish.github.retry import wait_before_retry
from upshot.timing import Deadline

if TYPE_CHECKING:
    from upshot.publish.github.connect import Connection

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
        open_connection: Callable[[], Connection],
        *,
        repository: str,
        graphql_url: str,
        deadline: Deadline,
        jitter: Callable[[], float],
        is_of_app: bool = False,
    ) -> None:
        """`connect` builds one.

        `open_connection` is called once here and once for each page that is read at the same time
        as others; `jitter` gives numbers from 0 to 1. `is_of_app`: the token is an app's, as a job's
        own is; it writes as a bot and has no user.
        """
        self.is_of_app = is_of_app
        self.repository = repository
        self.deadline = deadline
        self.clock = deadline.clock
        self.jitter = jitter
        self._open_connection = open_connection
        self._connection = open_connection()
        self._graphql_url = graphql_url
        self._last_write_s = -math.inf
        self._known: dict[str, Any] = {}
        self.own_login: str | None = None
        """Whose the token is: None until GitHub was asked, empty where it does not say."""

    def get(self, path: str, *, doing: str, **parameters: Any) -> Any:
        """The JSON below `/repos/OWNER/NAME/path`."""
        return self._read(self._below(path), doing, parameters).data

    def get_once(self, path: str, *, doing: str) -> Any:
        """As `get`, for what a run needs to ask only once; an error is asked again."""
        if path not in self._known:
            self._known[path] = self.get(path, doing=doing)
        return self._known[path]

    def get_at(self, path: str, *, doing: str, **parameters: Any) -> Any:
        """The JSON at a path below the API's address: another repository's, an organization's."""
        return self._read(path, doing, parameters).data

    def get_user(self, *, doing: str) -> Any:
        """The owner of the token. GitHub answers 403 to a job's own token."""
        return self._read("/user", doing).data

    def get_page(
        self, path: str, page: int, *, doing: str, **parameters: Any
    ) -> tuple[list[Any], int]:
        """One page of 100 (1 is the first), and the number of the last page."""
        parameters |= {"per_page": PAGE, "page": page}
        reply = self._read(self._below(path), doing, parameters)
        if not isinstance(reply.data, list):
            raise GitHubError(f"GitHub's answer is not a list: could not {doing}")
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
            # A connection carries one request at a time: each thread needs its own.
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
        scope: str = "pull-requests",
        is_repeatable: bool = False,
    ) -> Any:
        """POST. Raises InDoubt when GitHub may have executed it, unless it `is_repeatable`."""
        request = self._write("POST", path, doing, body=body)
        return self._send(replace(request, scope=scope, is_repeatable=is_repeatable)).data

    def patch(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        doing: str,
        stale_at_s: float | None = None,
        scope: str = "pull-requests",
    ) -> Any:
        """PATCH, repeated after an unclear end until the clock shows `stale_at_s` (monotonic).

        From then on it waits as before, then raises Outdated instead of sending an old text.
        """
        request = self._write("PATCH", path, doing, body=body)
        return self._send(replace(request, stale_at_s=stale_at_s, scope=scope)).data

    def patch_once(
        self, path: str, body: Mapping[str, Any], *, doing: str, scope: str = "pull-requests"
    ) -> Any:
        """PATCH, sent a single time. Raises InDoubt when GitHub may have executed it."""
        request = self._write("PATCH", path, doing, body=body)
        return self._send(replace(request, is_repeatable=False, most_tries=1, scope=scope)).data

    def put(self, path: str, body: Mapping[str, Any], *, doing: str) -> Any:
        """PUT, repeated after an unclear end: twice is as good as once."""
        return self._send(self._write("PUT", path, doing, body=body)).data

    def delete(self, path: str, *, doing: str) -> None:
        """DELETE; what is gone already counts as deleted."""
        try:
            self._send(self._write("DELETE", path, doing))
        except GitHubError as error:
            if error.status not in {404, 410}:
                raise

    def graphql(
        self, query: str, variables: Mapping[str, Any], *, doing: str, is_write: bool = False
    ) -> dict[str, Any]:
        """The `data` of a GraphQL reply; may lack parts, or be empty, when it lists errors.

        Only for what may be executed twice: it is repeated like a GET.
        """
        body = {"query": query, "variables": variables}
        url = self._graphql_url
        reply = self._send(Request(verb="POST", url=url, doing=doing, body=body, is_write=is_write))
        return as_dict(look(reply.data, "data"))

    def close(self) -> None:
        self._connection.close()

    def _clone(self) -> GitHub:
        return GitHub(
            self._open_connection,
            repository=self.repository,
            graphql_url=self._graphql_url,
            deadline=self.deadline,
            jitter=self.jitter,
            is_of_app=self.is_of_app,
        )

    def _below(self, path: str) -> str:
        return f"/repos/{quote(self.repository)}/{path}"

    def _read(self, url: str, doing: str, parameters: Mapping[str, Any] | None = None) -> Attempt:
        return self._send(Request(verb="GET", url=url, doing=doing, parameters=parameters))

    def _write(
        self, verb: str, path: str, doing: str, *, body: Mapping[str, Any] | None = None
    ) -> Request:
        url = self._below(path)
        return Request(verb=verb, url=url, doing=doing, body=body, is_write=True)

    def _send(self, request: Request) -> Attempt:
        """The attempt that succeeded. Raises GitHubError after the last one, and Outdated."""
        tries, doing = 0, request.doing
        while True:
            if request.is_write:
                self._space_writes()
            if self.deadline.passed:
                raise GitHubError(f"No time is left: could not {doing}", anchor="timeout")
            attempt = self._connection.send(request)
            if request.is_write:
                self._last_write_s = self.clock.monotonic()
            tries += 1
            if not attempt.message:
                return attempt
            wait_s = wait_before_retry(
                request, attempt, tries=tries, now=self.clock.now(), jitter=self.jitter()
            )
            if wait_s is None or wait_s >= self.deadline.remaining_s():
                raise build_error(request, attempt)
            self.clock.sleep(wait_s)
            if request.stale_at_s is not None and self.clock.monotonic() >= request.stale_at_s:
                raise Outdated(build_error(request, attempt))

    def _space_writes(self) -> None:
        """A second between two writes, as GitHub asks of integrations (T42)."""
        wait_s = self._last_write_s + _BETWEEN_WRITES_S - self.clock.monotonic()
        if wait_s > 0:
            self.clock.sleep(min(wait_s, self.deadline.remaining_s()))
