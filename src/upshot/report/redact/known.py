"""Secrets that we know by value: found whole, encoded, or as any long enough piece.

A piece is a window of 12 characters or more of the value or of one of its encodings (threats T9,
T10). To find them in one pass, every seventh position of the text is looked up in a table of
6-character grams: a window of 12 always holds one of them. Linear in the text.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from typing import Final
from urllib.parse import quote, quote_plus

from upshot.report.redact.spelled import SpelledSecrets
from upshot.secret import SHORTEST

_WINDOW: Final = 12
_GRAM: Final = 6
_STEP: Final = _WINDOW - _GRAM + 1
_LONGEST: Final = 65_536
_MOST_PLACES: Final = 8
_FEWEST_CHARACTERS: Final = 5
"""A piece of fewer different characters (`000000000000`) says nothing."""

_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def is_random(text: str) -> bool:
    """Whether a part of it mixes digits and letters for 8 characters or more; no UUID, no words."""
    if re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return False
    return any(
        len(part) >= SHORTEST
        and any(c.isdigit() for c in part)
        and any(c.isalpha() for c in part)
        and len(set(part)) >= _FEWEST_CHARACTERS
        for part in re.split(r"[-_/.=+~]+", text[:512])
    )


def _base64_forms(raw: bytes) -> list[str]:
    """The part of the base64 of anything around `raw` that `raw` alone decides, three alignments."""
    forms = []
    for lead in range(3):
        whole = b2a_base64(b"\0" * lead + raw, newline=False).decode()
        kept = whole[(lead * 8 + 5) // 6 : (lead + len(raw)) * 8 // 6]
        forms += [kept, kept.replace("+", "-").replace("/", "_")]
    return forms


def _json_form(value: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(escapes.get(c, c if c >= " " else f"\\u{ord(c):04x}") for c in value)


def _ascii_json(text: str) -> str:
    """JSON's escapes for everything outside ASCII, in two halves where it takes two."""
    if text.isascii():
        return text
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = (units[at] * 256 + units[at + 1] for at in range(0, len(units), 2))
    return "".join(chr(unit) if unit < 128 else f"\\u{unit:04x}" for unit in pairs)  # noqa: PLR2004


def derived_forms(value: str) -> set[str]:
    """The value and the ways in which it may be written elsewhere, 8 characters and longer."""
    raw = value.encode("utf-8", "surrogatepass")
    percent = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    xml = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
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
        *_base64_forms(raw),
    }
    return {form for form in forms if len(form) >= SHORTEST}


def _folded(text: str) -> str:
    """In lower case, as long as before: a secret is one in capitals too."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def _runs(value: str) -> list[str]:
    """The parts of a secret whose windows are looked for: all of a plain token.

    Of a structured secret (a PEM, a key file in JSON, an address) only the runs that look random:
    its field names, header lines and host stand in ordinary text.
    """
    host_end = value.find("/", value.find("://") + 3) if "://" in value else -1
    if "://" in value:
        value = value[host_end:] if host_end >= 0 else ""
    runs = re.split(r"[\s\"'{}\[\],;\\]+|-----[A-Z ]*-----", value)
    if len(runs) == 1 and host_end < 0:
        return runs
    return [run for run in runs if len(run) >= _WINDOW and is_random(run)]


class KnownSecrets:
    """Values to be found; the tables are made when the first text comes."""

    def __init__(self) -> None:
        self._values: list[str] = []
        self._forms: list[str] = []
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._pieces: list[str] = []
        self._spelled = SpelledSecrets()
        self._indexed = 0

    def add(self, value: str) -> None:
        if value not in self._values:
            self._values.append(value[:_LONGEST])

    def _index(self) -> None:
        for value in self._values[self._indexed :]:
            forms = derived_forms(value)
            self._spelled.add(value, is_word=not is_random(value))
            self._forms += sorted(forms, key=len, reverse=True)
            runs = _runs(value)
            pieces = forms if runs == [value] else {f for run in runs for f in derived_forms(run)}
            for piece in pieces:
                number = len(self._pieces)
                folded = _folded(piece)
                self._pieces.append(folded)
                for start in range(len(folded) - _GRAM + 1):
                    places = self._places.setdefault(folded[start : start + _GRAM], [])
                    if len(places) < _MOST_PLACES:
                        places.append((number, start))
        self._indexed = len(self._values)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand in the text: sorted, not overlapping, `(start, end)`."""
        if self._indexed < len(self._values):
            self._index()
        found = [*self._whole(text), *self._windows(text), *self._spelled.spans(text)]
        found.sort()
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _whole(self, text: str) -> list[tuple[int, int]]:
        found = []
        for form in self._forms:
            at = text.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = text.find(form, at + len(form))
        return found

    def _windows(self, text: str) -> list[tuple[int, int]]:
        places = self._places
        if not places:
            return []
        text = _folded(text)
        hits = [
            at
            for at in range(0, len(text) - _GRAM + 1, _STEP)
            if text[at : at + _GRAM] in places
        ]  # fmt: skip
        found: list[tuple[int, int]] = []
        for at in hits:
            if found and at + _GRAM <= found[-1][1]:
                continue
            span = max(
                (self._extend(text, at, *place) for place in places[text[at : at + _GRAM]]),
                key=lambda span: span[1] - span[0],
            )
            if (
                span[1] - span[0] >= _WINDOW
                and len(set(text[span[0] : span[1]])) >= _FEWEST_CHARACTERS
            ):
                found.append(span)
        return found

    def _extend(self, text: str, at: int, number: int, start: int) -> tuple[int, int]:
        """The longest stretch around `text[at]` that is also in the piece around `start`."""
        piece = self._pieces[number]
        left = 0
        while left < min(at, start) and text[at - left - 1] == piece[start - left - 1]:
            left += 1
        right = _GRAM
        room = min(len(text) - at, len(piece) - start)
        while right < room and text[at + right] == piece[start + right]:
            right += 1
        return at - left, at + right
