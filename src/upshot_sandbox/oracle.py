"""What GitHub's runner would do with the bytes that a step printed or wrote to its files.

Restates, in words of our own, the behaviour of actions/runner 2.336: the parser of workflow
commands (both forms, stop tokens) and the parser of GITHUB_OUTPUT and GITHUB_STATE. Tests hold
everything that Upshot prints against it.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

REGISTERED: Final = frozenset(
    [
        "add-mask",
        "add-path",
        "add-matcher",
        "remove-matcher",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    ]
)
_WHITE: Final = (
    "".join(
        map(
            chr, (9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029)
        )
    )
    + "\u202f\u205f\u3000"
)
_LINE_END: Final = re.compile("\r\n|\r|\n")
_ESCAPES: Final = (("%0D", "\r"), ("%0A", "\n"))
_PROPERTY_ESCAPES: Final = (*_ESCAPES, ("%3A", ":"), ("%2C", ","))
_V1_ESCAPES: Final = (*_ESCAPES, ("%3B", ";"), ("%5D", "]"))
_ANNOTATIONS: Final = frozenset({"error", "warning", "notice"})


class Command(Struct, frozen=True):
    """A line on which the runner acts; values are unescaped."""

    name: str
    """In lower case."""
    properties: dict[str, str]
    data: str
    form: str = "v2"
    """`v2` for `::name::`, `v1` for `##[name]`."""
    line: int = 0
    """Index of the line, from 0."""


class Annotation(Struct, frozen=True):
    level: str
    message: str
    title: str = ""
    file: str = ""
    line: str = ""


class FileCommandError(ValueError):
    """The runner cannot read the file: it fails the step."""


def lines_of(printed: bytes) -> list[str]:
    """The runner's lines: UTF-8 with replacement, ended by CRLF, a lone CR or LF only."""
    return _LINE_END.split(printed.decode("utf-8", "replace"))


def parse_line(line: str, extra: frozenset[str] = frozenset()) -> Command | None:
    """The command that one line holds, None for plain text.

    `extra` are names that are registered for now (a stop token), in lower case.
    """
    known = REGISTERED | extra
    return _parse_v2(line, known) or _parse_v1(line, known)


def commands_in(printed: bytes) -> list[Command]:
    """Every command that the runner acts upon, in order; stop tokens are honoured.

    The `stop-commands` lines themselves are listed, the lines that end them are not.
    """
    found: list[Command] = []
    token = ""
    for number, line in enumerate(lines_of(printed)):
        command = parse_line(line, frozenset({token} if token else ()))
        if command is None:
            continue
        if token:
            token = "" if command.name == token else token
            continue
        found.append(Command(command.name, command.properties, command.data, command.form, number))
        wanted = command.data.strip().lower()
        if command.name == "stop-commands" and wanted not in {"", "pause-logging", *REGISTERED}:
            token = wanted
    return found


def annotations_in(printed: bytes) -> list[Annotation]:
    """The annotations that the step makes, before the runner's limit of ten a level."""
    return [
        Annotation(
            level=command.name,
            message=command.data,
            title=command.properties.get("title", ""),
            file=command.properties.get("file", ""),
            line=command.properties.get("line", ""),
        )
        for command in commands_in(printed)
        if command.name in _ANNOTATIONS
    ]


def masks_in(printed: bytes) -> list[str]:
    """The values that the step asks to mask: each whole value and each of its lines."""
    found: list[str] = []
    for command in commands_in(printed):
        if command.name == "add-mask":
            found += [command.data, *command.data.splitlines()]
    return [value for value in dict.fromkeys(found) if value.strip()]


def parse_file_commands(content: bytes) -> list[tuple[str, str]]:
    """The pairs in GITHUB_OUTPUT or GITHUB_STATE, in order.

    Raises `FileCommandError` where the runner fails the step.
    """
    text = content.decode("utf-8", "replace")
    lines = text.split("\n")
    has_last_newline = lines[-1] == ""
    if has_last_newline:
        lines.pop()
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
        elif heredoc >= 0:
            name, _, delimiter = line.partition("<<")
            if not delimiter:
                raise FileCommandError(f"line {at}: the delimiter is empty")
            value, at = _heredoc(lines, at, delimiter)
        else:
            raise FileCommandError(f"line {at}: invalid format")
        if not name:
            raise FileCommandError(f"line {at}: the name is empty")
        found.append((name, value))
    return found


def _heredoc(lines: list[str], at: int, delimiter: str) -> tuple[str, int]:
    try:
        end = lines.index(delimiter, at)
    except ValueError as error:
        raise FileCommandError(f"line {at}: matching delimiter not found") from error
    return "\n".join(lines[at:end]), end + 1


def _parse_v2(line: str, known: frozenset[str]) -> Command | None:
    trimmed = line.lstrip(_WHITE)
    if not trimmed.startswith("::"):
        return None
    head, separator, data = trimmed[2:].partition("::")
    name, _, properties = head.partition(" ")
    if not separator or name.lower() not in known:
        return None
    pairs = _properties(properties, ",", _PROPERTY_ESCAPES)
    return Command(name.lower(), pairs, _unescape(data, _ESCAPES))


def _parse_v1(line: str, known: frozenset[str]) -> Command | None:
    _, opening, rest = line.partition("##[")
    head, closing, data = rest.partition("]")
    name, _, properties = head.partition(" ")
    if not (opening and closing) or name.lower() not in known:
        return None
    pairs = _properties(properties, ";", _V1_ESCAPES)
    return Command(name.lower(), pairs, _unescape(data, _V1_ESCAPES), "v1")


def _properties(text: str, separator: str, escapes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(separator))
    return {name: _unescape(value, escapes) for name, equals, value in pairs if equals and value}


def _unescape(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escaped, plain in escapes:
        text = text.replace(escaped, plain)
    return text.replace("%25", "%")
