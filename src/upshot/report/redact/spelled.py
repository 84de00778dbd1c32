r"""Secrets that are spelled out: letter by letter, split by marks or line ends, byte by byte.

`g-h-s-_-…`, `ghs**_Zk3X**…`, `67 68 73`, `\x67\x68`, `%67%68`, `&#103;&#104;`, wrapped or doubled
base64: without everything but letters and digits, and without regard to case, each of them is one
run of characters that is known beforehand (threat T10). Whole values only. Linear in the text.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterator
from typing import Final

_SHORTEST: Final = 12
_LONG: Final = 20
_OTHERS: Final = re.compile(r"[^a-z0-9]+")
_UNSEEN: Final = re.compile(r"</?[A-Za-z][^<>]{0,99}>|<!--[^<>]{0,99}-->|\]\([^()\s]{0,500}\)")
_KEPT: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_ROT13: Final = str.maketrans(_LOWER, _LOWER[13:] + _LOWER[:13])


class SpelledSecrets:
    """Values to be found whatever stands between their characters."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def add(self, value: str, *, is_word: bool) -> None:
        """One more value. Of a few words only what encodes them is looked for: with other marks
        between them they are still ordinary words.
        """
        self._forms |= spelled_forms(value, is_word=is_word)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand in the text, `(start, end)`, in any order."""
        yield from self._spans(text)
        if "<" in text or "](" in text:  # as a page shows it, without tags and links' targets
            yield from self._spans(_UNSEEN.sub(lambda match: " " * len(match[0]), text))

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        bare = _OTHERS.sub("", text.lower())
        hits = [hit for form in self._forms if len(form) <= len(bare) for hit in _hits(bare, form)]
        if hits:
            places = [at for at, char in enumerate(text) for low in char.lower() if low in _KEPT]
            yield from ((places[start], places[end - 1] + 1) for start, end in hits)


def spelled_forms(value: str, *, is_word: bool) -> set[str]:
    """The value in lower-case letters and digits, as it is and in notations of its bytes."""
    raw = value.encode("utf-8", "surrogatepass")
    plain = value.lower()
    is_word = is_word and len(_OTHERS.sub("", plain)) < _LONG
    forms = [
        *([] if is_word else [plain, plain[::-1], plain.translate(_ROT13)]),
        *_base64(raw),
        *(twice for once in _base64(raw, cut=False) for twice in _base64(once.encode())),
        _base32(raw),
        raw.hex(),
        "".join(f"x{byte:02x}" for byte in raw),
        "".join(f"u{byte:04x}" for byte in raw),
        "".join(map(str, raw)),
        "".join(f"{byte:03d}" for byte in raw),
        "".join(f"{byte:03o}" for byte in raw),
        "".join(f"{byte:08b}" for byte in raw),
    ]
    bare = (_OTHERS.sub("", form.lower()) for form in forms)
    return {form for form in bare if len(form) >= _SHORTEST}


def _base64(raw: bytes, *, cut: bool = True) -> list[str]:
    """The base64 of the bytes after none, one or two others: what they alone decide of it, or all
    of it up to the padding.
    """
    forms = []
    for lead in range(3 if cut else 1):
        whole = b2a_base64(b"\0" * lead + raw, newline=False).decode()
        end = (lead + len(raw)) * 8 // 6 if cut else len(whole)
        forms.append(whole[(lead * 8 + 5) // 6 : end].rstrip("="))
    return forms


def _base32(raw: bytes) -> str:
    """Without padding, and without the last character, which bits of nothing fill up."""
    bits = "".join(f"{byte:08b}" for byte in raw)
    return "".join(_BASE32[int(bits[at : at + 5], 2)] for at in range(0, len(bits) - 4, 5))


def _hits(bare: str, form: str) -> Iterator[tuple[int, int]]:
    at = bare.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = bare.find(form, at + len(form))
