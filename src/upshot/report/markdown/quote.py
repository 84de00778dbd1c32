"""A model's text as a page shows it, a block quote, and the way back from a page that we wrote. Pure.

The place of a text is counted without white space, of which GitHub may keep less than was sent, and
comes with a digest: what is not exactly what was written is not read. Text that was read back is as
hostile as it was before.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

FOLD: Final = "<details><summary>Show the rest</summary>"
FOLD_END: Final = "</details>"
_PLACE: Final = re.compile(r"(\d{1,6}):(\d{1,6}):([0-9a-f]{16})")


def place_of(shown: str, page: str) -> str:
    """`START:LENGTH:DIGEST` of a quoted text in a page; empty where it does not stand there whole."""
    at = page.find(shown) if shown else -1
    if at < 0:
        return ""
    return f"{_size(page[:at])}:{_size(shown)}:{_digest(shown)}"


def read_at(page: str, place: str) -> str:
    """The Markdown that was quoted at this place of a page; empty where another text stands there."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return ""
    start, length = int(found[1]), int(found[2])
    at = [index for index, char in enumerate(page) if not char.isspace()][start : start + length]
    if not at or len(at) != length:
        return ""
    shown = page[at[0] : at[-1] + 1]
    return _unquoted(shown) if _digest(shown) == found[3] else ""


def _unquoted(shown: str) -> str:
    """What is folded only for its length is one text with what stands above the fold."""
    lines = shown.replace("\r\n", "\n").split("\n")
    kept = (line[1:].removeprefix(" ") for line in lines if line.startswith(">"))
    return "\n".join(kept).strip("\n")


def _size(text: str) -> int:
    return len("".join(text.split()))


def _digest(text: str) -> str:
    return sha256("".join(text.split()).encode("utf-8", "replace")).hexdigest()[:16]
