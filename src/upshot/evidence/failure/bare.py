"""Lines that say nothing of a cause: last words, wrappers, effects of another failure.

Works on the text of a line, without its severity. Must not know of messages with many lines.
"""

from __future__ import annotations

from typing import Final

from upshot.evidence.failure.forms import LINE_CAP, without_log_prefix
from upshot.text import pattern

_PREFIXES: Final = 3
"""Prefixes that are taken off a line: a wrapper's severity, the engine's, the tool's."""

# What may come before the text of an error: its severity, and before that a row of the
# non-interactive display, a wrapper's `stderr:`, the name of a stack in brackets.
PREFIX: Final = pattern(
    r"(?:> )?(?:(?:[-+~=<>±]{1,2} {1,9})?[\w.+-]{1,99}:[\w./+-]{1,200}:[\w.+-]{1,99} \S{1,300} .{0,80}?"
    r"|.{0,300}?\bstderr: ?|\[[\w./ -]{1,100}\] (?:- error )?- )?"
    r"(?:error(?: [A-Z]{2,6}\d{3,5})?|(?:Read |Write )?Error|Panic): +"
)

_COMMAND: Final = r"(?:[\w-]{1,30} error: +)?command failed(?: with exit (?:code|status) \d+)?: (?:\S{0,200}/)?pulumi .{0,300}"
# A stream's name, `Preview failed: ` and the like, before the statement (shipped engine, old versions included).
_LEADS = pattern(
    r"^details = \"(?=\S)|^(?:std(?:err|out): ?)?(?:(?:Preview|Update|Destroy|Refresh|Plan apply|Plan) failed: "
    r"|[Aa]n error occurred while \w{4,12}ing the (?:preview|plan|update|destroy|refresh): )(?=\S)"
    r"|^std(?:err|out): ?"
)
BULLET: Final = pattern(r"[*•-] +(?P<text>\S.*)")
# Last words of the engine, the language hosts and other tools (shipped engine, SDKs): they say that
# the run ended, not why. Read in small letters, as the two after it: an expression that ignores case
# takes more than twice as long to compile.
_FOLLOWS = pattern(
    # `update` alone is one of them that the end of a log cut.
    r"(?:(?:the )?(?:update|preview|destroy|refresh|import|resource import|deployment|operation|up)"
    r"(?: (?:has )?failed\.?)?|(?:preview|update) unsuccessful: status failed"
    r"|(?:[\w.+]{0,80}(?:error|exception): ?)?(?:bail: ?)?resource (?:monitor|registration)"
    r" (?:has )?(?:shut ?down|shutting down|terminated).{0,200}"
    r"|.{0,120}\b(?:resource monitor|deployment|step executor|registration) (?:was |has )?"
    r"(?:shut ?down|terminated, shutting down|shutting down)\.?"
    r"|(?:.{0,200}: )?waiting for rpcs: .{0,300}(?:resource monitor|shut ?down|shutting down"
    r"|code = (?:canceled|unavailable)).{0,200}"
    r"|bail: ?.{0,40}"
    r"|process completed with exit code \d+\.?"
    r"|(?:exited|command failed) with exit code \d+\.?"
    rf"|{_COMMAND}"
    r"|stack update failed(?: due to errors)?\.?)"
)
# The program or a wrapper failed; the cause is in other lines, if anywhere.
_OF_COMMAND = pattern(_COMMAND, marks=("pulumi ",))
_WRAPS = pattern(
    r"(?:.{0,300}\bexited with non-zero exit code: ?-?\d+"
    r"|(?:an unhandled error occurred|an unhandled exception occurred).{0,300}"
    r"|program (?:failed|exited|errored)(?: with)?(?: an)? unhandled (?:exception|error).{0,80}"
    r"|(?:[\w.]{1,60} ?: )?running program .{0,1800}(?:unhandled exception|exit code -?\d+).{0,40}"
    r"|failed to (?:discover plugin requirements|execute program)\b.{0,300}"
    r"|.{0,200}\bunable to compile:?"
    r"|(?:failed to|error|could not|unable to) (?:run|execut|start|launch)\w{0,4} .{1,600}: exit (?:status|code) \d+"
    r"|error in compiling \w+.{0,200}|unable to run .go build.{0,80}"
    r"|(?:.{0,300}(?:: |desc = ))?\d+ errors? occurred:?"
    r"|one or more [\w ]{0,40}(?:errors|inputs).{0,80}"
    r"|an error occurred while \w{4,12}ing the (?:preview|plan|update|destroy|refresh)"
    r"|exit status \d+|nonetype: none|[\W_]{3,200}"
    r"|(?:\[error\] ?)?compilation (?:error|failure|failed) ?[:.]?"
    r"|traceback \(most recent call last\):?|error message:|stack ?trace:?|stdout:?|stderr:?"
    r"|system\.reflection\.targetinvocationexception: .{0,120}"
    r"|tserror: .{0,3}unable to compile typescript:?"
    r"|system\.aggregateexception: one or more.{0,80}|stderr: ?"
    r"|(?:(?:unhandled exception\. )?[\w.]{1,120}(?:error|exception): ?)?code: -?\d+"
    r"|[\w.]{1,120}(?:error|exception):"
    r"|exceptiongroup: .{0,300} \(\d+ sub-exceptions?\)|exception group traceback .{0,60}"
    r"|(?:update|preview|destroy|refresh|import) (?:was )?cancell?ed\.?"
    r"|(?:preview failed: )?failed to read resource state due to unreachable cluster\b.{0,400}"
    r"|note: .{0,400}|installing dependencies failed\b.{0,400}"
    r"|#? ?a fatal error has been detected.{0,80}|unhandled exception[:.]?|error:|details:|failed|\[\d+ lines left out\])"
)
# What another failure caused: the root cause only when there is nothing better.
_AFTERMATH = pattern(
    r"context canceled|expected non-nil error with nil state|code = Canceled|code = Unavailable|client connection is(?: closing|$)"
    r"|transport is closing|^connection closed$|error reading from server: (?:EOF|read )|cancell?ed because|was cancell?ed"
    r"|[Rr]esource monitor is terminating|^could not read plugin \[.{1,300}\] stdout: EOF|skipped because|connection closed before|connection error: desc = \"transport"
    r"|\bdependen(?:t|cy)(?: resource)?\b.{0,80}\b(?:has )?failed"
    # A delete that timed out: it waited for a resource whose own failure is the cause, if there is one.
    r"|timeout while waiting for state to become '(?:destroyed|deleted|detached)'"
)
_STOPPED = pattern(
    r"[Rr]esource monitor (?:has |is )?(?:shut ?down|terminat(?:ed|ing))"
    r"|^(?:update|preview|destroy|refresh|import) (?:was )?cancell?ed"
)


def is_bare(line: str) -> bool:
    """Whether a line says nothing about the cause."""
    text = bare_text(line)
    return not text or only_follows(text) or only_wraps(text)


def is_command(line: str) -> bool:
    """Whether a line only says that a command of Pulumi failed."""
    return bool(_OF_COMMAND.fullmatch(bare_text(line).lower()))


def is_about_run(message: str) -> bool:
    """Whether an error is about the whole run having stopped, not about what stopped it."""
    return bool(_STOPPED.search(message[:LINE_CAP]))


def only_follows(text: str) -> bool:
    """Whether a line, without its severity, is never a cause."""
    return bool(_FOLLOWS.fullmatch(text.lower()))


def only_wraps(text: str) -> bool:
    """Whether a line, without its severity, only says that something failed."""
    return bool(_WRAPS.fullmatch(text.lower()))


def is_aftermath(text: str) -> bool:
    """Whether a line reports the effect of another failure, if there is another."""
    return bool(_AFTERMATH.search(text))


def bare_text(line: str) -> str:
    """The statement of a line: without severity, place in a list, and what a tool puts before it."""
    line = line.strip()
    for _ in range(_PREFIXES):
        prefix = PREFIX.match(line)
        if not prefix:
            break
        line = line[prefix.end() :]
    lead = _LEADS.match(line)
    if lead:
        is_quoted = lead.group().endswith('"')
        line = line[lead.end() :].removesuffix('"') if is_quoted else line[lead.end() :]
    bullet = BULLET.match(line)
    return without_log_prefix((bullet["text"] if bullet else line).strip().removeprefix(": "))
