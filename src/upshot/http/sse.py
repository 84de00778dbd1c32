"""Server-sent events: an incremental parser of bytes, by the WHATWG rules.

It must not know what the events mean, nor where the bytes come from. Ours instead of `httpx-sse`
(docs/neo.md, "Why our own SSE parser"): that one keeps a byte order mark, makes an event of every
keep-alive that follows an `id`, and has no bound.

Rules: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.errors import ServiceBadReply

MAX_EVENT_BYTES: Final = 8 * 1024 * 1024
"""The longest line that the Pulumi CLI reads [shipped client]; here the bound of one event."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Frame(Struct, frozen=True, gc=False):
    """One dispatched event; its name (`event:`) is not kept, as no service here sets one."""

    id: str
    """The last event ID at its dispatch: also that of an earlier frame; empty if none yet."""
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

        Raises `ServiceBadReply` when one event is longer than the limit.
        """
        if self._head is not None:
            chunk = self._without_mark(chunk)
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_line_feeds(chunk)
        searched = max(0, len(self._rest) - 1)
        self._rest += chunk
        end = self._rest.rfind(b"\n\n", searched)
        frames: list[Frame] = []
        if end >= 0:
            # A blank line is no part of a character: whole blocks decode in one go.
            blocks = self._rest[:end].decode("utf-8", "replace")
            del self._rest[: end + 2]
            frames = [frame for block in blocks.split("\n\n") if (frame := self._frame(block))]
        if len(self._rest) > self._limit_bytes:
            raise ServiceBadReply(
                f"the event stream sent one event of more than {self._limit_bytes} bytes"
            )
        return frames

    def _without_mark(self, chunk: bytes) -> bytes:
        """`chunk` without a byte order mark at the very start of the stream."""
        head = (self._head or b"") + chunk
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
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _frame(self, block: str) -> Frame | None:
        """The event of the lines between two blank ones; None when they hold no `data`."""
        first, _, second = block.partition("\n")
        is_plain = "\n" not in second and "\0" not in first
        if is_plain and first.startswith("id: ") and second.startswith("data: "):
            # The form of nearly every event, at half the time.
            self.last_event_id = first[4:]
            return Frame(self.last_event_id, second[6:])
        return self._frame_of_lines(block)

    def _frame_of_lines(self, block: str) -> Frame | None:
        data: list[str] = []
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
            elif name == "id" and "\0" not in value:
                self.last_event_id = value.removeprefix(" ")
        if not data:
            return None
        return Frame(self.last_event_id, "\n".join(data))
