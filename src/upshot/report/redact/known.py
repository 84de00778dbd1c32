"""Secrets that are known by value: found whole, encoded, spelled out, or as any long enough piece.

A piece is a window of 12 characters or more of the value or of one of its encodings (threats T9,
T10). To find them in one pass, every seventh position of the text is looked up in a table of
6-character grams: a window of 12 always holds one of them.

A value that is spelled out is split by marks, line ends or markup: `g-h-s-_-…`, `ghs**_Zk3X**…`,
`67 68 73`, wrapped base64. Without everything but letters and digits, and without regard to case,
it is one run of characters that is known beforehand (threat T10). Only whole values are found so.

All of it is linear in the text. A short text is not searched for each of many values: what begins at
each of its places is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from upshot.report.redact.encodings import (
    FEWEST_CHARACTERS,
    OTHERS,
    derived_forms,
    is_random,
    spelled_forms,
)

_WINDOW: Final = 12
_GRAM: Final = 6
_STEP: Final = _WINDOW - _GRAM + 1
_MANY: Final = 2
"""Characters of a text for each form up to which looking at its places is faster than searching."""
_LONGEST: Final = 65_536
_MOST_PLACES: Final = 8
_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_UNSEEN: Final = re.compile(r"</?[A-Za-z][^<>]{0,99}>|<!--[^<>]{0,99}-->|\]\([^()\s]{0,500}\)")
"""Tags, comments and the targets of links: a reader of the page does not see them."""
_KEPT: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class Forms:
    """Texts that are looked for, exactly as they are."""

    def __init__(self) -> None:
        self._all: dict[str, None] = {}
        self._short: list[str] = []
        self._by_start: dict[str, list[str]] = {}

    def add(self, forms: Iterable[str]) -> None:
        for form in forms:
            if form not in self._all:
                self._all[form] = None
                if len(form) < _GRAM:
                    self._short.append(form)
                else:
                    self._by_start.setdefault(form[:_GRAM], []).append(form)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Every place of every form, unsorted; places of one form may overlap."""
        if len(text) > _MANY * len(self._all):
            return [hit for form in self._all for hit in _hits(text, form)]
        starts = self._by_start
        found = [
            (at, at + len(form))
            for at in range(len(text) - _GRAM + 1)
            if text[at : at + _GRAM] in starts
            for form in starts[text[at : at + _GRAM]]
            if text.startswith(form, at)
        ]
        return found + [hit for form in self._short for hit in _hits(text, form)]


class KnownSecrets:
    """Finds known values; its tables are made for the first text."""

    def __init__(self) -> None:
        self._values: list[str] = []
        self._forms = Forms()
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._pieces: list[str] = []
        self._spelled = Forms()
        self._indexed = 0

    def add(self, value: str) -> None:
        if value not in self._values:
            self._values.append(value[:_LONGEST])

    def _index(self) -> None:
        for value in self._values[self._indexed :]:
            forms = derived_forms(value)
            # Ordinary text may hold a few words with other marks between them, but no encoding of them.
            self._spelled.add(spelled_forms(value, is_word=not is_random(value)))
            self._forms.add(forms)
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
        """The places of the values in the text, `(start, end)`, sorted and without overlaps."""
        if self._indexed < len(self._values):
            self._index()
        found = [*self._forms.spans(text), *self._windows(text), *self._spelled_out(text)]
        found.sort()
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

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
                and len(set(text[span[0] : span[1]])) >= FEWEST_CHARACTERS
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

    def _spelled_out(self, text: str) -> Iterator[tuple[int, int]]:
        yield from self._letters(text)
        if "<" in text or "](" in text:  # as a page shows it
            yield from self._letters(_UNSEEN.sub(lambda match: " " * len(match[0]), text))

    def _letters(self, text: str) -> Iterator[tuple[int, int]]:
        """The places of values whose letters and digits follow each other with any other marks between."""
        bare = OTHERS.sub("", text.lower())
        hits = self._spelled.spans(bare)
        if hits:
            places = [at for at, char in enumerate(text) for low in char.lower() if low in _KEPT]
            yield from ((places[start], places[end - 1] + 1) for start, end in hits)


def _folded(text: str) -> str:
    """In lower case and as long as before: a secret in capitals is a secret, too."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def _runs(value: str) -> list[str]:
    """The parts of a secret whose windows are searched for: the whole of a plain token.

    Of a structured secret (PEM, a key file in JSON, an address) only the runs that look random: its
    field names, header lines and host are in ordinary text as well.
    """
    host_end = value.find("/", value.find("://") + 3) if "://" in value else -1
    if "://" in value:
        value = value[host_end:] if host_end >= 0 else ""
    elif value[:1] not in "{[" and "\n" not in value and "-----" not in value:
        runs = value.split()  # a password may hold quotes, slashes and any other mark
        if len(runs) == 1:
            return runs
    runs = re.split(r"[\s\"'{}\[\],;\\]+|-----[A-Z ]*-----", value)
    return [run for run in runs if len(run) >= _WINDOW and is_random(run)]


def _hits(text: str, form: str) -> Iterator[tuple[int, int]]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + len(form))
