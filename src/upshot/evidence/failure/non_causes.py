"""Words that tell that a run ended, and not why; and words of another failure's aftermath.

The engine's, the language hosts' and other tools' own (shipped engine, SDKs). Must not know of
messages of more than one line.
"""

from __future__ import annotations

import re
from typing import Final

_CAP: Final = 2_000

# The engine's and the language hosts' own last words: they say that, not why.
_FOLLOWS = re.compile(
    r"(?:(?:the )?(?:update|preview|destroy|refresh|import|resource import|deployment|operation|up)"
    r" (?:has )?failed\.?"
    r"|(?:[\w.+]{0,80}(?:Error|Exception): ?)?(?:BAIL: ?)?resource (?:monitor|registration)"
    r" (?:has )?(?:shut ?down|shutting down|terminated).{0,200}"
    r"|.{0,120}\b(?:resource monitor|deployment|step executor|registration) (?:was |has )?"
    r"(?:shut ?down|terminated, shutting down|shutting down)\.?"
    r"|(?:.{0,200}: )?waiting for RPCs: .{0,300}(?:resource monitor|shut ?down|shutting down"
    r"|code = (?:Canceled|Unavailable)).{0,200}"
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
    r"|system\.aggregateexception: one or more.{0,80}|stderr: ?"
    r"|(?:(?:unhandled exception\. )?[\w.]{1,120}(?:error|exception): ?)?code: -?\d+"
    r"|[\w.]{1,120}(?:error|exception):"
    r"|exceptiongroup: .{0,300} \(\d+ sub-exceptions?\)|exception group traceback .{0,60}"
    r"|(?:update|preview|destroy|refresh|import) (?:was )?cancell?ed\.?"
    r"|(?:preview failed: )?failed to read resource state due to unreachable cluster\b.{0,400}"
    r"|#? ?a fatal error has been detected.{0,80}|unhandled exception[:.]?|error:|details:|failed|\[\d+ lines left out\])",
    re.IGNORECASE,
)
# Words of another failure's aftermath: the root cause only when nothing better is there.
_AFTERMATH = re.compile(
    r"context canceled|code = Canceled|code = Unavailable|client connection is closing"
    r"|transport is closing|error reading from server: EOF|cancell?ed because|was cancell?ed"
    r"|skipped because|connection closed before|connection error: desc = \"transport"
    r"|\bdependen(?:t|cy)(?: resource)?\b.{0,80}\b(?:has )?failed"
    # A delete that waits in vain: what it waits for is another one's failure, where there is one.
    r"|timeout while waiting for state to become '(?:destroyed|deleted|detached)'"
)
_STOPPED = re.compile(
    r"resource monitor (?:has )?(?:shut ?down|terminated)"
    r"|^(?:update|preview|destroy|refresh|import) (?:was )?cancell?ed"
)


def only_follows(text: str) -> bool:
    """Whether a line, without its severity, is never a cause."""
    return bool(_FOLLOWS.fullmatch(text))


def only_wraps(text: str) -> bool:
    """Whether a line says no more than that something ended badly."""
    return bool(_WRAPS.fullmatch(text))


def is_aftermath(text: str) -> bool:
    """Whether a line tells of what another failure did to it, if there is another."""
    return bool(_AFTERMATH.search(text))


def tells_of_panic(text: str) -> bool:
    """Whether something printed that it crashed."""
    return any(word in text for word in ("panic: ", "fatal error: ", "SIGSEGV"))


def is_of_the_run(message: str) -> bool:
    """Whether an error is about the whole run having stopped, not about what stopped it."""
    return bool(_STOPPED.search(message[:_CAP]))
