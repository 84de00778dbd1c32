"""What every connection shares: a hard end, the proxy and the authorities of the environment, its reply.

httpx limits each read, so a server that sends a byte now and then can hold a client for hours.
Here every connect, read and write is cut to what is left of the deadline as well.

Must not know tokens, paths or what is asked.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx

from upshot.address import find_own_authority, is_loopback
from upshot.errors import InputError
from upshot.timing import Deadline

SENT = "upshot.sent"
"""A request's extension: called without arguments when the whole request is on the wire."""
_CODING = b"content-encoding"

_LONGEST_PATH: Final = 200
"""Characters of a path that a message shows."""


@cache
def tls_context() -> ssl.SSLContext:
    """The one context of the process: it costs 15 ms to build. Verification cannot be turned off.

    The environment may add a company's own authority to the public ones. Raises InputError when it
    names a file that cannot be read: a container sees other paths than the machine around it.
    """
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    if own := find_own_authority(os.environ):
        try:
            context.load_verify_locations(own)
        except OSError:  # ssl's own errors are of these, too
            raise InputError(
                "SSL_CERT_FILE",
                f"{own[:_LONGEST_PATH]!a}, which is not there or holds no certificate",
                "a file of certificates (PEM) in the workspace, such as /github/workspace/ci/ca.pem",
            ) from None
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


class Limit:
    """The end for what sockets do; the client sets it before each request."""

    def __init__(self, until: Deadline) -> None:
        self.until = until

    def cut(self, timeout_s: float | None, too_late: Callable[[str], Exception]) -> float:
        """Seconds that the next step may take, above 0. Raises `too_late` when none are left."""
        left_s = self.until.remaining_s()
        if left_s <= 0:
            # A time-out of zero would mean "do not block" to a socket.
            raise too_late("the deadline has passed")
        return left_s if timeout_s is None else min(timeout_s, left_s)


def build_response(
    status: int,
    headers: Sequence[tuple[bytes, bytes]],
    pieces: Iterable[bytes],
    close: Callable[[], None],
) -> httpx.Response:
    """A reply as httpx knows it. Its body comes in `pieces`, which may raise httpx.TransportError.

    The body is inflated here in small pieces: httpx inflates whatever one read brings at once, and
    a second time where the header names two codings.
    """
    codings = b",".join(value for name, value in headers if name.lower() == _CODING)
    return httpx.Response(
        status_code=status,
        headers=[header for header in headers if header[0].lower() != _CODING],
        stream=_Body(pieces, codings.decode("ascii", "replace"), close),
    )


class _Body(httpx.SyncByteStream):
    def __init__(self, pieces: Iterable[bytes], codings: str, close: Callable[[], None]) -> None:
        self._pieces = pieces
        self._codings = codings
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        if not self._codings:
            yield from self._pieces
            return
        from upshot.http.inflate import BadCoding, inflate  # most small replies are not compressed

        try:
            yield from inflate(self._pieces, self._codings)
        except BadCoding as error:
            raise httpx.DecodingError(str(error)) from None

    def close(self) -> None:
        self._close()
