"""The commands of a comment, parsed from its body. Pure, and linear in the body.

Only the first line is a command, and only when it starts with `/upshot`: what stands in a quote, a
fence, an HTML comment, behind a hidden character or on a later line is none (threats T51, T59).
Words are separated by spaces and tabs alone, so a command that looks right and holds a hidden
character or a look-alike is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.gate.request import parse_request_id
from upshot.text import clean_text

MAX_BODY: Final = 262_144
"""Characters that are read; GitHub allows 65,536."""
MAX_REASON: Final = 500
"""Characters of a reason that are kept."""
_COMMAND: Final = "/upshot"
_BLANK: Final = " \t"
_FIRST_END: Final = re.compile(r"\r\n?|\n")
_WORD: Final = re.compile(rf"(?P<word>[^{_BLANK}]+)[{_BLANK}]*")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")
_STACK: Final = re.compile(r"[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){0,2}")
_SHA: Final = re.compile(r"[0-9A-Fa-f]{7,64}")
_ALMOST_SHA: Final = re.compile(r"(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]+|[0-9A-Fa-f]{65,}")


class Verb(StrEnum):
    """The word after `/upshot`."""

    HELP = "help"
    STATUS = "status"
    EXPLAIN = "explain"
    ASK = "ask"
    WHY = "why"
    TASK = "task"
    REPLY = "reply"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    UNDO = "undo"
    RETRY = "retry"

    @property
    def is_vote(self) -> bool:
        return self in {Verb.APPROVE, Verb.REJECT}


USAGE: Final = {
    Verb.HELP: "/upshot help",
    Verb.STATUS: "/upshot status",
    Verb.EXPLAIN: "/upshot explain [STACK]",
    Verb.ASK: "/upshot ask QUESTION",
    Verb.WHY: "/upshot why NAME-OR-URN",
    Verb.TASK: "/upshot task PROMPT",
    Verb.REPLY: "/upshot reply TEXT",
    Verb.APPROVE: "/upshot approve ID [COMMIT] [--reason TEXT]",
    Verb.REJECT: "/upshot reject ID [COMMIT] [--reason TEXT]",
    Verb.CANCEL: "/upshot cancel",
    Verb.UNDO: "/upshot undo",
    Verb.RETRY: "/upshot retry",
}
"""How each command is written."""


class Problem(StrEnum):
    """Why a command was not understood, in words for its author."""

    UNKNOWN = "There is no such command."
    TOO_MANY_WORDS = "The command takes no further words."
    NO_TEXT = "The command needs a text."
    NO_ID = "The command needs the id that the comment shows."
    NO_STACK = "The name of a stack is letters, digits and `. _ - /`."
    NO_COMMIT = "A commit is named by 7 to 64 hexadecimal digits; a reason follows `--reason`."
    NO_OPTION = "The only option is `--reason`."


class Command(Struct, frozen=True):
    """One command. Its texts are hostile, without hidden and control characters."""

    verb: Verb
    """`help` also for what was not understood."""
    argument: str = ""
    """The stack, question, name or URN, prompt, or answer; of a vote, the id as it was typed."""
    commit: str = ""
    """The commit that a vote names, 7 to 64 hexadecimal digits in lower case; empty when none."""
    reason: str = ""
    """The words of a vote after `--reason`, or after its id and commit: one line, at most
    `MAX_REASON` characters."""
    problem: Problem | None = None
    """Set when it was not understood; then nothing but help is given."""
    tried: Verb | None = None
    """With a problem: the command that was meant."""

    @property
    def request_id(self) -> str:
        """The request that a vote names, `abcd-efgh-ijkl-mnop`; empty for an id of another kind."""
        return parse_request_id(self.argument) if self.verb.is_vote else ""


def is_id(text: str) -> bool:
    """Whether a vote can name it."""
    return _NAME.fullmatch(text) is not None


def parse_command(body: str) -> Command | None:
    """The command that a comment starts with, or None where it starts with none."""
    body = body[:MAX_BODY]
    end = _FIRST_END.search(body)
    line, rest = (body[: end.start()], body[end.end() :]) if end else (body, "")
    if not line.startswith(_COMMAND):
        return None
    line = line.removeprefix(_COMMAND)
    if line and line[0] not in _BLANK:
        return None
    word, line = _split(line.strip(_BLANK))
    try:
        verb = Verb(word or Verb.HELP)
    except ValueError:
        return Command(Verb.HELP, problem=Problem.UNKNOWN)
    found = _PARSERS[verb](verb, line, rest)
    return Command(Verb.HELP, problem=found, tried=verb) if isinstance(found, Problem) else found


def _split(text: str) -> tuple[str, str]:
    """The first word, and what follows it."""
    match = _WORD.match(text)
    return (match["word"], text[match.end() :]) if match else ("", "")


def _help(verb: Verb, _line: str, _rest: str) -> Command | Problem:
    return Command(verb)


def _bare(verb: Verb, line: str, _rest: str) -> Command | Problem:
    return Problem.TOO_MANY_WORDS if line else Command(verb)


def _explain(verb: Verb, line: str, _rest: str) -> Command | Problem:
    if line and not _STACK.fullmatch(line):
        return Problem.NO_STACK
    return Command(verb, line)


def _why(verb: Verb, line: str, _rest: str) -> Command | Problem:
    name = _one_line(line)
    return Command(verb, name) if name else Problem.NO_TEXT


def _text(verb: Verb, line: str, rest: str) -> Command | Problem:
    """A text may begin on the line of the command or on the next one, and goes on to the end."""
    text = clean_text(f"{line}\n{rest}").strip()
    return Command(verb, text) if text else Problem.NO_TEXT


def _vote(verb: Verb, line: str, _rest: str) -> Command | Problem:
    typed, line = _split(line)
    if not is_id(typed):
        return Problem.NO_ID
    commit = ""
    word, after = _split(line)
    if _SHA.fullmatch(word):
        commit, line = word.lower(), after
    elif verb is Verb.APPROVE and _ALMOST_SHA.fullmatch(word):
        return Problem.NO_COMMIT
    word, after = _split(line)
    if word == "--reason":
        line = after
    elif verb is Verb.APPROVE and word.startswith("--"):
        return Problem.NO_OPTION
    return Command(verb, typed, commit, _one_line(line)[:MAX_REASON])


def _one_line(text: str) -> str:
    return " ".join(clean_text(text).split())


_PARSERS: Final[dict[Verb, Callable[[Verb, str, str], Command | Problem]]] = {
    Verb.HELP: _help,
    Verb.STATUS: _bare,
    Verb.EXPLAIN: _explain,
    Verb.ASK: _text,
    Verb.WHY: _why,
    Verb.TASK: _text,
    Verb.REPLY: _text,
    Verb.APPROVE: _vote,
    Verb.REJECT: _vote,
    Verb.CANCEL: _bare,
    Verb.UNDO: _bare,
    Verb.RETRY: _bare,
}
