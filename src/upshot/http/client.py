"""Every HTTP request goes through here: one host, one token, one deadline.

What each client may rely on: redirects are errors, replies are capped, time-outs are explicit,
retries follow the kind of call, and every failure is one of the errors of `errors.py`, without a
secret in it. Must not know what is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Self

import httpx
import msgspec

from upshot.address import parse_service_url
from upshot.errors import InputError, ServiceError
from upshot.http.calls import READ_TIMEOUT_S, Call, Response, SentSignal, Stream
from upshot.http.faults import (
    Where,
    build_bad_reply,
    build_error,
    build_network_error,
    build_no_time,
)
from upshot.http.network import SENT, Limit, find_proxy, quiet_loggers
from upshot.http.retry import wait_before_retry
from upshot.http.service import Service
from upshot.secret import Secret
from upshot.timing import Clock, Deadline

CONNECT_TIMEOUT_S: Final = 10.0
WRITE_TIMEOUT_S: Final = 30.0
REPLY_WITHIN_S: Final = 240.0
"""For a whole reply, all tries together, unless the call says otherwise. A read time-out alone would
let a service hold us with a byte now and then. Three waits of 30 s and four reads of 30 s fit."""
_MAX_ERROR_BYTES: Final = 64 * 1024
_MAX_WARNINGS: Final = 20
_MAX_WARNING_CHARS: Final = 500
_JSON_BODY: Final = {"Content-Type": "application/json"}
Transport = httpx.BaseTransport
"""What carries requests: the network, or a function in tests (`httpx.MockTransport`)."""


class ServiceClient:
    """Sends calls to one service, one at a time; close it, or use it in a `with` block.

    `base_url` is `scheme://host[:port]`. `token` goes only into the headers of `service.auth`, of
    requests to that host. `on_warning` gets what the service warns its clients of, each text once,
    at most 20 of them with at most 500 characters: untrusted text. `http` is for tests.

    Raises InputError for an address or a token that must not be used.
    """

    def __init__(
        self,
        base_url: str,
        token: Secret | None,
        *,
        service: Service,
        clock: Clock,
        deadline: Deadline,
        on_warning: Callable[[str], None] | None = None,
        http: Transport | None = None,
    ) -> None:
        self.service = service
        self.base_url = _checked(base_url, service)
        self._clock = clock
        self._deadline = deadline
        self._token = token
        self._on_warning = on_warning
        self._warnings: set[str] = set()
        self._limit = Limit(deadline)
        # No httpx defaults from the environment (trust_env): `network` reads what is wanted, and
        # a .netrc must not add credentials.
        self._http = httpx.Client(
            transport=http or open_transport(self.base_url, self._limit),
            trust_env=False,
            follow_redirects=False,
            headers=service.headers(token),
        )
        quiet_loggers()

    @property
    def deadline(self) -> Deadline:
        return self._deadline

    @property
    def clock(self) -> Clock:
        return self._clock

    def send(self, call: Call, *, on_sent: Callable[[], None] | None = None) -> Response:
        """Sends, retries as `call.retry` says, and returns the first 2xx reply.

        `on_sent` is called once, when the bytes of the first request are on the wire; never when
        no connection could be made. All of it ends within `call.within_s`, else REPLY_WITHIN_S.
        Raises ServiceError; its `tries` counts the requests.
        """
        within_s = REPLY_WITHIN_S if call.within_s is None else call.within_s
        until = self._deadline.earlier(within_s)
        signal = SentSignal(on_sent)
        tries = 0
        while True:
            tries += not until.passed  # nothing is sent when the time has run out
            try:
                response = self._send_once(call, until, signal)
            except ServiceError as error:
                error.tries = tries
                wait_s = wait_before_retry(call.retry, error, tries_made=tries)
                if wait_s is None or wait_s >= until.remaining_s():
                    raise
            else:
                return msgspec.structs.replace(response, tries=tries)
            self._clock.sleep(wait_s)

    @contextmanager
    def stream(self, call: Call) -> Iterator[Stream]:
        """Opens a reply that comes bit by bit (server-sent events); one try, no retry.

        `call.read_timeout_s` is the longest silence, `call.within_s`, else the deadline, the end;
        `call.max_bytes` is not applied: the reader bounds what it keeps. Raises ServiceError on
        opening and from `chunks`.
        """
        until = self._deadline
        if call.within_s is not None:
            until = until.earlier(call.within_s)
        with self._open(call, until, SentSignal()) as reply:
            yield Stream(
                reply.status_code, _lower_names(reply.headers), self._chunks(call, reply, until)
            )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _where(self, call: Call) -> Where:
        return Where(call.asked_of(self.service), call.method, call.path, self._token)

    def _send_once(self, call: Call, until: Deadline, signal: SentSignal) -> Response:
        with self._open(call, until, signal) as reply:
            body = bytearray()
            for chunk in self._chunks(call, reply, until):
                body += chunk
                if len(body) > call.max_bytes:
                    raise build_bad_reply(
                        self._where(call),
                        reply.status_code,
                        f"the reply is larger than {call.max_bytes:,} bytes",
                    )
            return Response(
                reply.status_code, _lower_names(reply.headers), bytes(body), self._where(call)
            )

    @contextmanager
    def _open(self, call: Call, until: Deadline, signal: SentSignal) -> Iterator[httpx.Response]:
        """A 2xx reply or a redirect that is wanted, its body unread; everything else raises."""
        left_s = until.remaining_s()
        if left_s <= 0:
            raise build_no_time(self._where(call))
        self._limit.until = until
        request = self._http.build_request(
            call.method,
            self.base_url + call.path,
            params=list(call.params) or None,
            headers=call.headers | ({} if call.body is None else _JSON_BODY),
            content=None if call.body is None else msgspec.json.encode(call.body),
            timeout=httpx.Timeout(
                min(READ_TIMEOUT_S, left_s),
                connect=min(CONNECT_TIMEOUT_S, left_s),
                read=min(call.read_timeout_s, left_s),
                write=min(WRITE_TIMEOUT_S, left_s),
            ),
            extensions={SENT: signal.fire},
        )
        fault: ServiceError | None = None
        try:
            reply = self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            fault = build_network_error(self._where(call), error, until)
        except httpx.InvalidURL:  # httpx reads the `location` of a redirect, also unfollowed
            found = f"{self.service.name} redirects to no address, and redirects are not followed"
            fault = build_bad_reply(self._where(call), httpx.codes.FOUND, found)
        if fault:  # outside the handler: the request, with its header, stays out of the traceback
            raise fault
        signal.fire()
        try:
            self._note_warning(reply)
            is_wanted = call.takes_redirect and reply.has_redirect_location
            if not (reply.is_success or is_wanted or call.takes_refusals):
                body = b"".join(_up_to(_MAX_ERROR_BYTES, self._chunks(call, reply, until)))
                raise build_error(
                    self._where(call),
                    reply.status_code,
                    _lower_names(reply.headers),
                    body,
                    now_s=self._clock.now(),
                )
            yield reply
        finally:
            reply.close()

    def _chunks(self, call: Call, reply: httpx.Response, until: Deadline) -> Iterator[bytes]:
        fault: ServiceError | None = None
        try:
            for chunk in reply.iter_bytes():
                yield chunk
                if until.passed:
                    raise build_no_time(self._where(call))
        except httpx.DecodingError:
            fault = build_bad_reply(
                self._where(call), reply.status_code, "the reply's compression is broken"
            )
        except httpx.HTTPError as error:
            fault = build_network_error(self._where(call), error, until)
        if fault:
            raise fault

    def _note_warning(self, reply: httpx.Response) -> None:
        name = self.service.warning_header
        if not (name and self._on_warning and len(self._warnings) < _MAX_WARNINGS):
            return
        warning = reply.headers.get(name, "")[:_MAX_WARNING_CHARS]
        if warning and warning not in self._warnings:
            self._warnings.add(warning)
            self._on_warning(warning)


def open_transport(base_url: str, limit: Limit) -> Transport:
    """The way to `base_url`, through the proxy that the environment names for it.

    Few runners have a proxy, so what knows CONNECT, and TLS within TLS, is loaded for them alone
    (docs/decisions/0048-http-client.md). Raises InputError for a proxy that cannot be used.
    """
    if proxy := find_proxy(base_url, os.environ):
        from upshot.http.proxied import ProxiedTransport

        return ProxiedTransport(base_url, proxy, limit)
    from upshot.http.direct import DirectTransport

    return DirectTransport(base_url, limit)


def _checked(base_url: str, service: Service) -> str:
    """The address in its plain form. It is not repeated when refused: it may hold user info."""
    try:
        return parse_service_url(base_url)
    except ValueError as problem:
        raise InputError(
            service.address_input, "an address that no token may go to", str(problem)
        ) from None


def _lower_names(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _up_to(limit: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[:limit]
        limit -= len(chunk)
        if limit <= 0:
            return
