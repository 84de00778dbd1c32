"""Takes off what a tool puts before every line: a task's name, a container's, a logger's time and level.

A wrapper is found where it stands before a line that only Pulumi's display writes (`Updating (dev):`,
`Diagnostics:`), and is believed where other lines begin in the same way. What is taken off is kept
for nothing. Memory is bounded by one block of lines; must not know what a line means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

import msgspec

from upshot.text import ANSI, pattern

_BLOCK_LINES: Final = 200
_BLOCK_CHARS: Final = 200_000
_MOST: Final = 8
"""Wrappers in one log: a runner of tasks names each of them."""
_BELIEVED: Final = 3
"""Lines that must begin in the same way; fewer where the log has no more."""
_PREFIX_CHARS: Final = 200

# Whole lines, or their beginning, that only Pulumi's display writes (shipped client).
ANCHOR: Final = pattern(
    r"(?:(?:Previewing|Updating|Destroying|Refreshing|Importing)"
    r"(?: (?:update|destroy|refresh|import))? \([^()\n]{1,200}\):?\"?$"
    r"|@ (?:previewing|updating|destroying|refreshing|importing)(?: [a-z]{4,12})?\.{3,}$"
    r"|(?:Diagnostics|Resources|Outputs|Policies):\"?$|Duration: \d[\w.]{0,20}\"?$"
    r"|(?:View Live|Permalink|View in Browser(?: \(Ctrl\+O\))?): https?://)"
)
# The display's own row of a resource, before what its program printed.
_ROW = pattern(
    r" {0,9}[-+~=<>±]{0,2} {0,9}[A-Za-z][\w.+-]{0,99}:[\w./+-]{1,200}:[A-Za-z]\w{0,99} \S{1,300} "
)
_JSON = pattern(
    r"\"(?P<key>log|msg|message|text|line|error|err|stderr|stdout|output)\": ?\"(?:"
    r"(?:\\u001b\[[0-9;]{0,9}m)?"
    r"(?:Previewing|Updating|Destroying|Refreshing|Importing)(?: \w{4,7})? \("
    r"|(?:[^\"\\]|\\.){0,2000}?(?:\\n|: )error: )"
)
# Words that a tool puts before every line, at a line that Pulumi begins with its severity.
_WORDS = pattern(r"(?P<words>(?:[\w.@/-]{1,60} ){1,4})(?:error|warning): \S")
# The output of a command as a property of a record that has a line for each.
_OUTPUT = pattern(r"\s{0,40}\"(?:stdout|stderr)\": ?\"(?P<text>(?:[^\"\\]|\\.){1,30000})\"?,?$")
# A time before a line that Pulumi begins with its severity; the indentation is Pulumi's.
_TIMED = pattern(
    r"(?P<prefix>.{0,150}?\d\d:\d\d:\d\d[\d.,]{0,12}(?:Z|[+-]\d\d:?\d\d)? (?:\[[^\[\]]{1,80}\] ?)?)\s{0,8}(?:error|warning): \S"
)
_TOKEN = pattern(r"[0-9A-Za-z]*[0-9][0-9A-Za-z]*|[A-Za-z]+|\s+|.")
# Words that differ from line to line, by what they say: a level or a stream.
_VARYING: Final = (
    (
        "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL",
        "TRAC", "DEBU", "ERRO", "FATA",
    ),
    ("STDOUT", "STDERR"),
    ("OUT", "ERR"),
    ("O", "E"),
)  # fmt: skip
_ANSI = pattern(ANSI)

Unwrap = Callable[[str], str | None]
"""The line without its wrapper; None for a line that is not wrapped in this way."""


def unwrapped(lines: Iterable[str]) -> Iterator[str]:
    """The lines as Pulumi wrote them; a log without a wrapper passes unchanged."""
    known: list[Unwrap] = []
    finder = _Finder()
    block: list[str] = []
    size = 0
    for line in lines:
        if known:
            yield from _off(line, known)
            continue
        block.append(line)
        size += len(line)
        if len(block) >= _BLOCK_LINES or size >= _BLOCK_CHARS:
            known.extend(finder.wrappers_in(block))
            yield from chain.from_iterable(_off(each, known) for each in block) if known else block
            block, size = [], 0
    known.extend(finder.wrappers_in(block))
    yield from chain.from_iterable(_off(each, known) for each in block) if known else block


def _off(line: str, known: list[Unwrap]) -> list[str]:
    """What the line holds: a record may hold many lines."""
    for unwrap in known:
        found = unwrap(line)
        if found is not None:
            return found.split("\n")
    if len(known) < _MOST and (prefix := _prefix_of(line)):
        known.append(_shape(prefix))
        return [known[-1](line) or ""]
    return [line]


class _Finder:
    """Looks for a wrapper, and remembers whether the display stood somewhere without one."""

    def __init__(self) -> None:
        self._is_plain = False

    def wrappers_in(self, block: list[str]) -> Iterator[Unwrap]:
        """The first wrapper of these lines; further ones are found as they come."""
        prefixes = list(map(_prefix_of, block))
        self._is_plain = self._is_plain or None in prefixes
        for line, prefix in zip(block, prefixes, strict=True):
            if line[:1] == "{" and (held := _JSON.search(line)):
                yield _json(held["key"])
                return
            is_property = line.lstrip()[:4] == '"std' and "\\n" in line and _OUTPUT.match(line)
            if is_property and not self._is_printed(line):
                yield _output
                return
            if prefix and not self._is_printed(prefix):
                unwrap = _shape(prefix)
                alike = sum(unwrap(other) is not None for other in block)
                if alike >= min(_BELIEVED, sum(map(bool, block))):
                    yield unwrap
                    return
        yield from _words_in(block)

    def _is_printed(self, line: str) -> bool:
        """Whether a program may have printed it: the display indents that, and is there itself."""
        return self._is_plain and line[0].isspace()


def _words_in(block: list[str]) -> Iterator[Unwrap]:
    """The words that stand before each line that is not indented, one of them an error or a warning."""
    timed = next(filter(None, map(_TIMED.match, block)), None)
    if timed and timed["prefix"].strip():
        unwrap = _shape(timed["prefix"])
        if sum(unwrap(line) is not None for line in block) >= min(_BELIEVED, len(block)):
            yield unwrap
            return
    found = next(filter(None, map(_WORDS.match, block)), None)
    if found is None:
        return
    words = found["words"]
    outer = [line for line in block if line and not line[0].isspace()]
    if len(outer) > 1 and all(line.startswith(words) for line in outer):
        yield lambda line: line[len(words) :] if line.startswith(words) else None


def _prefix_of(line: str) -> str | None:
    """What stands before a line of Pulumi's display; empty where only space does or it is another line.

    None where nothing stands before it.
    """
    line = line.rstrip()
    last = line[-1:]
    may_be = (last and last in '):".') or "Duration: " in line or "View " in line
    if not may_be and "Permalink" not in line:
        return ""
    found = ANCHOR.search(line)
    if found and found.start() == 0:
        return None
    if not found or found.start() > _PREFIX_CHARS:
        return ""
    prefix = line[: found.start()]
    is_apart = not prefix[-1].isalnum() and prefix[-1] not in "'`(" and not _ROW.match(prefix)
    return prefix if is_apart and prefix.strip() and prefix.strip() != ">" else ""


def _shape(prefix: str) -> Unwrap:
    """A wrapper by the form of one prefix: its numbers and its level may differ in each line."""
    parts: list[str] = []
    tokens = _TOKEN.findall(prefix)
    skip = False
    for at, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        if alike := _alike(token):
            gap = tokens[at + 1] if at + 1 < len(tokens) and tokens[at + 1].isspace() else ""
            parts.append(_varying(alike, len(token), gap))
            skip = bool(gap)
        elif any(c.isdigit() for c in token):
            parts.append(r"[0-9A-Za-z]{1,64}")
        elif token[0] == " " and 0 < at < len(tokens) - 1:
            parts.append(r" {1,40}")
        else:
            parts.append(re.escape(token))
    whole = pattern("".join(parts))
    is_spaced = bool(tokens) and tokens[-1].isspace() and not skip and len(parts) > 1
    blank = pattern("".join(parts[:-1] if is_spaced else parts))
    is_quoted = prefix.endswith('"')

    def unwrap(line: str) -> str | None:
        found = whole.match(line)
        if not found:
            return "" if blank.fullmatch(line.rstrip()) else None
        rest = line[found.end() :].rstrip()  # some loggers pad their lines
        return rest.removesuffix('"').replace('\\"', '"') if is_quoted else rest

    return unwrap


def _alike(token: str) -> list[str]:
    """Words that may stand in the place of this one, written as it is; the longest first."""
    words = next((words for words in _VARYING if token.upper() in words), ())
    style = str.upper if token.isupper() else str.lower if token.islower() else str.title
    return sorted(map(style, words), key=len, reverse=True)


def _varying(words: list[str], length: int, gap: str) -> str:
    """Any of the words; where a gap pads them, all have the same width."""
    if len(gap) <= 1:
        return f"(?:{'|'.join(words)}){re.escape(gap)}"
    padded = (f"{word} {{{max(1, length + len(gap) - len(word))}}}" for word in words)
    return f"(?:{'|'.join(padded)})"


def _output(line: str) -> str | None:
    found = _OUTPUT.match(line)
    return _unescaped(found["text"]) if found else None


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"')


def _json(key: str) -> Unwrap:
    r"""A log driver's record a line: `{"log": "Updating (dev):\\n", "stream": "stdout"}`."""
    opening = pattern(rf"\"{key}\": ?\"")

    def unwrap(line: str) -> str | None:
        if line[:1] != "{":
            return None
        try:
            text = msgspec.json.decode(line, type=dict[str, object]).get(key)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            cut = opening.search(line)  # the record's end is cut off
            text = _unescaped(line[cut.end() :]) if cut else None
        return _ANSI.sub("", text).rstrip("\r\n") if isinstance(text, str) else None

    return unwrap
