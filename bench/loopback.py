"""A server on loopback that answers after a round trip and notes when what came and went.

Plain sockets and one thread a connection: it costs 0.2 ms a request, so that what is measured is
the client. It knows HTTP/1.1 as far as our clients speak it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, NamedTuple, Self

_ONE_READ: Final = 65_536


class Request(NamedTuple):
    method: str
    target: str
    """Path and query."""
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    body: bytes
    status: int = 200
    headers: tuple[str, ...] = ()
    """Whole lines."""
    kind: str = "application/json; charset=utf-8"


class Exchange(NamedTuple):
    """One request and when, by `time.perf_counter`, it was there and its reply was sent."""

    line: str
    arrived_s: float
    answered_s: float


class Loopback:
    """Serves `answer` while it is entered; `round_trip_s` passes before each reply."""

    def __init__(
        self, answer: Callable[[Request], Reply], *, round_trip_s: Callable[[str], float]
    ) -> None:
        """`round_trip_s` gets `METHOD /target`."""
        self.exchanges: list[Exchange] = []
        self.on_arrival: Callable[[str], None] = lambda _: None
        self._answer = answer
        self._round_trip_s = round_trip_s
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            try:
                while (request := _read(stream.readline, stream.read)) is not None:
                    arrived_s = time.perf_counter()
                    line = f"{request.method} {request.target}"
                    self.on_arrival(line)
                    reply = self._answer(request)
                    pause_s = arrived_s + self._round_trip_s(line) - time.perf_counter()
                    time.sleep(max(pause_s, 0))
                    # Noted first: who has the reply must find it noted.
                    self.exchanges.append(Exchange(line, arrived_s, time.perf_counter()))
                    connection.sendall(_written(reply))
            except OSError:
                return


def _read(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> Request | None:
    first = readline().decode("latin-1").split(" ")
    if len(first) < 2:
        return None
    headers = {}
    while line := readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    return Request(first[0], first[1], headers, read(length) if length else b"")


def _written(reply: Reply) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} OK",
        f"Content-Type: {reply.kind}",
        f"Content-Length: {len(reply.body)}",
        *reply.headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + reply.body
