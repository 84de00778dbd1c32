"""The two folders that a path from an input may lead to, and the safe way to open a file there.

The workspace is a checkout and may be hostile, so a path counts by where it really ends: a
symbolic link that leads out is refused (threat T37), and what is opened is a regular file, never
a device or a pipe. Knows no input names and writes nothing.

A container sees the runner's folders under other names (`/github/workspace`,
`/github/runner_temp`). The runner translates the start of an input's value; what still reaches us in
the host's spelling (`${{ runner.temp }}/events.json` on other runners) is translated
here, by `RUNNER_WORKSPACE`, which keeps the host's spelling (runner source: it is not mounted).
A job in a container sees them as `/__w/NAME/NAME` and `/__w/_temp` (runner source), which is what
`$GITHUB_WORKSPACE` and `$RUNNER_TEMP` hold in its steps.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from msgspec import Struct

from upshot.text import pattern
from upshot.timing import Deadline

SCRATCH = "upshot"
"""Our folder in the runner's scratch folder."""
RESULT_FILE = "result.json"
_HOSTED_TEMP = "/home/runner/work/_temp"
_IN_CONTAINER = "/__w"
_MOST_ENDLESS = 4
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ON_DRIVE = pattern(r"[A-Za-z]:[\\/]")
_FOREIGN = pattern(r"\s*(?:\\|~|[A-Za-z][A-Za-z0-9+.-]*:)")
"""A home folder, a share or drive of Windows, or an address: a path in none of our spellings."""


class Workspace(Struct, frozen=True):
    """Real paths; `temp` is empty where there is no runner."""

    root: str
    """GITHUB_WORKSPACE; relative paths start here."""
    temp: str = ""
    """RUNNER_TEMP."""
    aliases: tuple[tuple[str, str], ...] = ()
    """(the host's prefix, our prefix)."""
    paths: Any = os.path
    """The system's rules for paths; another system's in tests."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Workspace:
        """The folders that the runner names; the working directory where there is no runner."""
        root = os.path.realpath(env.get("GITHUB_WORKSPACE") or os.getcwd())  # noqa: PTH109 - pathlib costs 3 ms
        temp = os.path.realpath(env["RUNNER_TEMP"]) if env.get("RUNNER_TEMP") else ""
        aliases = []
        if temp:
            aliases += [(_HOSTED_TEMP, temp), (f"{_IN_CONTAINER}/_temp", temp)]
        # /home/runner/work/web: the checkout is in …/web/web, the scratch folder in …/_temp.
        host = env.get("RUNNER_WORKSPACE", "").rstrip("/")
        if host.startswith("/"):
            work, name = host.rsplit("/", 1)
            aliases.append((f"{host}/{name}", root))
            if temp:
                aliases.append((f"{work}/_temp", temp))
        name = host.rsplit("/", 1)[-1] or env.get("GITHUB_REPOSITORY", "").rsplit("/", 1)[-1]
        if name:
            aliases.append((f"{_IN_CONTAINER}/{name}/{name}", root))
        return cls(root, temp, tuple(aliases))

    def has_result(self, key: str) -> bool:
        """Whether an earlier step of this job has reported with that `comment-key`.

        The runner empties its scratch folder for each job.
        """
        return bool(self.temp) and os.path.exists(f"{self.temp}/{SCRATCH}/{key}/{RESULT_FILE}")  # noqa: PTH110 - pathlib costs 3 ms

    def find_path(self, text: str) -> str | None:
        """The real path that `text` means; None when it ends outside both folders.

        Nothing needs to exist there. Relative paths start in the workspace.
        """
        if not text or "\0" in text or self._is_share(text):
            return None
        inside = self._inside(text)
        if inside is None:
            for prefix, ours in self.aliases:
                if self._is_within(os.path.normpath(text), prefix):
                    inside = self._inside(ours + os.path.normpath(text)[len(prefix) :])
        return inside

    def relative_path(self, text: str) -> str | None:
        """`text` as a path inside the checkout, as annotations name files; None when it is not."""
        # Joined to the checkout, `C:\x` and `file:///x` would be odd but relative names.
        is_foreign = _FOREIGN.match(text) and not (self._is_windows and _ON_DRIVE.match(text))
        real = None if is_foreign else self.find_path(text)
        if real is None or not self._is_within(real, self.root) or real == self.root:
            return None
        inside = self.paths.relpath(real, self.root).replace(self.paths.sep, "/")
        return inside if is_plain_path(inside) else None

    @property
    def _is_windows(self) -> bool:
        return bool(self.paths.sep == "\\")

    def _is_share(self, text: str) -> bool:
        """A name of another machine: to look at it would be to sign in there (threat T74)."""
        return self._is_windows and text.lstrip()[:2].replace("/", "\\") == "\\\\"

    def _inside(self, text: str) -> str | None:
        real: str = self.paths.realpath(self.paths.join(self.root, text))
        if self._is_within(real, self.root) or (self.temp and self._is_within(real, self.temp)):
            return real
        return None

    def _is_within(self, path: str, folder: str) -> bool:
        """Both real; Windows tells neither small from capital letters nor its two signs apart."""
        path, folder = self.paths.normcase(path), self.paths.normcase(folder)
        sep = self.paths.sep
        return bool(path == folder or path.startswith(folder.rstrip(sep) + sep))


def is_plain_path(path: str) -> bool:
    """Whether a path is relative and, as any system reads it, stays below its start (threat T40)."""
    if not path.strip() or not path.isprintable() or _FOREIGN.match(path):
        return False
    first, *others = (part.strip() for part in re.split(r"[/\\]", path))
    return bool(first) and ".." not in {first, *others}


def open_flags(*names: str) -> int:
    """The flags of these names that this system has, for `os.open`; a child process never gets the file.

    Windows has few of them; its files are bytes only with a flag of its own.
    """
    flags = 0
    for name in (*names, "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    return flags


def open_regular(path: str) -> IO[bytes]:
    """Opens a file for reading, by a path from `find_path`.

    Raises OSError: not there, not readable, a link that was put there since, or no regular file.
    """
    descriptor = os.open(path, open_flags("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK"))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return open(descriptor, "rb")  # noqa: PTH123 - a descriptor, not a path


class BoundedFile:
    """A file that is read up to a number of bytes and a time, whatever size it claims to have.

    A sparse file claims gigabytes, one of a pseudo file system none. After the last byte or at the
    end of the time it reads as if it ended there, and `is_cut` says so.
    """

    def __init__(self, file: IO[bytes], *, limit_bytes: int, until: Deadline) -> None:
        self._file = file
        self._left = limit_bytes
        self._until = until
        self.is_cut = False
        self.is_empty = True

    def chunks(self, size: int) -> Iterator[bytes]:
        """Pieces of at most `size` bytes."""
        return self._pieces(lambda most: self._file.read(min(size, most)))

    def lines(self, longest: int) -> Iterator[bytes]:
        """Lines with their ends; one of more than `longest` bytes comes in pieces.

        What goes on without a line's end for _MOST_ENDLESS pieces is no text: the file ends there.
        """
        endless = 0
        for piece in self._pieces(lambda most: self._file.readline(min(longest, most))):
            yield piece
            endless = 0 if piece.endswith(b"\n") else endless + 1
            if endless == _MOST_ENDLESS:
                self.is_cut = True
                return

    def _pieces(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        while not (self.is_cut or self._until.passed):
            piece = read(self._left + 1)  # one more: whether there is more
            self.is_empty &= not piece
            self._left -= len(piece)
            self.is_cut = self._left < 0
            if not piece:
                return
            yield piece[: self._left] if self.is_cut else piece
        self.is_cut = True


def read_text(path: str, *, limit_bytes: int) -> str:
    """The text of a small file; bytes that are not UTF-8 become U+FFFD, CRLF becomes LF.

    Raises OSError as `open_regular` does, and when the file is larger than `limit_bytes`.
    """
    with open_regular(path) as file:
        data = file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise OSError(f"larger than {limit_bytes:,} bytes")
    return data.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "replace").replace("\r\n", "\n")
