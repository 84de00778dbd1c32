"""Both ways to a service, direct and through a proxy, over real sockets: what may come over a wire."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx
import pytest

from upshot.http.client import open_transport
from upshot.http.direct import DirectTransport
from upshot.http.network import SENT, Limit
from upshot.http.proxied import ProxiedTransport
from upshot.timing import Deadline, SystemClock

Talk = Callable[[socket.socket, bytes], None]
Open = Callable[[str, Limit], httpx.BaseTransport]
OK: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
TIMEOUTS: Final = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}


def direct(url: str, limit: Limit) -> httpx.BaseTransport:
    return DirectTransport(url, limit)


def proxied(url: str, limit: Limit) -> httpx.BaseTransport:
    return ProxiedTransport("http://service.test", url, limit)


@pytest.fixture(params=[direct, proxied])
def way(request: pytest.FixtureRequest) -> Open:
    way: Open = request.param
    return way


class Server:
    """Serves connections one after the other; a talk is one request and what is said to it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0

    def serve(self, lines: tuple[tuple[Talk, ...], ...]) -> None:
        self._listener.settimeout(10)
        for talks in lines:
            connection, _ = self._listener.accept()
            self.connections += 1
            with connection:
                connection.settimeout(10)
                for talk in talks:
                    self.requests.append(connection.recv(65_536))
                    try:
                        talk(connection, self.requests[-1])
                    except OSError:
                        break  # the client went away, as it should

    def close(self) -> None:
        self._listener.close()


@contextmanager
def served(*lines: tuple[Talk, ...]) -> Iterator[Server]:
    """One tuple of talks for each connection."""
    server = Server()
    thread = threading.Thread(target=server.serve, args=(lines,))
    thread.start()
    try:
        yield server
    finally:
        thread.join(timeout=10)
        server.close()


def say(data: bytes) -> Talk:
    return lambda connection, request: connection.sendall(data)


def silent_until(stop: threading.Event) -> Talk:
    def talk(connection: socket.socket, request: bytes) -> None:
        stop.wait(10)

    return talk


def limit(within_s: float = 10.0) -> Limit:
    return Limit(Deadline.after(SystemClock(), within_s))


def ask(transport: httpx.BaseTransport, path: str = "/", **given: object) -> httpx.Response:
    extensions = {"timeout": TIMEOUTS, **given}
    request = httpx.Request("GET", "http://service.test" + path, extensions=extensions)
    return transport.handle_request(request)


def here(server: Server, path: str = "/", body: bytes = b"") -> httpx.Request:
    return httpx.Request(
        "POST" if body else "GET", server.url + path, content=body, extensions={"timeout": TIMEOUTS}
    )


def fetch(way: Open, server: Server) -> tuple[int, bytes]:
    transport = way(server.url, limit())
    reply = transport.handle_request(here(server))
    try:
        return reply.status_code, b"".join(reply.iter_bytes())
    finally:
        reply.close()
        transport.close()


@pytest.mark.parametrize(
    "reply",
    [
        OK + b"{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"{}",
    ],
    ids=["length", "chunks", "until-closed", "old", "continue"],
)
def test_a_body_is_read_to_its_end_however_that_is_marked(way: Open, reply: bytes) -> None:
    with served((say(reply),)) as server:
        assert fetch(way, server) == (200, b"{}")


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
    ids=["short", "no-last-chunk", "short-chunk", "no-chunk", "no-http", "nothing"],
)
def test_a_reply_that_is_cut_off_or_none_is_an_error_and_never_a_short_body(
    way: Open, reply: bytes
) -> None:
    with served((say(reply),)) as server, pytest.raises(httpx.RemoteProtocolError):
        fetch(way, server)


def test_a_body_comes_piece_by_piece_and_not_when_all_of_it_is_there(way: Open) -> None:
    goes_on = threading.Event()

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        assert goes_on.wait(10)
        connection.sendall(b"6\r\nsecond\r\n0\r\n\r\n")

    with served((talk,)) as server:
        transport = way(server.url, limit())
        pieces = transport.handle_request(here(server)).iter_bytes()
        assert next(pieces) == b"first"
        goes_on.set()
        assert list(pieces) == [b"second"]
        transport.close()


def test_a_compressed_body_is_inflated(way: Open) -> None:
    packed = gzip.compress(b"{}")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    with served((say(head + packed),)) as server:
        assert fetch(way, server) == (200, b"{}")


def test_a_connection_is_used_again(way: Open) -> None:
    with served((say(OK + b"{}"), say(OK + b"[]"))) as server:
        transport = way(server.url, limit())
        for expected in (b"{}", b"[]"):
            reply = transport.handle_request(here(server))
            assert b"".join(reply.iter_bytes()) == expected
            reply.close()
        transport.close()
    assert server.connections == 1


def test_a_connection_that_the_service_has_closed_is_not_used_again(way: Open) -> None:
    closed = threading.Event()

    def and_close(connection: socket.socket, request: bytes) -> None:
        connection.sendall(OK + b"{}")
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with served((and_close,), (say(OK + b"[]"),)) as server:
        transport = way(server.url, limit())
        reply = transport.handle_request(here(server))
        assert b"".join(reply.iter_bytes()) == b"{}"
        reply.close()
        assert closed.wait(10)
        assert b"".join(transport.handle_request(here(server)).iter_bytes()) == b"[]"
        transport.close()
    assert server.connections == 2


def test_a_connection_whose_reply_was_not_read_is_not_used_again(way: Open) -> None:
    late = b"HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n" + b"x" * 90_000
    with served((say(late),), (say(OK + b"[]"),)) as server:
        transport = way(server.url, limit())
        transport.handle_request(here(server)).close()
        assert b"".join(transport.handle_request(here(server)).iter_bytes()) == b"[]"
        transport.close()


def test_two_replies_can_be_open_at_once() -> None:
    """Live progress is read while another request is made."""
    streaming = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n"
    with served((say(streaming),), (say(OK + b"{}"),)) as server:
        transport = direct(server.url, limit())
        events = transport.handle_request(here(server))
        assert next(events.iter_bytes()) == b"x"
        assert b"".join(transport.handle_request(here(server)).iter_bytes()) == b"{}"
        transport.close()


def test_a_service_may_reply_before_it_has_read_everything(way: Open) -> None:
    sent: list[bool] = []

    def refuse(connection: socket.socket, request: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass

    with served((refuse,)) as server:
        transport = way(server.url, limit())
        request = here(server, body=b"x" * 3_000_000)
        request.extensions[SENT] = lambda: sent.append(True)
        assert transport.handle_request(request).status_code == 413
        transport.close()


def test_after_a_request_that_was_not_read_the_connection_is_not_used_again() -> None:
    def refuse(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}")
        connection.shutdown(socket.SHUT_RD)

    with served((refuse,), (say(OK + b"[]"),)) as server:
        transport = direct(server.url, limit())
        try:
            reply = transport.handle_request(here(server, body=b"x" * 30_000_000))
            assert b"".join(reply.iter_bytes()) == b"{}"
            reply.close()
        except httpx.ReadError:
            pass  # the reset came before the reply was read
        assert b"".join(transport.handle_request(here(server)).iter_bytes()) == b"[]"
        transport.close()


def test_sent_is_said_when_all_is_on_the_wire_and_before_the_reply(way: Open) -> None:
    sent = threading.Event()
    was_sent: list[bool] = []

    def talk(connection: socket.socket, request: bytes) -> None:
        was_sent.append(sent.wait(10))
        connection.sendall(OK + b"{}")

    with served((talk,)) as server:
        transport = way(server.url, limit())
        request = here(server)
        request.extensions[SENT] = sent.set
        transport.handle_request(request).close()
        transport.close()
    assert was_sent == [True]


def test_no_connection_is_an_error_of_connecting_and_nothing_counts_as_sent(way: Open) -> None:
    unused = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    unused.close()
    sent: list[bool] = []
    request = httpx.Request(
        "GET", url, extensions={"timeout": TIMEOUTS, SENT: lambda: sent.append(True)}
    )
    with pytest.raises(httpx.ConnectError):
        way(url, limit()).handle_request(request)
    assert not sent


def test_t35_after_the_deadline_nothing_is_tried(way: Open) -> None:
    with pytest.raises(httpx.ConnectTimeout, match="deadline"):
        ask(way("http://127.0.0.1:9", limit(within_s=0.0)))


def test_t35_silence_ends_with_the_read_time_out(way: Open) -> None:
    stop = threading.Event()
    with served((silent_until(stop),)) as server:
        transport = way(server.url, limit())
        request = here(server)
        request.extensions["timeout"] = TIMEOUTS | {"read": 0.05}
        with pytest.raises(httpx.ReadTimeout):
            transport.handle_request(request)
        stop.set()
        transport.close()


def test_t35_headers_without_end_are_refused(way: Open) -> None:
    endless = b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200_000
    with served((say(endless),)) as server, pytest.raises(httpx.RemoteProtocolError):
        fetch(way, server)


def test_headers_are_told_as_they_came_and_each_on_one_line() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nX-Word: caf\xe9\r\nX-Long: one\r\n  two\r\ncontent-length: 0\r\n\r\n"
    )
    with served((say(head),)) as server:
        transport = direct(server.url, limit())
        reply = transport.handle_request(here(server))
        assert reply.headers["x-word"] == "café"
        assert reply.headers["x-long"] == "one two"
        transport.close()


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb"])
def test_t34_a_header_cannot_hold_another_one(way: Open, value: str) -> None:
    stop = threading.Event()
    with served((silent_until(stop),)) as server:
        request = here(server)
        request.headers["X-One"] = value
        transport = way(server.url, limit())
        with pytest.raises(httpx.LocalProtocolError):
            transport.handle_request(request)
        transport.close()
        stop.set()
    assert b"X-Other" not in b"".join(server.requests)


def test_a_proxy_gets_the_whole_address_and_the_service_only_its_path() -> None:
    for way, target in ((direct, b"GET /api?q=1 HTTP/1.1"), (proxied, b"GET http://")):
        with served((say(OK + b"{}"),)) as server:
            transport = way(server.url, limit())
            transport.handle_request(here(server, "/api?q=1")).close()
            transport.close()
        assert server.requests[0].startswith(target)


def test_t31_without_a_proxy_in_the_environment_the_way_is_direct() -> None:
    assert isinstance(open_transport("http://127.0.0.1:9", limit()), DirectTransport)
