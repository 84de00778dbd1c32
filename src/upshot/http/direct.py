"""A connection of our own to a service: httpx's requests over the standard library's http.client.

httpx's own transport costs a sixth of the time to the first AI request to load, most of it for
connections that are not made here: asynchronous ones, pools, proxies
(docs/decisions/0048-http-client.md).
"""

from __future__ import annotations

import io
import selectors
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, Final, cast

import httpx

from upshot.http.network import SENT, Limit, build_response, tls_context

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

PIECE_BYTES: Final = 65_536
_HEADER_TEXT: Final = "iso-8859-1"


class DirectTransport(httpx.BaseTransport):
    """Requests to one host. A connection is used again when its last reply was read to the end."""

    def __init__(self, base_url: str, limit: Limit) -> None:
        self._limit = limit
        # Plain http needs no TLS context, and saves the time to build it.
        self._tls = tls_context() if base_url.startswith("https:") else None
        self._idle: list[_Line] = []
        self._busy: set[_Line] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        timeouts = request.extensions.get("timeout", {})
        line = self._take(request.url, timeouts)
        self._busy.add(line)
        try:
            line.send(request)
            reply = line.receive()
        except BaseException:
            self._end(line)
            raise
        return build_response(
            reply.status,
            [(name.encode(_HEADER_TEXT), _unfold(value)) for name, value in reply.getheaders()],
            line.read(reply),
            lambda: self._give_back(line),
        )

    def close(self) -> None:
        for line in (*self._idle, *self._busy):
            line.close()
        self._idle.clear()
        self._busy.clear()

    def _take(self, url: httpx.URL, timeouts: dict[str, float | None]) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if line.is_quiet():
                line.wire.timeouts = timeouts
                return line
            line.close()
        port = url.port or (80 if self._tls is None else 443)
        host = url.raw_host.decode("ascii")
        return _Line(_connect(host, port, self._tls, timeouts, self._limit))

    def _give_back(self, line: _Line) -> None:
        if line not in self._busy:
            return  # given back before, or ended
        self._busy.discard(line)
        if line.is_whole:
            self._idle.append(line)
        else:
            line.close()

    def _end(self, line: _Line) -> None:
        self._busy.discard(line)
        line.close()


class _Line:
    """One connection: a request, its reply, the next request."""

    def __init__(self, wire: _Wire) -> None:
        self.wire = wire
        self.is_whole = False
        """The last reply was read to its end, and the service keeps the connection open."""
        self._is_spent = False
        """The service stopped reading within a request: what it would read next is the rest of that."""
        self._http = HTTPConnection("unused")
        self._http.auto_open = 0  # it never connects by itself
        self._http.sock = wire

    def send(self, request: httpx.Request) -> None:
        """A service may reply and close before it has read everything: its reply is what counts."""
        self.is_whole = False
        target = request.url.raw_path.decode("ascii")
        try:
            self._http.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                self._http.putheader(name, value)
            self._http.endheaders(request.read() or None)
        except httpx.WriteError:
            self._is_spent = True
            return
        except (HTTPException, ValueError) as error:  # a target or header that no request may have
            raise httpx.LocalProtocolError(str(error)) from None
        on_sent: Callable[[], None] | None = request.extensions.get(SENT)
        if on_sent:
            on_sent()

    def receive(self) -> HTTPResponse:
        try:
            return self._http.getresponse()
        except (HTTPException, ValueError) as error:
            raise _broken(error) from None

    def read(self, reply: HTTPResponse) -> Iterator[bytes]:
        """The body as it comes. Counts for itself: `read1` says nothing of a body that is cut off."""
        left = reply.length
        try:
            while left is None or left > 0:
                piece = reply.read1(PIECE_BYTES if left is None else min(PIECE_BYTES, left))
                if not piece:
                    break
                left = None if left is None else left - len(piece)
                yield piece
        except (HTTPException, ValueError) as error:
            raise _broken(error) from None
        if left:
            raise httpx.RemoteProtocolError("the connection was closed within the reply")
        self.is_whole = not (reply.will_close or self._is_spent)
        reply.close()

    def is_quiet(self) -> bool:
        """Nothing has come since the last reply. What comes is the end of the connection, mostly."""
        with selectors.DefaultSelector() as selector:
            try:
                selector.register(self.wire.socket, selectors.EVENT_READ)
            except (OSError, ValueError):
                return False  # closed meanwhile
            return not selector.select(0)

    def close(self) -> None:
        self.wire.socket.close()


class _Wire:
    """A socket whose every step ends with the limit. To http.client it looks like a plain one."""

    def __init__(
        self, plain: socket.socket, timeouts: dict[str, float | None], limit: Limit
    ) -> None:
        self.socket = plain
        self.timeouts = timeouts
        self._limit = limit

    def sendall(self, data: ReadableBuffer) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            left_s = self._limit.cut(self.timeouts.get("write"), httpx.WriteTimeout)
            try:
                self.socket.settimeout(left_s)
                rest = rest[self.socket.send(rest) :]
            except TimeoutError as error:
                raise httpx.WriteTimeout(str(error)) from None
            except OSError as error:
                raise httpx.WriteError(str(error)) from None

    def receive_into(self, buffer: WriteableBuffer) -> int:
        left_s = self._limit.cut(self.timeouts.get("read"), httpx.ReadTimeout)
        try:
            self.socket.settimeout(left_s)
            return self.socket.recv_into(buffer)
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from None
        except OSError as error:
            raise httpx.ReadError(str(error)) from None

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self), PIECE_BYTES)

    def close(self) -> None:
        """Called by http.client when it has the headers of a last reply: the body is still to come."""


class _Incoming(io.RawIOBase):
    """What comes over a wire, as a file. Closing it leaves the connection open for the next reply."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._wire.receive_into(buffer)


def _connect(
    host: str, port: int, tls: Any, timeouts: dict[str, float | None], limit: Limit
) -> _Wire:
    """`tls`: an ssl.SSLContext, or None for plain http. Raises httpx's errors of connecting."""
    wait_s = timeouts.get("connect")
    try:
        # As bytes, which sockets take as well: a text would load the codec for international names.
        name = cast("str", host.encode("ascii"))
        plain = socket.create_connection((name, port), limit.cut(wait_s, httpx.ConnectTimeout))
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                plain.settimeout(limit.cut(wait_s, httpx.ConnectTimeout))
                plain = tls.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    except TimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from None
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that no resolver takes
        raise httpx.ConnectError(str(error)) from None
    return _Wire(plain, timeouts, limit)


def _unfold(value: str) -> bytes:
    """A value on one line: an old header may go on over several."""
    return (" ".join(value.split()) if "\n" in value else value).encode(_HEADER_TEXT)


def _broken(error: Exception) -> httpx.RemoteProtocolError:
    return httpx.RemoteProtocolError(str(error) or type(error).__name__)
