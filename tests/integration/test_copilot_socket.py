"""The transport over real sockets on loopback: when a request counts as sent, and when it ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from upshot.errors import (
    ServiceBadReply,
    ServiceConnectionLost,
    ServiceTimeout,
    ServiceUnreachable,
)
from upshot.http.calls import Call
from upshot.http.client import ServiceClient
from upshot.http.retry import ONCE
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

CALL = Call(method="POST", path="/api/ai/chat/preview", body={"query": "?"}, retry=ONCE)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
Talk = Callable[[socket.socket, bytes], None]


@contextmanager
def server(*talks: Talk) -> Iterator[str]:
    """Serves one connection for each talk, which gets the socket and the request's first bytes."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        for talk in talks:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                request = connection.recv(65_536)
                while request.startswith(b"POST") and not request.endswith(b"}"):
                    request += connection.recv(65_536)
                try:
                    talk(connection, request)
                except OSError:
                    continue  # the client went away, as it should

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(timeout=10)
        listener.close()


def client(base_url: str, *, within_s: float = 10.0) -> ServiceClient:
    clock = SystemClock()
    deadline = Deadline.after(clock, within_s)
    return ServiceClient(
        base_url, Secret("pul-0123456789"), service=pulumi_cloud(), clock=clock, deadline=deadline
    )


def test_on_sent_is_called_when_the_request_is_on_the_wire_and_not_answered_yet() -> None:
    sent = threading.Event()
    was_sent_before_the_answer: list[bool] = []

    def talk(connection: socket.socket, request: bytes) -> None:
        was_sent_before_the_answer.append(sent.wait(timeout=5))
        connection.sendall(OK)

    with server(talk) as url, client(url) as cloud:
        assert cloud.send(CALL, on_sent=sent.set).body == b"{}"
    assert was_sent_before_the_answer == [True]


def test_the_token_travels_in_its_header_and_the_body_is_compact_json() -> None:
    requests: list[bytes] = []

    def talk(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        connection.sendall(OK)

    with server(talk) as url, client(url) as cloud:
        cloud.send(CALL)
    assert b"\r\nAuthorization: token pul-0123456789\r\n" in requests[0]
    assert requests[0].endswith(b'\r\n\r\n{"query":"?"}')


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"],
    ids=["headers", "body"],
)
def test_t35_a_server_that_drips_cannot_hold_us_beyond_the_deadline(start: bytes) -> None:
    stop = threading.Event()

    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(start)
        for _ in range(250):  # then it hangs up, which would be another error
            if stop.wait(timeout=0.02):
                return
            connection.sendall(b"x")

    with server(talk) as url, client(url, within_s=0.3) as cloud:
        with pytest.raises(ServiceTimeout, match="time ran out"):
            cloud.send(CALL)
        stop.set()


def test_a_server_that_hangs_up_leaves_open_whether_it_took_the_request() -> None:
    with (
        server(lambda connection, request: None) as url,
        client(url) as cloud,
        pytest.raises(ServiceConnectionLost),
    ):
        cloud.send(CALL)


def test_a_port_without_a_listener_surely_took_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with client(f"http://127.0.0.1:{port}") as cloud, pytest.raises(ServiceUnreachable):
        cloud.send(CALL)


def test_a_body_cut_short_is_a_lost_connection() -> None:
    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")

    with server(talk) as url, client(url) as cloud, pytest.raises(ServiceConnectionLost):
        cloud.send(CALL)


def test_t32_a_redirect_is_not_followed_over_real_sockets() -> None:
    def talk(connection: socket.socket, request: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 307 T\r\nlocation: http://127.0.0.1:9/x\r\ncontent-length: 0\r\n\r\n"
        )

    with (
        server(talk) as url,
        client(url) as cloud,
        pytest.raises(ServiceBadReply, match="redirects are not followed"),
    ):
        cloud.send(CALL)


def test_a_tunnel_that_the_proxy_refuses_sent_nothing_and_saw_no_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    requests: list[bytes] = []
    sent: list[int] = []

    def proxy(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    with server(proxy) as url:
        monkeypatch.setenv("https_proxy", url.replace("://", "://me:pw@"))
        with client("https://api.pulumi.com") as cloud, pytest.raises(ServiceUnreachable):
            cloud.send(CALL, on_sent=lambda: sent.append(1))
    assert requests[0].startswith(b"CONNECT api.pulumi.com:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6cHc=" in requests[0]
    assert b"pul-0123456789" not in requests[0]
    assert sent == []
