"""What both ways to a service share: a hard end for everything that a socket does, and the reply.

httpx limits each read, so a server that sends a byte now and then can hold a client for hours.
Here every connect, read and write is cut to what is left of the deadline as well.

Must not know tokens, paths or what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import httpx

from upshot.timing import Deadline

SENT = "upshot.sent"
"""A request's extension: called without arguments when the whole request is on the wire."""
_CODING = b"content-encoding"


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
