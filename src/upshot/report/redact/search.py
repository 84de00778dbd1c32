"""Finds what has the shape of a token, also where a terminal wrapped it over lines. Pure.

It runs before the first AI request, so a rule is compiled only for a text that holds its keyword.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from upshot.report.redact.encodings import is_random
from upshot.report.redact.shapes import SHAPES, Shape
from upshot.text import pattern

_STYLED: Final = re.compile("[\uff01-\uff5e\u24b6-\u24e9\U0001d400-\U0001d7ff]")
"""Full-width, circled and mathematical letters and digits: a reader copies them as ASCII."""
_BREAK: Final = re.compile(r"(?<=\S)\n[ \t]{0,40}(?=\S)")
_EXPRESSIONS: Final = tuple(pattern(shape.expression) for shape in SHAPES)


def as_ascii(text: str) -> str:
    """The text with styled letters and digits as ASCII, each at its place."""
    return text if text.isascii() else _STYLED.sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    from unicodedata import normalize

    plain = normalize("NFKC", match[0])
    return plain if len(plain) == 1 else match[0]


def shape_spans(text: str) -> Iterator[tuple[int, int]]:
    """The places of what looks like a token, `(start, end)`, unsorted. Linear in the text."""
    lowered = text.lower()
    for number, shape in enumerate(SHAPES):
        if any(keyword in lowered for keyword in shape.keywords):
            for match in _EXPRESSIONS[number].finditer(text):
                span = _secret_span(shape, match)
                if span is not None:
                    yield span
    if "\n" in text:
        yield from _wrapped(text)


def _wrapped(text: str) -> Iterator[tuple[int, int]]:
    """The places of tokens that go on in the next line.

    Where the lines before are a token by themselves, what begins the next line belongs to it only if
    it looks random: it may be the next sentence.
    """
    breaks = [match.span() for match in _BREAK.finditer(text)]
    joined = _BREAK.sub("", text)
    lowered = joined.lower()
    joints: list[int] = []
    removed: list[int] = []
    gone = 0
    for number, shape in enumerate(SHAPES):
        if not shape.wraps or not any(keyword in lowered for keyword in shape.keywords):
            continue
        if not joints:
            for start, end in breaks:
                joints.append(start - gone)
                gone += end - start
                removed.append(gone)
        expression = _EXPRESSIONS[number]
        for match in expression.finditer(joined):
            span = _secret_span(shape, match)
            first = bisect_right(joints, span[0]) if span else 0
            last = bisect_right(joints, span[1] - 1) if span else 0
            if span is None or first == last:
                continue
            cuts = [span[0], *joints[first:last], span[1]]
            is_whole = False
            for at, (start, end) in enumerate(pairwise(cuts)):
                is_whole = is_whole or expression.match(joined[span[0] : start]) is not None
                if is_whole and not is_random(joined[start:end]):
                    break
                shift = removed[first + at - 1] if first + at else 0
                yield start + shift, end + shift


def _secret_span(shape: Shape, match: re.Match[str]) -> tuple[int, int] | None:
    """Where the secret stands in the text that was searched; None when it is none after all."""
    group = "secret" if "secret" in match.re.groupindex else 0
    if shape.check == "random" and not is_random(match[group]):
        return None
    return None if shape.check == "jwt" and not _is_jwt(match[group]) else match.span(group)


def _is_jwt(text: str) -> bool:
    parts = text.split(".")
    return len(parts) > 2 or (len(parts) > 1 and parts[1].startswith("eyJ"))  # noqa: PLR2004
