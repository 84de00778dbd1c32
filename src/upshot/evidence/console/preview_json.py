"""The digest that `pulumi preview --json` prints: its diagnostics and its counts.

Read line by line (the shipped client indents it, one key a line), so a digest of any size needs the
memory of one diagnostic. Must not know what an error means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from upshot.evidence.console.run import ConsoleRun
from upshot.evidence.failure.failures import Named
from upshot.evidence.text import strip_colour
from upshot.model import UpdateKind

_FIRST_KEY = re.compile(r"\s{1,8}\"(?:config|steps|duration|changeSummary|diagnostics)\":")
_LIST = re.compile(r"\s{1,8}\"(?P<name>diagnostics|changeSummary)\": [\[{]\s*$")
_COUNT = re.compile(r"\"(?P<op>[a-z-]{3,40})\": (?P<n>\d{1,9}),?")
_COUNTS = re.compile(r"\s{1,8}\"changeSummary\": \{(?P<counts>[^{}]{1,2000})\}")
_TEXT = re.compile(r"\s*\"(?P<key>urn|message|severity)\": (?P<text>\".*\"),?\s*$")
_END: Final = frozenset({"]", "],", "}", "},"})


def without_digests(lines: Iterable[str], run: Callable[[], ConsoleRun]) -> Iterator[str]:
    """The lines outside of digests; `run` returns the run that a digest is about."""
    held = ""
    digest: _Digest | None = None
    for line in lines:
        if digest is not None:
            digest = digest if digest.feed(line) else None
        elif held and _FIRST_KEY.match(line):
            held, digest = "", _Digest(run())
            digest.feed(line)
        else:
            if held:
                yield held
            held = line if line == "{" else ""
            if not held:
                yield line
    if held:
        yield held


class _Digest:
    """Takes the lines of one digest, and passes their content to the run."""

    def __init__(self, run: ConsoleRun) -> None:
        self._run = run
        self._list = ""
        self._indent = 0
        self._fields: dict[str, str] = {}

    def feed(self, line: str) -> bool:
        """Whether the digest continues after this line."""
        text, indent = line.strip(), len(line) - len(line.lstrip())
        if text == "}" and not indent:
            self._run.kind = UpdateKind.PREVIEW
            self._run.ended = True
            return False
        if not self._list:
            self._enter(line, indent)
        elif text in _END and indent <= self._indent:
            self._list = ""
        elif self._list == "changeSummary":
            self._count(text)
        else:
            self._diagnostic(line, text)
        return True

    def _enter(self, line: str, indent: int) -> None:
        match = _LIST.match(line)
        if match:
            self._list, self._indent = match["name"], indent
        elif on_one := _COUNTS.match(line):
            self._count(on_one["counts"])

    def _count(self, text: str) -> None:
        counts = self._run.counts = self._run.counts or {}
        counts.update({match["op"]: int(match["n"]) for match in _COUNT.finditer(text)})

    def _diagnostic(self, line: str, text: str) -> None:
        match = _TEXT.match(line)
        if match:
            self._fields[match["key"]] = _unquoted(match["text"])
        elif text in _END:
            self._pass_on(self._fields)
            self._fields = {}

    def _pass_on(self, said: dict[str, str]) -> None:
        message, severity = said.get("message", "").strip("\n"), said.get("severity")
        if severity == "error":
            self._run.error(message, Named.from_urn(said.get("urn", "")))
        elif severity == "warning":
            self._run.warning(message)
        else:
            self._run.info()


def _unquoted(text: str) -> str:
    try:
        return strip_colour(msgspec.json.decode(text, type=str))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return text.strip('"')
