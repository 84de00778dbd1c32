"""Sockets that never outlast a deadline, proxies from the environment, one shared TLS context.

httpx limits each read, so a server that sends a byte now and then can hold a client for hours.
Here every connect, read and write is cut to what is left of the deadline as well.

Must not know tokens, paths or what is asked.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from upshot.address import find_own_authority, is_loopback
from upshot.errors import InputError
from upshot.timing import Deadline

SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]


@cache
def tls_context() -> ssl.SSLContext:
    """The one context of the process: it costs 15 ms to build. Verification cannot be turned off.

    The environment may add a company's own authority to the public ones.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if own := find_own_authority(os.environ):
        context.load_verify_locations(own)
    if folder := os.environ.get("SSL_CERT_DIR", ""):
        context.load_verify_locations(capath=folder)
    return context


def find_proxy(base_url: str, env: Mapping[str, str]) -> str:
    """The proxy that `env` names for this address, or an empty text.

    `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case; lower case
    wins, also when it is empty. Loopback never goes through one: a token in plain http must not leave the machine.

    Raises InputError for a proxy that is neither http nor https.
    """
    parsed = urlsplit(base_url)
    host = parsed.hostname or ""
    proxies = _proxies(env)
    if is_loopback(host) or _is_exempt(host, proxies.get("no", "")):
        return ""
    found = proxies.get(parsed.scheme) or proxies.get("all") or ""
    if found and "://" not in found:
        found = f"http://{found}"
    if found and not found.startswith(("http://", "https://")):
        raise InputError(
            "HTTPS_PROXY",
            f"a proxy of the kind {found.partition('://')[0][:20]!a} from the environment",
            "an http or https proxy",
        )
    return found


def _proxies(env: Mapping[str, str]) -> dict[str, str]:
    """Scheme, `all` or `no` -> what its variable `<name>_proxy` holds."""
    upper = {name.lower(): value for name, value in env.items() if name.endswith("_PROXY")}
    lower = {name: value for name, value in env.items() if name.endswith("_proxy")}
    return {name.removesuffix("_proxy"): value for name, value in (upper | lower).items() if value}


def _is_exempt(host: str, no_proxy: str) -> bool:
    """Whether `NO_PROXY` names the host or a domain that it is in; `*` names all."""
    names = [name.strip().lstrip(".").lower() for name in no_proxy.split(",")]
    return "*" in names or any(f".{host}".endswith(f".{name}") for name in names if name)


def quiet_loggers() -> None:
    """The libraries log each address at INFO, and a path can be a right in itself (threat T34)."""
    import logging

    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


class DeadlineTransport(httpx.BaseTransport):
    """httpx's transport, with `until` as a hard end for everything a socket does.

    For one request at a time: the client sets `until` before each.
    """

    def __init__(self, base_url: str, *, until: Deadline) -> None:
        self._backend = _Backend(until)
        # Plain http needs no TLS context, and saves the time to build it.
        tls = tls_context() if base_url.startswith("https:") else None
        self._pool = _pool(find_proxy(base_url, os.environ), tls, self._backend)

    def limit(self, until: Deadline) -> None:
        """Sets the end for the next request."""
        self._backend.until = until

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        wire = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            reply = self._pool.handle_request(wire)
        except _HTTPCORE_ERRORS as error:
            raise _in_httpx_words(error) from None
        codings = [value for name, value in reply.headers if name.lower() == _CODING]
        return httpx.Response(
            status_code=reply.status,
            headers=[header for header in reply.headers if header[0].lower() != _CODING],
            stream=_Body(reply, b",".join(codings).decode("ascii", "replace")),
            extensions=reply.extensions,
        )

    def close(self) -> None:
        self._pool.close()


_CODING = b"content-encoding"
_HTTPCORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def _in_httpx_words(error: Exception) -> httpx.TransportError:
    """The two libraries name their errors alike."""
    kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
    return kind(str(error))


class _Body(httpx.SyncByteStream):
    """The body, inflated here in small pieces: httpx inflates whatever one read brings at once, and
    a second time where the header names two codings.
    """

    def __init__(self, reply: httpcore.Response, codings: str) -> None:
        self._reply = reply
        self._codings = codings

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._content() if self._codings else self._reply.iter_stream()
        except _HTTPCORE_ERRORS as error:
            raise _in_httpx_words(error) from None

    def _content(self) -> Iterator[bytes]:
        from upshot.http.inflate import BadCoding, inflate  # most small replies are not compressed

        try:
            yield from inflate(self._reply.iter_stream(), self._codings)
        except BadCoding as error:
            raise httpx.DecodingError(str(error)) from None

    def close(self) -> None:
        self._reply.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, until: Deadline) -> None:
        self.until = until
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,  # noqa: ARG002 - httpcore's signature; none is set
    ) -> httpcore.NetworkStream:
        left_s = self.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._sockets.connect_tcp(host, port, left_s, local_address), self)

    def cut(self, timeout: float | None, too_late: type[httpcore.TimeoutException]) -> float:
        left_s = self.until.remaining_s()
        if left_s <= 0:
            # A time-out of zero would mean "do not block" to a socket.
            raise too_late("the deadline has passed")
        return left_s if timeout is None else min(timeout, left_s)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self._backend.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._backend)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _pool(
    proxy: str, tls: ssl.SSLContext | None, backend: httpcore.NetworkBackend
) -> httpcore.ConnectionPool:
    if not proxy:
        return httpcore.ConnectionPool(ssl_context=tls, network_backend=backend)
    parsed = urlsplit(proxy)
    user = (unquote(parsed.username or ""), unquote(parsed.password or ""))
    port = f":{parsed.port}" if parsed.port else ""
    return httpcore.HTTPProxy(
        f"{parsed.scheme}://{parsed.hostname}{port}/",
        proxy_auth=(user[0].encode(), user[1].encode()) if any(user) else None,
        ssl_context=tls,
        proxy_ssl_context=tls_context() if parsed.scheme == "https" else None,
        network_backend=backend,
    )
