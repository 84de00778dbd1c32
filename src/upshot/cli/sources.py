"""Which evidence a command is given: files of any kind, standard input, an address of Pulumi Cloud.

Kinds are found out by looking into a file. The result is what a workflow would have given: values of
`log-file`, `events-file`, `update-url` and `deployment-url`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import IO, BinaryIO, Final

from upshot.cli.desk import Misused, Refused
from upshot.evidence.text import UTF_16, as_utf8
from upshot.inputs.names import variable
from upshot.text import strip_invisible
from upshot.workspace import open_regular

STDIN: Final = "-"
MOST_STDIN_BYTES: Final = 512 * 1024 * 1024
"""As much as is read of a console log."""
_SNIFFED: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_EVENT: Final = re.compile(rb'\{"[^\n]{0,200}?"[a-zA-Z]{3,20}Event": ?\{')
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_KEPT: Final = (b'"reason_code"', b'"asked"', b'"diagnosis"')
"""Keys of the files that Upshot writes itself."""


class Kind(StrEnum):
    """What a file holds, by the input that takes it."""

    LOG = "log-file"
    EVENTS = "events-file"
    KEPT = "kept"
    """Upshot's own result, report or transcript."""


class Sources:
    """Collects evidence; what cannot be opened as it is lies in the folder `spool` then."""

    def __init__(
        self,
        stdin: BinaryIO,
        spool: str,
        *,
        say: Callable[[str], None],
        show: Callable[[bytes], None],
    ) -> None:
        """`spool` is an empty folder that no other user can read; `say` is told what is waited for,
        `show` gets standard input as it comes, and an empty piece at its end.
        """
        self._show = show
        self._stdin = stdin
        self._say = say
        self._spool = spool
        self._has_read_stdin = False
        self._copies = 0
        self._addresses: dict[str, str] = {}
        self._files: dict[Kind, list[str]] = {Kind.LOG: [], Kind.EVENTS: []}

    def add(self, words: Sequence[str], kind: Kind | None = None) -> None:
        """`words` are paths, `-`, or addresses; `kind` where it is known.

        Raises Refused for what cannot be read, Misused for two addresses.
        """
        for word in words:
            if "://" in word and kind is None:
                self._add_address(word)
                continue
            path = self._take_stream(word) or os.path.realpath(word)
            path, found = self._open(path, word)
            if found is Kind.KEPT:
                raise Refused(
                    f"{shown(word)} was written by Upshot: it is no log",
                    hint=f"upshot replay {shown(word)}",
                )
            self._files[kind or found].append(path)

    def inputs(self) -> dict[str, str]:
        """The variables of the inputs; several files of a kind are joined in one."""
        given = {variable(name): text for name, text in self._addresses.items()}
        for kind, paths in self._files.items():
            if paths:
                path = paths[0] if len(paths) == 1 else self._join(paths)
                given[variable(kind)] = path
        return given

    @property
    def is_empty(self) -> bool:
        return not (self._addresses or any(self._files.values()))

    @property
    def has_address(self) -> bool:
        return bool(self._addresses)

    def _add_address(self, word: str) -> None:
        if self._addresses:
            raise Misused("one address at a time: run `upshot explain` once for each")
        name = "deployment-url" if "/deployments/" in word else "update-url"
        self._addresses[name] = word

    def _take_stream(self, word: str) -> str:
        """The path of a copy of standard input, or of a pipe such as a shell's `<(zcat x.gz)`; empty for
        anything else.
        """
        if word != STDIN:
            if not _is_pipe(word):
                return ""
            with open(word, "rb") as pipe:  # noqa: PTH123 - as everywhere here
                return self._spooled(_pieces(pipe))
        if self._has_read_stdin:
            raise Misused("standard input, `-`, can be read only once")
        self._has_read_stdin = True
        self._say("reading standard input")
        return self._spooled(self._watched(_pieces(self._stdin)))

    def _watched(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._show(piece)
            yield piece
        self._show(b"")

    def _open(self, path: str, word: str) -> tuple[str, Kind]:
        """Where the file lies as UTF-8, and what it holds."""
        try:
            with open_regular(path) as file:
                head = file.read(_SNIFFED)
                tail = _tail(file)
                if head[:2] in UTF_16:
                    file.seek(0)
                    path = self._spooled(_pieces(file))
        except OSError as fault:
            raise Refused(f"{shown(word)} cannot be read: {fault.strerror or fault}") from None
        if head[:2] in UTF_16:
            return self._open(path, word)
        if head.startswith(_GZIP):
            raise Refused(
                f"{shown(word)} is compressed",
                hint=f"zcat {'FILE' if word == STDIN else shown(word)} | upshot explain -",
            )
        return path, kind_of(head, tail)

    def _spooled(self, pieces: Iterable[bytes]) -> str:
        """The path of a copy as UTF-8.

        It may hold one byte more than is read later: its reader then notices that there was more.
        """
        self._copies += 1
        path = f"{self._spool}/{self._copies}"
        left = MOST_STDIN_BYTES + 1
        with open(path, "xb") as target:  # noqa: PTH123
            for piece in as_utf8(pieces):
                target.write(piece[:left])
                left -= len(piece)
                if left <= 0:
                    break
        return path

    def _join(self, paths: Sequence[str]) -> str:
        return self._spooled(piece for path in paths for piece in _lines_of(path))


def kind_of(head: bytes, tail: bytes) -> Kind:
    """What a file with this beginning and this end holds.

    A console log may hold the JSON of `pulumi preview --json` and the events of `pulumi up --json` besides
    what the CLI itself prints; an event log holds events from its first line to its last.
    """
    head = head.removeprefix(_BOM).lstrip()
    last = tail.rstrip().rpartition(b"\n")[2]
    if _EVENT.match(head) and (_EVENT.match(last) or last == tail.rstrip()):
        return Kind.EVENTS
    if head[:1] == b"{" and any(key in head for key in _KEPT):
        return Kind.KEPT
    return Kind.LOG


def _tail(file: IO[bytes]) -> bytes:
    """The last bytes of a file; a part of a line where that is longer."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _SNIFFED))
    return file.read(_SNIFFED)


def _is_pipe(word: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(word).st_mode)  # noqa: PTH116
    except OSError:
        return False


def _lines_of(path: str) -> Iterator[bytes]:
    """A file whose last line has its end."""
    with open_regular(path) as file:
        yield from _pieces(file)
    yield b"\n"


def _pieces(stream: IO[bytes] | BinaryIO) -> Iterator[bytes]:
    """All of it, as it comes where the stream can tell."""
    read = getattr(stream, "read1", stream.read)
    while piece := read(_CHUNK):
        yield piece


def shown(word: str) -> str:
    """A path, as messages name it."""
    return strip_invisible(word) if word != STDIN else "standard input"
