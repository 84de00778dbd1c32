"""JSON in one canonical form, and what a database can hold of it. Pure.

Source: PostgreSQL's `jsonb` (no NUL, no halves of characters) and `real` (single precision).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Mapping
from typing import Any, Final

from upshot.lenient import as_list

_DEEPEST: Final = 64
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def digest_json(value: object) -> str:
    """SHA-256 in hexadecimal over canonical JSON: keys sorted, no spaces, whole floats as integers."""
    text = json.dumps(
        _plain_numbers(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_uuid(text: str) -> bool:
    """Whether the server's UUID columns take it, in the one form that they give back."""
    return _UUID.fullmatch(text) is not None


def text_problem(value: object, depth: int = 0) -> str:
    """Why JSON cannot be stored as it is, empty when it can: NUL, half a character, depth, size."""
    if depth > _DEEPEST:
        return f"is nested deeper than {_DEEPEST} levels"
    if isinstance(value, str):
        if "\x00" in value:
            return "holds the character NUL"
        return "holds half a character" if any("\ud800" <= c <= "\udfff" for c in value) else ""
    if isinstance(value, float) and not math.isfinite(value):
        return "holds a number that JSON has not"
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return "holds a number of more than 63 bits"
    if isinstance(value, Mapping):
        parts = [part for pair in value.items() for part in pair]
    else:
        parts = as_list(value)
    return next(filter(None, (text_problem(part, depth + 1) for part in parts)), "")


def single(number: float) -> float:
    """The number in single precision, shortest form; 0 for what does not fit."""
    try:
        packed = struct.pack("<f", number)
    except OverflowError:
        return 0.0
    if not math.isfinite(number):
        return 0.0
    exact = struct.unpack("<f", packed)[0]
    short = next(
        value
        for digits in range(6, 10)
        if struct.pack("<f", value := float(f"{exact:.{digits}g}")) == packed
    )
    return short + 0.0  # no negative zero


def whole(number: float) -> float | int:
    """An integer where the number is one."""
    return int(number) if number.is_integer() else number


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, float):
        return whole(value)
    if isinstance(value, dict):
        return {name: _plain_numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(part) for part in value]
    return value
