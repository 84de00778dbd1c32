"""Reading a webhook payload of any shape: each look gives a checked value or nothing.

A payload is JSON that other people's systems wrote (`repository_dispatch` above all), so no type
is taken for granted, and only well-formed values come out. Raises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from upshot.lenient import look

_HEX = frozenset("0123456789abcdef")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_LARGEST_NUMBER = 2**31 - 1
LONGEST_TEXT = 262_144
"""Comment bodies end at 65,536 characters (GitHub); nothing that we read is longer than this."""
LONGEST_REF = 1_024


def find_text(value: Any, *path: str, longest: int = LONGEST_REF) -> str:
    """A text of at most `longest` characters, else empty."""
    found = look(value, *path)
    return found if isinstance(found, str) and len(found) <= longest else ""


def find_number(value: Any, *path: str) -> int | None:
    """A positive number; decimal text is one too (inputs of dispatched workflows are text)."""
    found = look(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) <= 10:  # noqa: PLR2004 - more digits are too many
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 < found <= _LARGEST_NUMBER else None


def find_identifier(value: Any, *path: str) -> int | None:
    """A database id of GitHub: a positive integer of at most 64 bits."""
    found = look(value, *path)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 < found < 2**63 else None


def find_time(value: Any, *path: str) -> float | None:
    """A time, in seconds since the Unix epoch; GitHub writes RFC 3339."""
    try:
        return datetime.fromisoformat(find_text(value, *path, longest=64)).timestamp()
    except (ValueError, OverflowError):
        return None


def find_sha(value: Any, *path: str) -> str:
    """A commit id (SHA-1 or SHA-256) in lower case; empty for anything else, and for all zeros."""
    found = look(value, *path)
    return parse_sha(found) if isinstance(found, str) else ""


def parse_sha(text: str) -> str:
    """As `find_sha`, of a text."""
    lower = text.lower()
    fits = len(lower) in {40, 64} and set(lower) <= _HEX and lower.strip("0")
    return lower if fits else ""


def find_repository(value: Any, *path: str) -> str:
    """`owner/name`, else empty."""
    found = look(value, *path)
    return found if isinstance(found, str) and is_repository(found) else ""


def is_repository(text: str) -> bool:
    owner, slash, name = text.partition("/")
    return bool(
        slash
        and owner
        and name
        and len(text) <= LONGEST_REF
        and set(owner) <= _NAME
        and set(name) <= _NAME
        and name.strip(".")
        and owner.strip(".")
    )


def find_list(value: Any, *path: str, most: int = 100) -> Sequence[Any]:
    """The first `most` elements of a list, else nothing."""
    found = look(value, *path)
    return found[:most] if isinstance(found, list) else ()
