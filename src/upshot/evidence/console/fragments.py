"""An error in lines that no display of the engine frames: a fragment, a log that was cut off.

The engine begins its errors with `error:` and puts them under a resource. A part of a log, or what
a person quotes of it, may hold only the message. Whether such a line is an error is decided by its
form, and where the form alone says too little, by the catalogue. Must not know of runs and sections.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from upshot.evidence.failure.forms import is_bare_error, is_exception, is_frame, sounds_like_failure
from upshot.model import Facts, Failure, Outcome
from upshot.text import pattern

_MOST_LINES: Final = 200
_MOST_ASKED: Final = 20
"""Lines that are shown to the catalogue: each costs a reading of all its signals."""
_MESSAGE_LINES: Final = 80
_MOST_WARNINGS: Final = 20
_SURE: Final = 70.0
"""Weight from which a signal shows a provider's usual words, not a word that anybody uses."""
# A wrapper's word that Pulumi's command failed, whatever it printed.
_COMMAND_FAILED = pattern(
    r"(?=[^\n]{0,400}(?:pulumi|[Cc]ommandE|failed to run (?:update|preview|refresh|destroy)))"
    r"[^\n]{0,400}(?:[Cc]ommand failed with (?:exit code [1-9]|E[A-Z]+)|\bexit(?:ed with)?"
    r"(?: non-zero)? (?:status|code):? -?[1-9]|\bcode: -?[1-9])"
)
# A language host's word that the program failed: what follows is no mere output.
_HOST_FAILED = pattern(
    r"[^\n]{0,2000}\b(?:failed with an unhandled (?:exception|error)|Unhandled exception"
    r"|exited with non-zero exit code: ?-?[1-9])"
)
# A line of a severity below an error; what an SDK says of an output that is used as text is one, too.
_WARNING = pattern(
    # A time and brackets may stand around it, as loggers write them.
    r"\s{0,40}(?:[\d:.,TZ+/-]{5,40} )?\[?(?:Calling \S{1,60} on an |warning|advisory|WARN(?:ING)?|info|debug)\b"
)

_WARNED = pattern(
    r"(?:[^\n]{0,300}?\s)?warning: (?P<warning>\S.{0,4000})"
    r"|(?P<misuse>(?:[^\n]{0,200}\W)?Calling \S{1,60} on an \S{1,60} is not supported\b.{0,400})"
)
# A statement of a failure, by its form: a list's item, a verb with what it was done to, a code.
_STATES = pattern(
    r"\s{0,40}(?:[*•-] )?(?:"
    r"(?:[A-Z][\w ]{0,30} )?[Ee]rror(?: [a-z]+ing\b[^\n]{0,300}?)?: \S|ERROR[: ]|\[ERROR\] |FATAL ERROR"
    r"|[45]\d\d (?:[A-Z][a-z]+ ?){1,4}: \S"
    r"|<--- Last few GCs --->|panic: |fatal: |Panic: +|Error [a-z]+ing \S"
    r"|(?<=[*•-] )(?:[Ff]ailed to|[Cc]ould not|[Uu]nable to|[Cc]annot) \S"
    r"|[^\n]{0,200}\bfailed with \\?[\"'][A-Z]\w+\\?[\"']"
    r"|[^\n]{0,200}: error [A-Z]{1,6}\d{2,6}: "
    r"|Sorry, could not \S|Duplicate resource URN |[^\n]{0,300} is invalid: "
    r"|the Kubernetes API server reported that )"
)
# A record of a logger as JSON, on one line or several: its level, and what failed (zap, slog).
_LEVEL = pattern(r"[^\n]{0,2000}?\"level\": ?\"(?:error|ERROR|fatal|FATAL|dpanic|panic)\"")
_RECORDED = pattern(
    r"[^\n]{0,4000}?\"err(?:or)?\": ?\"(?P<said>(?:[^\"\\\n]|\\.){1,8000})\"", marks=('"err',)
)
_CODED = pattern(r"(?:[^\n]{0,300}: )?[A-Z][a-z]{1,40}(?:[A-Z][a-z]{1,40}){1,8}: \S")


def find_error(lines: Sequence[str], *, is_displayed: bool) -> str:
    """The message from its first line on, at most 80 lines; empty where no line is an error.

    `is_displayed`: the engine's display is around the lines, and would itself say what failed: then
    a program may have printed them, and only what is certain counts.
    """
    left = _MOST_ASKED
    lines = [line for line in lines if line.strip()][:_MOST_LINES]
    if not is_displayed and (recorded := _recorded(lines)):
        return recorded
    for at, line in enumerate(lines):
        if _WARNING.match(line):
            continue
        is_stated = bool(_STATES.match(line)) or is_exception(line)
        is_traced = is_stated and any(map(is_frame, lines[at + 1 : at + 4]))
        is_sure = is_bare_error(line) or is_traced or _HOST_FAILED.match(line)
        if is_sure or (is_stated and not is_displayed):
            return _message(lines, at)
        if left and (is_stated or _CODED.match(line) or sounds_like_failure(line)):
            left -= 1
            if _recognizes(line):
                return _message(lines, at)
    return ""


def _recorded(lines: Sequence[str]) -> str:
    """What a logger's record of level error says that failed; empty without one."""
    at = next((at for at, line in enumerate(lines) if _LEVEL.match(line)), len(lines))
    found = next(filter(None, map(_RECORDED.match, lines[at:])), None)
    return found["said"].replace("\\n", "\n").replace('\\"', '"') if found else ""


def find_warnings(lines: Sequence[str]) -> list[str]:
    """What lines say that begin with the severity, or as an SDK does of an output used as text."""
    found = (_WARNED.match(line) for line in lines)
    said = (match["warning"] or match["misuse"] for match in found if match)
    return list(islice(said, _MOST_WARNINGS))


def find_failed_command(lines: Sequence[str]) -> str:
    """The line with which a wrapper says that Pulumi's command failed; empty without one."""
    return next((line.strip() for line in lines if _COMMAND_FAILED.match(line)), "")


def _message(lines: Sequence[str], at: int) -> str:
    return "\n".join(lines[at : at + _MESSAGE_LINES])


def _recognizes(line: str) -> bool:
    """Whether the catalogue knows the line as an error, by more than a common word."""
    from upshot.evidence.diagnosis import certainty_of  # loads the catalogue

    failure = Failure(message=line.strip(), headline=line.strip())
    return certainty_of(Facts(outcome=Outcome.FAILED, failures=(failure,))) >= _SURE
