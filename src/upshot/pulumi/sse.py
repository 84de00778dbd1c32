"""Server-sent events: an incremental parser of bytes, by the WHATWG rules.

It must not know what the events mean, nor where the bytes come from. Ours instead of `httpx-sse`
(docs/neo.md, "Why our own SSE parser"): that one keeps a byte order mark, makes an event of every
keep-alive that follows an `id`, and has no bound.

Rules: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.errors import PulumiBadReply

MAX_EVENT_BYTES: Final = 8 * 1024 * 1024
"""The longest line that the Pulumi CLI reads [shipped client]; here the bound of one event."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Frame(Struct, frozen=True, gc=False):
    """One dispatched event."""

    id: str
    """The last event ID at its dispatch: also that of an earlier frame; empty if none yet."""
    event: str
    """Empty when the stream named none (`message` in a browser)."""
    data: str


class SseParser:
    """Bytes in, frames out; split anywhere, also inside a character or between CR and LF.

    A frame is given as soon as the line that ends it is known to be blank. What is left when the
    stream ends is an incomplete event and is dropped, as the rules say: it comes again after a
    resume from `last_event_id`.
    """

    def __init__(self, *, limit_bytes: int = MAX_EVENT_BYTES) -> None:
        self.last_event_id = ""
        """To send as `Last-Event-ID` on a resume, unless it is empty."""
        self._limit_bytes = limit_bytes
        self._rest = bytearray()
        self._after_cr = False
        self._head: bytes | None = b""

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes, in order; time is linear in its length.

        Raises `PulumiBadReply` when one event is longer than the limit.
        """
        fresh = self._with_line_feeds(self._without_mark(chunk))
        if not fresh:
            return []
        searched = max(0, len(self._rest) - 1)
        self._rest += fresh
        end = self._rest.rfind(b"\n\n", searched)
        frames: list[Frame] = []
        if end >= 0:
            blocks = bytes(self._rest[:end])
            del self._rest[: end + 2]
            frames = [frame for block in blocks.split(b"\n\n") if (frame := self._frame(block))]
        if len(self._rest) > self._limit_bytes:
            raise PulumiBadReply(
                f"the event stream sent one event of more than {self._limit_bytes} bytes"
            )
        return frames

    def _without_mark(self, chunk: bytes) -> bytes:
        """`chunk` without a byte order mark at the very start of the stream."""
        if self._head is None:
            return chunk
        head = self._head + chunk
        if len(head) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head.removeprefix(_BYTE_ORDER_MARK)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """`chunk` with CR and CRLF as LF; a CR at the end ends its line at once."""
        if not chunk:
            return chunk
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _frame(self, block: bytes) -> Frame | None:
        """The event of the lines between two blank ones; None when they hold no `data`."""
        data: list[bytes] = []
        event = b""
        for line in block.split(b"\n"):
            name, _, value = line.partition(b":")
            if name == b"data":
                data.append(value.removeprefix(b" "))
            elif name == b"id":
                if b"\0" not in value:
                    self.last_event_id = value.removeprefix(b" ").decode("utf-8", "replace")
            elif name == b"event":
                event = value.removeprefix(b" ")
        if not data:
            return None
        return Frame(
            self.last_event_id,
            event.decode("utf-8", "replace"),
            b"\n".join(data).decode("utf-8", "replace"),
        )
