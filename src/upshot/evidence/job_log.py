"""The log of a GitHub Actions job: which of its steps speak of Pulumi, and when they did.

A job's log holds all of its steps, and any tool may print `error:`. Once the engine has spoken, the
steps that neither name Pulumi nor print a heading of its display are left out. Pure; one pass over
bytes, memory is bounded by one piece and one line.

Form, from downloaded logs: each line begins with its time, `2026-01-01T00:00:00.0000000Z `; a step
begins with `##[group]Run …`, its script, shell and environment, and `##[endgroup]`; what runs after
the steps begins with `Post job cleanup.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

_LONGEST_LINE: Final = 65_536
"""A longer one is passed on in parts."""
_MOST_TIMES: Final = 20_000
"""Seconds in which the engine spoke that are kept: more than five hours."""
_STAMP = re.compile(
    rb"(?:\xef\xbb\xbf)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z |(?:\xef\xbb\xbf)"
)
_COLOUR: Final = rb"(?:\x1b\[[0-9;]{0,20}m){0,8}"
_HEADING = re.compile(
    _COLOUR
    + rb"(?:Previewing|Updating|Destroying|Refreshing|Importing)(?: [a-z]{1,20})?"
    + _COLOUR
    + rb"(?::| ?\([^()\n]{1,300}\)| (?:of )?stack '[^'\n]{1,300}')"
)
_SECTION = re.compile(
    _COLOUR
    + rb"\s{0,8}"
    + _COLOUR
    + rb"(?:View Live|View in Browser|Diagnostics|Resources|Duration)\b"
)
_STEP: Final = (b"##[group]Run ", b"Post job cleanup.")
_END: Final = b"##[endgroup]"
_SCRIPT: Final = b"\x1b[36;1m"
_ABOUT: Final = (b"shell: ", b"env:", b"with:", b"  ")
"""After the script of a step: its environment may name Pulumi in any step."""


class JobLogFilter:
    """The log without times, and without the steps that have nothing to do with Pulumi, as bytes.

    After the last piece `times` and `has_engine` are complete.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._stamps: set[bytes] = set()
        self._is_muted = False
        self._is_header = False
        self._is_of_pulumi = False
        self.has_engine = False
        """Whether a heading of the engine's display was printed."""

    @property
    def times(self) -> tuple[float, ...]:
        """The seconds in which the engine spoke, since the Unix epoch, in order."""
        return tuple(sorted(filter(None, map(_parse_time, self._stamps))))

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for piece in self._pieces:
            lines = (rest + piece).splitlines(keepends=True)
            rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            if len(rest) > _LONGEST_LINE:
                lines.append(rest)
                rest = b""
            if kept := b"".join(map(self._read, lines)):
                yield kept
        if kept := self._read(rest):
            yield kept

    def _read(self, line: bytes) -> bytes:
        """The line without its time; empty where it is left out."""
        stamp = _STAMP.match(line)
        text = line[stamp.end() :] if stamp else line
        if text.startswith(_STEP):
            self._is_muted = self.has_engine
            self._is_header = not text.startswith(b"Post")
            self._is_of_pulumi = b"pulumi" in text and self._is_header
            return b""
        if self._is_header and self._in_header(text):
            return b""
        if _HEADING.match(text):
            self.has_engine, self._is_muted = True, False
            self._note(stamp)
        elif not self._is_muted and self.has_engine and _SECTION.match(text):
            self._note(stamp)
        return b"" if self._is_muted else text

    def _in_header(self, text: bytes) -> bool:
        """Whether the line belongs to the step's header; any script may print a group, too."""
        if text.startswith(_SCRIPT):
            self._is_of_pulumi = self._is_of_pulumi or b"pulumi" in text
            return True
        if text.startswith(_ABOUT):
            return True
        self._is_header = False
        self._is_muted = self._is_muted and not self._is_of_pulumi
        return text.startswith(_END)

    def _note(self, stamp: re.Match[bytes] | None) -> None:
        if stamp and stamp[1] and len(self._stamps) < _MOST_TIMES:
            self._stamps.add(stamp[1])


def _parse_time(stamp: bytes) -> float | None:
    try:
        return datetime.fromisoformat(stamp.decode()).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
