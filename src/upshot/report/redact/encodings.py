"""How a value may be written elsewhere: escaped, encoded, or spelled out byte by byte.

Knows nothing of texts that are searched.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from typing import Final
from urllib.parse import quote, quote_plus

from upshot.secret import SHORTEST

FEWEST_CHARACTERS: Final = 5
"""A piece of fewer different characters (`000000000000`) says nothing."""
OTHERS: Final = re.compile(r"[^a-z0-9]+")
"""What stands between the characters of a value that is spelled out in lower case."""

_SHORTEST_SPELLED: Final = 12
_LONG: Final = 20
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_ROT13: Final = str.maketrans(_LOWER, _LOWER[13:] + _LOWER[:13])


def is_random(text: str) -> bool:
    """Whether 8 or more characters in a row mix digits and letters; a UUID does not count."""
    if re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return False
    return any(
        len(part) >= SHORTEST
        and any(c.isdigit() for c in part)
        and any(c.isalpha() for c in part)
        and len(set(part)) >= FEWEST_CHARACTERS
        for part in re.split(r"[-_/.=+~]+", text[:512])
    )


def derived_forms(value: str) -> set[str]:
    """The value and its escaped and encoded forms, of 8 or more characters."""
    raw = value.encode("utf-8", "surrogatepass")
    percent = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    xml = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    base64 = _base64_parts(raw)
    in_json = _json_form(value)
    forms = {
        value,
        value.strip(),
        value[::-1],
        in_json,
        _json_form(in_json),
        _ascii_json(in_json),
        _json_form(_ascii_json(in_json)),
        xml,
        xml.replace('"', "&quot;").replace("'", "&#39;"),
        value.replace("'", "''"),
        raw.hex(),
        raw.hex().upper(),
        *percent,
        *(re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), form) for form in percent),
        *base64,
        *(form.replace("+", "-").replace("/", "_") for form in base64),
    }
    return {form for form in forms if len(form) >= SHORTEST}


def spelled_forms(value: str, *, is_word: bool) -> set[str]:
    """Lower-case letters and digits of the value and of notations of its bytes.

    Of a value that `is_word`, only the notations: its letters may follow each other in any text.
    """
    raw = value.encode("utf-8", "surrogatepass")
    plain = value.lower()
    is_word = is_word and len(OTHERS.sub("", plain)) < _LONG
    forms = [
        *([] if is_word else [plain, plain[::-1], plain.translate(_ROT13)]),
        *_base64_parts(raw),
        *_base64_parts(b2a_base64(raw, newline=False).rstrip(b"=")),
        _base32(raw),
        raw.hex(),
        "".join(f"x{byte:02x}" for byte in raw),
        "".join(f"u{byte:04x}" for byte in raw),
        "".join(map(str, raw)),
        "".join(f"{byte:03d}" for byte in raw),
        "".join(f"{byte:03o}" for byte in raw),
        "".join(f"{byte:08b}" for byte in raw),
    ]
    bare = (OTHERS.sub("", form.lower()) for form in forms)
    return {form for form in bare if len(form) >= _SHORTEST_SPELLED}


def _base64_parts(raw: bytes) -> list[str]:
    """The base64 of the bytes behind 0, 1 and 2 other bytes, without what those others decide."""
    parts = []
    for lead in range(3):
        whole = b2a_base64(b"\0" * lead + raw, newline=False).decode()
        parts.append(whole[(lead * 8 + 5) // 6 : (lead + len(raw)) * 8 // 6])
    return parts


def _base32(raw: bytes) -> str:
    """Without padding, and without a last character of fewer than five bits."""
    bits = "".join(f"{byte:08b}" for byte in raw)
    return "".join(_BASE32[int(bits[at : at + 5], 2)] for at in range(0, len(bits) - 4, 5))


def _json_form(value: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(escapes.get(c, c if c >= " " else f"\\u{ord(c):04x}") for c in value)


def _ascii_json(text: str) -> str:
    """JSON's escapes for everything outside ASCII, as surrogate pairs where needed."""
    if text.isascii():
        return text
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[at] * 256 + units[at + 1] for at in range(0, len(units), 2))
    return "".join(chr(unit) if unit < 128 else f"\\u{unit:04x}" for unit in pairs)  # noqa: PLR2004
