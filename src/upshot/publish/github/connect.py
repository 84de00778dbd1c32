"""Builds the client for one repository's API: PyGithub's requester on the one transport of `http`.

PyGithub knows GitHub's addresses, headers and encodings. Its own sockets know no bound for a whole
reply, neither of bytes nor of time, and send loopback through a proxy, so they are not used.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from upshot import __version__
from upshot.address import origin
from upshot.errors import (
    GitHubError,
    ServiceBadReply,
    ServiceError,
    ServiceTimeout,
    ServiceUnreachable,
)
from upshot.event import Addresses
from upshot.http.calls import Call, Response, decode_json
from upshot.http.client import ServiceClient, Transport
from upshot.http.retry import ONCE
from upshot.http.service import Service
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import UNSAID, Fault, read_message
from upshot.publish.github.request import Attempt, Request
from upshot.secret import Secret
from upshot.timing import Deadline

if TYPE_CHECKING:
    from github.Requester import Requester

LONGEST_PAUSE_S: Final = 20.0
"""For each pause while a reply is read."""
LONGEST_REPLY_S: Final = 60.0
"""For connecting and a whole reply; less when less time is left."""
MOST_REPLY_BYTES: Final = 32 * 1024 * 1024
"""Of a reply's content: 300 comments of GitHub's 65,536 characters are 20 MB."""
_OF_APP: Final = "ghs_"
"""How an app's installation token begins, a job's own among them (GitHub's documentation)."""
_HEADERS: Final = {"Accept": "application/vnd.github+json"}
_NOT_FOLLOWED: Final = frozenset({202, 300, 301, 302, 303, 305, 307, 308})
"""PyGithub follows 301 with the token, takes other redirects for replies, and repeats a request
without end on 202, which none of our requests is answered with (PyGithub 2.10.0)."""
_REFUSED: Final = 400


def connect(
    token: Secret,
    addresses: Addresses,
    *,
    repository: str,
    deadline: Deadline,
    jitter: Callable[[], float],
    http: Transport | None = None,
) -> GitHub:
    """A client for `repository` (`owner/name`); makes no request yet.

    `jitter` gives numbers from 0 to 1; `http` is for tests. Raises GitHubError when the token is
    empty.
    """
    from github import Auth
    from github.Requester import Requester

    if not token:
        raise GitHubError("There is no 'github-token'", anchor="github-token")
    auth = Auth.Token(token.reveal())
    service = Service(
        name="GitHub",
        address_input="GITHUB_API_URL",
        token_input="github-token",  # noqa: S106 - the name of an input
        accept=_HEADERS["Accept"],
    )

    def open_connection() -> Connection:
        requester = Requester(
            auth=auth,
            base_url=addresses.api,
            timeout=int(LONGEST_PAUSE_S),
            user_agent=f"upshot/{__version__}",
            per_page=100,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        client = ServiceClient(
            origin(addresses.api),
            None,  # PyGithub writes the header
            service=service,
            clock=deadline.clock,
            deadline=deadline,
            http=http,
        )
        return Connection(requester, client)

    return GitHub(
        open_connection,
        repository=repository,
        graphql_url=addresses.graphql,
        deadline=deadline,
        jitter=jitter,
        is_of_app=token.reveal().startswith(_OF_APP),
    )


class Connection:
    """One requester of PyGithub's and one client; safe to use from several threads, in turns."""

    def __init__(self, requester: Requester, client: ServiceClient) -> None:
        self._requester = requester
        self._client = client
        self._lock = threading.Lock()

    def send(self, request: Request) -> Attempt:
        """How one attempt ended. Raises nothing but bugs."""
        wire = _Wire(self._client)
        try:
            with self._lock:
                self._requester.requestJson(
                    request.verb,
                    request.url,
                    parameters=dict(request.parameters or {}),
                    headers=dict(_HEADERS),
                    input=request.body,
                    cnx=wire,  # type: ignore[arg-type]  # all that the requester asks of one
                )
            return _read(wire.reply)
        except ServiceError as fault:
            return Attempt(0, {}, None, _kind_of(fault))
        except (OSError, ValueError, RecursionError):
            # Their texts hold addresses and headers: no word of them is shown (T34).
            return Attempt(0, {}, None, Fault.OTHER)

    def close(self) -> None:
        self._client.close()

    def __del__(self) -> None:
        """A look-up's client lives as long as its run: no one place knows when it is not used any more."""
        self.close()


class _Wire:
    """Stands where PyGithub keeps a connection of `requests`: one request, one whole reply."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client
        self._call = Call(path="/")
        self._reply: Response | None = None

    @property
    def reply(self) -> Response:
        if self._reply is None:
            raise ValueError("no request was made")
        return self._reply

    def request(
        self,
        verb: str,
        url: str,
        body: str | None,
        headers: Mapping[str, str],
        _stream: bool = False,  # noqa: FBT001, FBT002 - PyGithub's signature
    ) -> None:
        self._call = Call(
            method=verb,
            path=url,
            headers=dict(headers),
            body=None if body is None else msgspec.Raw(body.encode()),
            retry=ONCE,
            read_timeout_s=LONGEST_PAUSE_S,
            within_s=LONGEST_REPLY_S,
            max_bytes=MOST_REPLY_BYTES,
            takes_refusals=True,
        )

    def getresponse(self) -> _Wire:
        """Raises ServiceError, also for a status that PyGithub would act upon by itself."""
        self._reply = self._client.send(self._call)
        if self.status in _NOT_FOLLOWED:
            raise ServiceError("GitHub's address answers with a redirect", status=self.status)
        return self

    @property
    def status(self) -> int:
        return self.reply.status

    def getheaders(self) -> list[tuple[str, str]]:
        """Nothing: PyGithub reads rate limits from them that nobody asks it for, as numbers of any
        kind.
        """
        return []

    def read(self) -> str:
        """Nothing: the reply is decoded by us, within its depth."""
        return ""


def _read(reply: Response) -> Attempt:
    """Raises ServiceBadReply where a reply that is no refusal cannot be read."""
    if reply.status < _REFUSED:
        data = decode_json(reply, object) if reply.body else None
        return Attempt(reply.status, reply.headers, data)
    try:
        reason = read_message(decode_json(reply, object))
    except ServiceBadReply:  # a proxy's page
        reason = ""
    return Attempt(reply.status, reply.headers, None, reason or UNSAID)


def _kind_of(fault: ServiceError) -> Fault:
    if fault.status in _NOT_FOLLOWED:
        return Fault.REDIRECT
    if isinstance(fault, ServiceUnreachable) and "CERTIFICATE" in fault.message.upper():
        return Fault.CERTIFICATE
    if isinstance(fault, ServiceTimeout):
        return Fault.SLOW
    return Fault.UNREADABLE if isinstance(fault, ServiceBadReply) else Fault.OTHER
