"""Connections through a proxy, by httpcore: it knows CONNECT, and TLS within TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from upshot.http.network import SENT, Limit, build_response, tls_context

SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]
_HTTPCORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class ProxiedTransport(httpx.BaseTransport):
    """Requests to one host by way of `proxy`, an http or https address that may name a user."""

    def __init__(self, base_url: str, proxy: str, limit: Limit) -> None:
        parsed = urlsplit(proxy)
        user = (unquote(parsed.username or ""), unquote(parsed.password or ""))
        port = f":{parsed.port}" if parsed.port else ""
        self._pool = httpcore.HTTPProxy(
            f"{parsed.scheme}://{parsed.hostname}{port}/",
            proxy_auth=(user[0].encode(), user[1].encode()) if any(user) else None,
            ssl_context=tls_context() if base_url.startswith("https:") else None,
            proxy_ssl_context=tls_context() if parsed.scheme == "https" else None,
            network_backend=_Backend(limit),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        extensions = dict(request.extensions)
        if on_sent := extensions.pop(SENT, None):
            extensions["trace"] = _Sent(on_sent).trace
        wire = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=extensions,
        )
        try:
            reply = self._pool.handle_request(wire)
        except _HTTPCORE_ERRORS as error:
            raise _in_httpx_words(error) from None
        return build_response(reply.status, reply.headers, _pieces(reply), reply.close)

    def close(self) -> None:
        self._pool.close()


class _Sent:
    """Calls back when the request's body is on the wire."""

    def __init__(self, on_sent: Callable[[], None]) -> None:
        self._on_sent = on_sent
        self._is_tunnel = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """For httpcore's trace extension; a proxy's CONNECT is a request too, but not ours."""
        if event == "http11.send_request_headers.started":
            self._is_tunnel = info["request"].method == b"CONNECT"
        elif event == "http11.send_request_body.complete" and not self._is_tunnel:
            self._on_sent()


def _pieces(reply: httpcore.Response) -> Iterator[bytes]:
    try:
        yield from reply.iter_stream()
    except _HTTPCORE_ERRORS as error:
        raise _in_httpx_words(error) from None


def _in_httpx_words(error: Exception) -> httpx.TransportError:
    """The two libraries name their errors alike."""
    kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
    return kind(str(error))


class _Backend(httpcore.NetworkBackend):
    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,  # noqa: ARG002 - httpcore's signature; none is set
    ) -> httpcore.NetworkStream:
        left_s = self._limit.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._sockets.connect_tcp(host, port, left_s, local_address), self._limit)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, limit: Limit) -> None:
        self._stream = stream
        self._limit = limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._limit.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._limit.cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self._limit.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._limit)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
