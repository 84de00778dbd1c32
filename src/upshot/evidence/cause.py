"""Which line of a message states the cause, and which messages only follow from another one.

Works on the grammar of error texts (lists, tracebacks, chains, the engine's own summary lines),
never on the cause itself: what it means is the catalogue's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

MAX_LINES: Final = 600
_LINE_CAP: Final = 2_000
_PREFIXES: Final = 3
"""A wrapper's severity, the engine's, the tool's."""

# A bridged provider logs an error before it returns it: `sdk-v2/provider2.go:572:
# sdk.helper_schema: creating … : provider=aws@7.9.0` (shipped bridge).
_LOGGED = re.compile(
    r"[\w./-]{1,60}\.go:\d{1,6}: (?:sdk\.\w{1,40}: )?(?P<text>.+?)(?:: provider=[\w-]{1,60}@\S{1,60})?"
)
_LOG_PLACE: Final = 80
# What stands before the text of an error: its severity, and before that a row of the
# non-interactive display, a wrapper's `stderr:`, a name of a stack in brackets.
_PREFIX = re.compile(
    r"(?:> )?(?:(?:[-+~=<>±]{1,2} {1,9})?[\w.+-]{1,99}:[\w./+-]{1,200}:[\w.+-]{1,99} \S{1,300} .{0,80}?"
    r"|.{0,300}?\bstderr: ?|\[[\w./ -]{1,100}\] (?:- error )?- )?(?:error|Error): +"
)

# The engine's and the language hosts' own last words: they say that, not why.
_FOLLOWS = re.compile(
    r"(?:(?:the )?(?:update|preview|destroy|refresh|import|resource import|deployment|operation|up)"
    r" (?:has )?failed\.?"
    r"|(?:[\w.+]{0,80}(?:Error|Exception): ?)?(?:BAIL: ?)?resource (?:monitor|registration)"
    r" (?:has )?(?:shut ?down|shutting down|terminated).{0,200}"
    r"|.{0,120}\b(?:resource monitor|deployment|step executor|registration) (?:was |has )?"
    r"(?:shut ?down|terminated, shutting down|shutting down)\.?"
    r"|bail: ?.{0,40}"
    r"|process completed with exit code \d+\.?"
    r"|(?:exited|command failed) with exit code \d+\.?"
    r"|exit status \d+"
    r"|stack update failed(?: due to errors)?\.?)",
    re.IGNORECASE,
)
# The program or a wrapper ended badly; the cause stands in other lines, if anywhere.
_WRAPS = re.compile(
    r"(?:.{0,300}\bexited with non-zero exit code: ?-?\d+"
    r"|(?:an unhandled error occurred|an unhandled exception occurred).{0,300}"
    r"|program (?:failed|exited|errored)(?: with)?(?: an)? unhandled (?:exception|error).{0,80}"
    r"|(?:[\w.]{1,60} ?: )?running program .{0,400}(?:unhandled exception|exit code -?\d+).{0,40}"
    r"|error in compiling \w+.{0,200}|unable to run .go build.{0,80}"
    r"|(?:.{0,300}: )?\d+ errors? occurred:?"
    r"|one or more (?:errors|inputs).{0,80}"
    r"|traceback \(most recent call last\):?|error message:|stack ?trace:?|stdout:?|stderr:?"
    r"|system\.reflection\.targetinvocationexception: .{0,120}"
    r"|tserror: .{0,3}unable to compile typescript:?"
    r"|system\.aggregateexception: one or more.{0,80}|stderr: ?|code: -?\d+"
    r"|#? ?a fatal error has been detected.{0,80}|unhandled exception[:.]?|error:|details:|failed|\[\d+ lines left out\])",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:at .{1,400}[(:]|at [\w.<>`$ ]+$|File \".{1,400}\", line \d+|\^+~*\s*$|~+\^|-{3,}\s*$|# *$"
    r"|# [\w./-]+$|\.\.\.( \d+ more)?$|goroutine \d+|\|? *\d* *\|)"
)
_CHAIN = re.compile(r"(?:---> |Caused by: |caused by: )(?P<text>.+)")
_RAISED = re.compile(
    r"(?:Unhandled exception[.:] )?(?:[A-Za-z_][\w$]{0,80}(?:[.+][\w$]{1,80}){0,12}\.)?[A-Z]\w{0,80}(?:Error|Exception|Exit|Fault|Warning)\b"
    r"(?: ?\[[\w-]+\])?(?:: .*|:?$)|(?:Exception|Error|panic|FATAL ERROR|fatal error): \S"
)
_STRONG = re.compile(
    r"FATAL ERROR|\bSIG[A-Z]{2,6}\b|\bpanic:|[\w.]+(?:Error|Exception)\b|\berror\b|undefined|"
    r"cannot |can't |could not|not found|no required|missing|unknown |failed|denied|invalid|"
    r"\.\w{1,4}[:(]\d+[:,]\d+",
)
_BULLET = re.compile(r"[*•-] +(?P<text>\S.*)")
_LIST_FOLLOWS = re.compile(r"(?:occurred|[Ee]rrors?|failures?|reasons?):?\s*$")
# Words of another failure's aftermath: the root cause only when nothing better is there.
_AFTERMATH = re.compile(
    r"context canceled|code = Canceled|code = Unavailable|client connection is closing"
    r"|transport is closing|error reading from server: EOF|cancell?ed because|was cancell?ed"
    r"|skipped because|dependency failed|connection closed before"
    # A delete that waits in vain: what it waits for is another one's failure, where there is one.
    r"|timeout while waiting for state to become '(?:destroyed|deleted|detached)'"
)


class _Rank(IntEnum):
    """What a line is within its message; the greatest states the cause."""

    FRAME = 0
    FOLLOWS = 1
    WRAPS = 2
    PLAIN = 3
    STRONG = 4
    """It has a word for failure."""
    OPENING = 5
    """The first line of an error, or an exception outside of a traceback."""
    LISTED = 6
    """The first item after `1 error occurred:`."""
    RAISED = 7
    """The exception under a traceback."""
    INNERMOST = 8
    """The last of a chain of exceptions."""


class Standing(IntEnum):
    """How much a message is a cause of its own."""

    FOLLOWS = 0
    """Never a cause."""
    WRAPS = 1
    """A cause only where nothing better was said."""
    CAUSE = 2


def headline_of(message: str, *, is_printed: bool = False) -> str:
    """The one line that states the cause: a line of the message, without its severity.

    `is_printed`: the message begins with what a program printed, so its first line is no more
    than any other; an error's first line is.
    """
    lines = message.split("\n", MAX_LINES)[:MAX_LINES]
    if is_printed:
        lines.insert(0, "")
    return _bare(max(_ranked(lines), default=(0, 0, ""))[2])[:_LINE_CAP]


def standing_of(message: str, *, is_printed: bool = False) -> Standing:
    """Whether the message states a cause, wraps one that it does not state, or only follows."""
    text = headline_of(message, is_printed=is_printed)
    if _FOLLOWS.fullmatch(text) or not text:
        return Standing.FOLLOWS
    if _WRAPS.fullmatch(text) or _AFTERMATH.search(text):
        return Standing.WRAPS
    return Standing.CAUSE


def is_bare(line: str) -> bool:
    """Whether a line alone tells nothing of the cause."""
    text = _bare(line)
    return not text or bool(_FOLLOWS.fullmatch(text) or _WRAPS.fullmatch(text))


def looks_raised(line: str) -> bool:
    """Whether a line is an exception as a language host prints it (`TypeError: …`)."""
    line = line.strip()[:_LINE_CAP]
    return bool(_RAISED.match(line) or _CHAIN.match(line))


def _bare(line: str) -> str:
    line = line.strip()
    for _ in range(_PREFIXES):
        prefix = _PREFIX.match(line)
        if not prefix:
            break
        line = line[prefix.end() :]
    bullet = _BULLET.match(line)
    return unlogged((bullet["text"] if bullet else line).strip())


def unlogged(line: str) -> str:
    """The words of a line that a bridged provider has logged, without where and by whom."""
    logged = _LOGGED.fullmatch(line) if ".go:" in line[:_LOG_PLACE] else None
    return logged["text"] if logged else line


def _ranked(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """Each line with its rank and, for equal ranks, its place (greater is better)."""
    framed = any("Traceback (most recent call last)" in line or 'File "' in line for line in lines)
    ranked: list[tuple[int, int, str]] = []
    before = ""
    # After an opening that is complete and tells nothing, plain lines are another one's words.
    first = lines[0].strip() if lines else ""
    is_closed = bool(first) and not first.endswith(":") and is_bare(first)
    for at, full in enumerate(lines):
        line = full.strip()[:_LINE_CAP]
        if line:
            rank, place = _rank(line, before, at, framed=framed)
            if is_closed and rank is _Rank.PLAIN:
                rank = _Rank.FOLLOWS
            ranked.append((rank, place, line))
            before = line
    return ranked


def _rank(line: str, before: str, at: int, *, framed: bool) -> tuple[_Rank, int]:
    if _FRAME.match(line):
        return _Rank.FRAME, -at
    text = _bare(line)
    if _FOLLOWS.fullmatch(text):
        return _Rank.FOLLOWS, -at
    if _WRAPS.fullmatch(text):
        return _Rank.WRAPS, -at
    if _CHAIN.match(line):
        return _Rank.INNERMOST, at
    if framed and _RAISED.match(line):
        return _Rank.RAISED, at
    if _BULLET.match(line) and _LIST_FOLLOWS.search(before):
        return _Rank.LISTED, -at
    if at == 0 or _PREFIX.match(line):
        return _Rank.OPENING, -at
    if _RAISED.match(line):
        return _Rank.OPENING, -at
    if _STRONG.search(line):
        return _Rank.STRONG, -at
    return _Rank.PLAIN, -at
