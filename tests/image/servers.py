"""What a company's network has: a server of names, servers that speak TLS, a proxy."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

LOOPBACK: Final = "127.0.0.1"
_NAMES: Final = 53
_ANSWER: Final = b"\x81\x80"
_ADDRESS: Final = 1
_CHUNK: Final = 65_536


class Names(NamedTuple):
    """A server of names."""

    address: str
    """On loopback, where another test's server may have another one: the port is always 53."""
    asked: list[str]
    """The names that it was asked for."""


@contextlib.contextmanager
def names_server(host: str) -> Iterator[Names]:
    """Answers questions for `host` with loopback's address."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        address = _bind(server)

        def serve() -> None:
            while True:
                question, client = server.recvfrom(512)
                if not question:
                    return
                name, rest = _read_name(question[12:])
                asked.append(name)
                kind = int.from_bytes(rest[:2])
                found = name == host and kind == _ADDRESS
                server.sendto(_answer(question, found=found), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield Names(address, asked)
        finally:
            server.sendto(b"", server.getsockname())
            thread.join()


def _bind(server: socket.socket) -> str:
    """The first address on loopback where no other server of names listens. Raises OSError."""
    for last in range(1, 255):
        with contextlib.suppress(OSError):
            server.bind((f"127.0.53.{last}", _NAMES))
            return f"127.0.53.{last}"
    raise OSError("no address on loopback is free for a server of names")


def _read_name(question: bytes) -> tuple[str, bytes]:
    """The name, and what follows it."""
    labels = []
    while length := question[0]:
        labels.append(question[1 : 1 + length].decode("ascii"))
        question = question[1 + length :]
    return ".".join(labels), question[1:]


def _answer(question: bytes, *, found: bool) -> bytes:
    counts = b"\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
    end = question.index(b"\0", 12) + 5
    record = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(LOOPBACK) if found else b""
    return question[:2] + _ANSWER + counts + question[12:end] + record


@contextlib.contextmanager
def tls_front(port: int, certificate: Path) -> Iterator[int]:
    """Speaks TLS in front of a server at `port` of loopback; yields its own port.

    `certificate` holds key and certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):  # it is closed
                while True:
                    plain, _ = listener.accept()
                    arguments = (context, plain, port)
                    threading.Thread(target=_relay, args=arguments, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


@contextlib.contextmanager
def connect_proxy() -> Iterator[tuple[int, list[str]]]:
    """A proxy for TLS to any host, which it finds on loopback; yields its port and what it was asked."""
    asked: list[str] = []
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):  # it is closed
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=_forward, args=(client, asked), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], asked


def _forward(client: socket.socket, asked: list[str]) -> None:
    with contextlib.suppress(OSError), client:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        target = head.split()[1].decode("ascii")
        asked.append(target)
        with socket.create_connection((LOOPBACK, int(target.rpartition(":")[2]))) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _relay(context: ssl.SSLContext, plain: socket.socket, port: int) -> None:
    with (
        contextlib.suppress(OSError),
        plain,
        context.wrap_socket(plain, server_side=True) as client,
        socket.create_connection((LOOPBACK, port)) as server,
    ):
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_CHUNK):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
