"""Reads untyped JSON without ever failing: what has another type than expected is left out.

For records of which a few fields are used, and any of which may be absent, null, of a newer form or
of a stranger's making (`repository_dispatch`). `find_…` of `event.payload` check values besides. And
`decoder_of`, for JSON of a known type, which threads may share.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Final

import msgspec

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_DECODERS: Final[dict[tuple[Any, bool], msgspec.json.Decoder[Any]]] = {}
_MAKING: Final = threading.Lock()


def decoder_of(kind: Any, *, strict: bool = True) -> msgspec.json.Decoder[Any]:
    """The one decoder of this type; `strict` as for `msgspec.json.Decoder`.

    msgspec (0.22) prepares a type, and every type in it, when it is first used. Two threads that do so
    at once with the same type crash the process, so each decoder is made by one thread at a time.
    """
    key = (kind, strict)
    found = _DECODERS.get(key)
    if found is None:
        with _MAKING:
            found = _DECODERS.get(key) or msgspec.json.Decoder(kind, strict=strict)
            _DECODERS[key] = found
    return found


def look(value: object, *path: str) -> Any:
    """The value at `path`, key by key; None where a step is no object or not there."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def as_dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def as_id(value: object) -> str:
    """An id that a service gives or a person types: letters, digits, `-` and `_`, at most 128.

    Ids become outputs, parts of paths and of our comment's marker, so any other text is none (T20).
    """
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def as_int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
