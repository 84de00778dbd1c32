"""Turns the bytes of a log, in pieces of any size, into clean lines of bounded length.

Handles terminals, GitHub's log decorations and encodings; must not know what a line means. Every
step is linear, and memory is bounded by one piece plus one line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from upshot.evidence.quoting import unfolded, unquoted
from upshot.evidence.wrappers import unwrapped
from upshot.model.limits import MESSAGE_KEPT
from upshot.text import ANSI, CONTROL, HIDDEN, pattern

LINE_CAP_BYTES: Final = 32_768
"""A longer line is cut."""
RECORD_CAP_BYTES: Final = 2_097_152
"""The same for a line that begins as a JSON record does: an engine event holds whole resources."""
UTF_16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""Codec of a text by its first bytes, its byte order mark."""
_SLICE_BYTES: Final = 262_144
# Moving the cursor up or down, or clearing the screen, ends a line like a newline: the interactive
# display redraws its table that way.
_VERTICAL = pattern(r"\x1b\[\d*(?:;\d*)?[ABEFHJf]")
_ANSI = pattern(ANSI)
# Pulumi's own colour tags in engine events: `<{%reset%}>` (documented wire, engine events).
_TAG = pattern(r"<\{%[^%\n]{0,80}%\}>")
_UNSEEN = pattern(f"[{CONTROL}{HIDDEN}\u2028\u2029]+")
# Prefix of each line by a runner or a wrapper: a time stamp, in downloaded logs after the names of
# job and step, or a test's name in brackets.
_STAMP = pattern(
    r"(?:[^\t]{0,200}\t[^\t]{0,200}\t)?\ufeff?(?:"
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)? ?"
    r"|\[ [^\]\s][^\]]{0,100} \] |\[(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: [A-Za-z]{3,12})?\] "
    r"|\d\d:\d\d:\d\d[.,]\d{3,9} )"
)
# A line of the CLI's debugging log, its repetition of what it displays, and of a step that failed. Tools
# such as kubectl have the same form for their errors (`E0926 …`), which are kept.
_VERBOSE = pattern(
    r"I\d{4} \d\d:\d\d:\d\d\.\d{1,9} +\d{1,9} [\w.]{1,60}\.go:\d{1,6}\] (?P<said>.*)"
)
_SINK = pattern(r"\w{1,40}Sink::(?P<severity>Infoerr|Error|Warning|Info)\((?P<text>.*)")
_SEVERITIES: Final = {"Error": "error: ", "Warning": "warning: "}
_STEP = pattern(r".{0,700}?\b(?:failed with|ended with) an error: (?P<text>.+)")
_MAY_BE_PREFIXED: Final = frozenset("012#:[I")
_COMMAND = pattern(
    r"##\[(?:group|endgroup|error|warning|notice|debug|command|section)\]|\[command\]"
    r"|::(?:group|error)::|::endgroup::"
)


def strip_colour(text: str) -> str:
    """Text without ANSI sequences, Pulumi's colour tags and invisible characters; lines stay."""
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    if "<{%" in text:
        text = _TAG.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text)


def iter_lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Clean lines without line ends; `pieces` are bytes as read, cut anywhere.

    What a tool puts before every line, and what quotes the lines, is taken off.
    """
    return unwrapped(unfolded(unquoted(_lines(pieces), without_stamp)))


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    for raw in _split(as_utf8(pieces)):
        line = raw.decode("utf-8", "replace")
        if "\x1b" in line:
            for part in _VERTICAL.split(line):
                yield _clean(part)
        else:
            yield _clean(line)


def _clean(line: str) -> str:
    if not line:
        return line
    is_plain = line.isascii() and line.isprintable() and "<{%" not in line
    if is_plain and line[0] not in _MAY_BE_PREFIXED:
        return line  # the common case, and the only one that must be fast
    line = strip_colour(line)
    line = _of_verbose(without_stamp(line))
    command = _COMMAND.match(line)
    return line[command.end() :] if command else line


def _of_verbose(line: str) -> str:
    """What the CLI's own debugging log (`-v`) repeats of the run; nothing for its other lines."""
    found = _VERBOSE.match(line)
    if not found:
        return line
    said = found["said"]
    if sink := _SINK.match(said):
        severity = _SEVERITIES.get(sink["severity"], "")
        return severity + sink["text"].removesuffix(")").removeprefix(severity)
    step = _STEP.match(said)
    return f"error: {step['text']}" if step else ""


def without_stamp(line: str) -> str:
    """The line without the time that a runner or a logger puts before it."""
    stamp = _STAMP.match(line)
    return line[stamp.end() :] if stamp else line


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    pending = bytearray()
    dropping = False
    for piece in pieces:
        for part in _slices(piece):
            for line in part.splitlines(keepends=True):
                ended = line.endswith((b"\n", b"\r"))
                if dropping:
                    dropping = not ended
                    continue
                if ended and not pending and len(line) <= LINE_CAP_BYTES:
                    yield line.rstrip(b"\r\n")  # the common case, without a copy
                    continue
                pending += line
                if not ended and len(pending) <= _cap(pending):
                    continue
                end, dropping = _end_of_line(pending, ended=ended)
                yield bytes(pending[:end]).rstrip(b"\r\n")
                del pending[: len(pending) if ended or dropping else end]
    if pending:
        yield bytes(pending)


def _slices(piece: bytes) -> Iterator[bytes]:
    if len(piece) <= _SLICE_BYTES:
        yield piece
        return
    for start in range(0, len(piece), _SLICE_BYTES):
        yield piece[start : start + _SLICE_BYTES]


def _end_of_line(pending: bytearray, *, ended: bool) -> tuple[int, bool]:
    """Where to cut a line that is too long, and whether to drop the rest of it.

    A redrawn display has no line ends: it is cut before its last escape sequence.
    """
    cap = _cap(pending)
    if len(pending) <= cap:
        return len(pending), False
    last = pending.rfind(b"\x1b")
    if last > 0:
        return (len(pending) if ended else last), False
    return cap, not ended


def _cap(line: bytearray) -> int:
    return RECORD_CAP_BYTES if line[:2] == b'{"' else LINE_CAP_BYTES


def as_utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Converts UTF-16 with a byte order mark, as PowerShell's `>` writes it; other bytes are kept."""
    source = iter(pieces)
    head = b""
    for piece in source:
        head += piece
        if len(head) > 1:
            break
    codec = UTF_16.get(head[:2])
    if codec is None:
        yield head
        yield from source
        return
    import codecs

    decoder = codecs.getincrementaldecoder(codec)("replace")
    for piece in chain((head[2:],), source):
        yield decoder.decode(piece).encode("utf-8", "replace")


class CappedText:
    """Lines of one message; the first and the last ones are kept, those between are counted."""

    __slots__ = ("_dropped", "_head", "_head_left", "_tail", "_tail_bytes", "_tail_cap")

    def __init__(
        self, *, head_chars: int = MESSAGE_KEPT * 3 // 4, tail_chars: int = MESSAGE_KEPT // 4
    ) -> None:
        self._head: list[str] = []
        self._head_left = head_chars
        self._tail: deque[str] = deque()
        self._tail_bytes = 0
        self._tail_cap = tail_chars
        self._dropped = 0

    def add(self, line: str) -> None:
        cost = len(line) + 1
        if cost <= self._head_left:
            self._head.append(line)
            self._head_left -= cost
            return
        if not self._head:
            self._head.append(line[: self._head_left])
        self._head_left = 0
        if cost > self._tail_cap:
            self._dropped += 1
            return
        self._tail.append(line)
        self._tail_bytes += cost
        while self._tail_bytes > self._tail_cap:
            self._tail_bytes -= len(self._tail.popleft()) + 1
            self._dropped += 1

    def __bool__(self) -> bool:
        return bool(self._head)

    def lines(self) -> list[str]:
        if not self._dropped:
            return [*self._head, *self._tail]
        return [*self._head, f"[{self._dropped} lines left out]", *self._tail]
