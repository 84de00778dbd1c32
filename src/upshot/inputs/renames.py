"""`claim-renames`: which entity of a claim gets which name, read from JSON or a small part of YAML.

Pure. There is no YAML library at run time (docs/decisions/0016): a flat mapping of names to names
needs none of what makes YAML dangerous. What is accepted here means the same to every YAML parser;
anchors, tags, flow mappings, nested and multi-line values are refused, each with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from upshot.errors import InputError
from upshot.inputs.reader import show

NAME = "claim-renames"
MOST_BYTES = 65_536
MOST_ENTRIES = 1_000
LONGEST_NAME = 100
"""Pulumi Cloud's limit for stacks, projects and environments (its documentation)."""
_NAME = re.compile(rf"[A-Za-z0-9_.-]{{1,{LONGEST_NAME}}}")
_PART = r"[A-Za-z0-9_.@-]{1,100}"
_KEY = re.compile(rf"{_PART}(?:/{_PART}){{0,2}}")
_SCALAR = r"""(?:"[A-Za-z0-9_.@/-]*"|'[A-Za-z0-9_.@/-]*'|[A-Za-z0-9_.][A-Za-z0-9_.@/-]*)"""
_COMMENT = r"#[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*"
"""Without the characters that end a line for some YAML parser, or that YAML does not allow."""
_LINE = re.compile(rf"({_SCALAR}) *: +({_SCALAR})(?: *| +{_COMMENT})")
_EMPTY = re.compile(rf" *(?:{_COMMENT})?")
_NAMES_ONLY = "a line `project/stack: new-name`, or a JSON object of the same"


def parse_renames(text: str) -> dict[str, str]:
    """`project/stack`, `project/environment`, an Insights account's `name` or a package's
    `source/publisher/name` -> the new bare name, in the order given; empty for an empty text.

    Raises InputError, naming the line, for anything else; also for a key that is given twice.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _refused(f"more than {MOST_BYTES:,} bytes", f"at most {MOST_BYTES:,} bytes")
    is_json = text.lstrip().startswith(("{", "["))
    renames: dict[str, str] = {}
    for place, key, name in _from_json(text) if is_json else _from_yaml(text):
        if not _KEY.fullmatch(key):
            raise _refused(
                f"{show(key)} {place}",
                "`project/stack`, `project/environment`, an Insights account's `name`, or a "
                "package's `source/publisher/name`",
            )
        if not _NAME.fullmatch(name):
            raise _refused(
                f"{show(name)} {place}",
                f"a bare name: letters, digits, `-`, `_` and `.`, at most {LONGEST_NAME} of them, "
                "without a project",
            )
        if key in renames:
            raise _refused(f"{show(key)} twice", "each entity once")
        if len(renames) == MOST_ENTRIES:
            raise _refused(f"more than {MOST_ENTRIES:,} entities", f"at most {MOST_ENTRIES:,}")
        renames[key] = name
    return renames


def write_renames(renames: Iterable[tuple[str, str]]) -> str:
    """The YAML that `parse_renames` and every YAML parser read as these pairs, one line a pair.

    A text is quoted as JSON, which is YAML as well, unless it is a plain word to every parser. The
    names may be untrusted: whatever they hold, the result is ASCII and has one line a pair.
    """
    return "".join(f"{_quoted(key)}: {_quoted(name)}\n" for key, name in renames)


def _from_json(text: str) -> Iterator[tuple[str, str, str]]:
    import json  # it costs 3 ms, and every run imports this module

    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except RecursionError:
        raise _refused("JSON that is nested too deeply", _NAMES_ONLY) from None
    except ValueError as problem:
        where = getattr(problem, "lineno", 0)
        raise _refused(f"JSON that cannot be read (line {where})", _NAMES_ONLY) from None
    is_object = isinstance(pairs, list) and all(isinstance(pair, tuple) for pair in pairs)
    if not is_object or (pairs == [] and text.lstrip().startswith("[")):
        raise _refused("JSON that is no object", _NAMES_ONLY)
    for key, name in pairs:
        if not isinstance(name, str):
            raise _refused(f"{show(key)} with a value that is no text", _NAMES_ONLY)
        yield "as a name", key, name


def _from_yaml(text: str) -> Iterator[tuple[str, str, str]]:
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    is_start = True
    for number, line in enumerate(lines, start=1):
        if _EMPTY.fullmatch(line):
            continue
        if is_start and line.rstrip(" ") == "---":
            is_start = False
            continue
        is_start = False
        found = _LINE.fullmatch(line)
        if not found:
            raise _refused(f"{show(line)} in line {number}", _NAMES_ONLY)
        yield f"in line {number}", found[1].strip("\"'"), found[2].strip("\"'")


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@/-]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What some version of YAML reads as something else than text."""


def _quoted(text: str) -> str:
    import json

    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text)


def _refused(given: str, allowed: str) -> InputError:
    return InputError(NAME, given, allowed)
