"""What `--json` prints: the digest of a preview, with diagnostics, counts and steps, and events.

Read line by line (the shipped client indents it, one key a line; other tools lay it out as they like),
so a digest of any size needs the memory of one step or diagnostic. Must not know what an error means.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct, field

from upshot.evidence.console.run import ConsoleRun
from upshot.evidence.console.sections import is_host_error
from upshot.evidence.failure.failures import Named
from upshot.evidence.text import strip_colour
from upshot.model import UpdateKind
from upshot.text import pattern

_LIST = pattern(r"\s{1,8}\"(?P<name>diagnostics|changeSummary|steps)\": [\[{]\s*$")
_COUNT = pattern(r"\"(?P<op>[a-z-]{3,40})\": (?P<n>\d{1,9}),?")
_COUNTS = pattern(r"\s{1,8}\"changeSummary\": \{(?P<counts>[^{}]{1,2000})\}")
_STEP_KEY = pattern(r"\"(?P<key>op|urn)\": \"(?P<text>[^\"]{1,2000})\"")
_OBJECT_CHARS: Final = 400_000
"""Of one step or diagnostic; a larger step has no values."""
_IS_ERROR = pattern(r"\"severity\": ?\"error\"")
_PRINTED_LINES: Final = 60
"""Of what a language host printed."""
_END: Final = frozenset({"]", "],", "}", "},"})


class _Step(Struct):
    op: str = ""
    urn: str = ""


class _Said(Struct):
    urn: str = ""
    message: str = ""
    severity: str = ""


class _OnOneLine(Struct):
    """The digest, where a tool has folded it into one line."""

    summary: dict[str, int] = field(default_factory=dict, name="changeSummary")
    steps: list[msgspec.Raw] = []
    diagnostics: list[_Said] = []


def read_folded(line: str, run: ConsoleRun) -> bool:
    """Whether the line was a digest; if so, the run has its content."""
    try:
        digest = msgspec.json.decode(line, type=_OnOneLine, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    run.kind = UpdateKind.PREVIEW
    run.counts = digest.summary
    for raw in digest.steps:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            _plan(run, raw)
    printed: list[str] = []
    for said in digest.diagnostics:
        _pass_on(run, said.severity, strip_colour(said.message), said.urn, printed)
    _end(run, printed)
    return True


def _end(run: ConsoleRun, printed: list[str]) -> None:
    text = "\n".join(printed[-_PRINTED_LINES:])
    if is_host_error(text):
        run.error(text, Named())
    run.kind = UpdateKind.PREVIEW
    run.ended = True
    run.begins_table()


def _plan(run: ConsoleRun, raw: msgspec.Raw) -> None:
    """Passes on a step with the properties that it changes, as far as they can be read.

    Raises what msgspec does for a step that is none.
    """
    step = msgspec.json.decode(raw, type=_Step)
    run.planned(step.op, step.urn)
    if step.op == "same":
        return
    from upshot.evidence.console.preview_steps import read_step  # loaded for a digest alone

    found = read_step(raw)
    if found is not None:
        run.planned(found.op, found.urn, found.diff)


def _pass_on(run: ConsoleRun, severity: str, message: str, urn: str, printed: list[str]) -> None:
    """`printed` takes what a language host printed, which may be its error, line by line."""
    message = message.strip("\n")
    if severity == "error":
        run.error(message, Named.from_urn(urn) if urn else Named())
    elif severity == "warning":
        run.warning(message)
    else:
        run.info()
        if severity == "info#err":
            printed.append(message)


class Digest:
    """Takes the lines of one digest, and passes their content to the run."""

    def __init__(self, run: ConsoleRun) -> None:
        self._run = run
        self._list = ""
        self._indent = 0
        self._lines: list[str] = []
        """Of the step or diagnostic that is read."""
        self._room, self._object_indent = _OBJECT_CHARS, 0
        self._printed: list[str] = []

    def feed(self, line: str) -> bool:
        """Whether the digest continues after this line."""
        text, indent = line.strip(), len(line) - len(line.lstrip())
        if text == "}" and not indent:
            _end(self._run, self._printed)
            return False
        if not self._list:
            self._enter(line, indent)
        elif text in _END and indent <= self._indent:
            self._end_object()
            self._list = ""
        elif self._list == "changeSummary":
            self._count(text)
        else:
            self._collect(line, text, indent)
        return True

    def _enter(self, line: str, indent: int) -> None:
        match = _LIST.match(line)
        if match:
            self._list, self._indent = match["name"], indent
        elif on_one := _COUNTS.match(line):
            self._count(on_one["counts"])

    def _collect(self, line: str, text: str, indent: int) -> None:
        """Keeps the lines of one object, and reads it where it ends: at its bracket or the next one."""
        if text[:1] == "{" and (not self._lines or indent <= self._object_indent):
            self._end_object()
            self._lines, self._room, self._object_indent = [], _OBJECT_CHARS, indent
        self._room -= len(line)
        if self._room > 0 or _IS_ERROR.search(line):
            self._lines.append(line)
        if text in _END and indent == self._object_indent:
            self._end_object()

    def _end_object(self) -> None:
        text, self._lines = "\n".join(self._lines).rstrip(" ,"), []
        if not text:
            return
        try:
            if self._list == "steps":
                _plan(self._run, msgspec.Raw(text.encode("utf-8", "replace")))
            else:
                said = msgspec.json.decode(text, type=_Said)
                message = strip_colour(said.message)
                _pass_on(self._run, said.severity, message, said.urn, self._printed)
                del self._printed[:-_PRINTED_LINES]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._not_read(text)

    def _not_read(self, text: str) -> None:
        """A step that is too large still has its first keys; a run with an error is no success."""
        if self._list == "steps":
            step = {match["key"]: match["text"] for match in reversed([*_STEP_KEY.finditer(text)])}
            self._run.planned(step.get("op", ""), step.get("urn", ""))
        elif _IS_ERROR.search(text):
            self._run.failed()

    def _count(self, text: str) -> None:
        counts = self._run.counts = self._run.counts or {}
        counts.update({match["op"]: int(match["n"]) for match in _COUNT.finditer(text)})
