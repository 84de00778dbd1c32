"""Takes secrets out of every text that goes to an AI or to a place where people read it.

It finds values that are known (`redact.known`), shapes of tokens (`redact.shapes`), and what the
user's `mask-patterns` match. It runs before the first AI request, so a rule is compiled only for a
text that holds its keyword. Knows nothing of Markdown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from upshot.report.redact.known import KnownSecrets
from upshot.report.redact.search import as_ascii, shape_spans
from upshot.secret import Secret, why_not_masked
from upshot.text import clean_text, pattern, strip_hidden

if TYPE_CHECKING:
    from upshot.linear import Pattern

TEXT_S: Final = 2.0
"""Seconds for all patterns of a user on one text."""
PATTERNS_S: Final = 10.0
"""The same for all texts of a run."""
MASK: Final = "[redacted]"
_MASKS: Final = pattern(r"\\?\[redacted\\?\]|%5Bredacted%5D", marks=("redacted",))
"""The mask as it is, as Markdown escapes it, and in an address."""
_SIGN: Final = "\u241e"
"""A character that no rule matches and no text of Upshot's holds."""
_SEPARATOR: Final = f"\n\n{_SIGN}\n\n"


class Redactor:
    """Takes known and likely secrets out of texts, and counts the different ones.

    `patterns` are the user's; those that `linear.compile_pattern` refuses are in `refused`, like
    values that are too short or too common to be masked.
    """

    def __init__(
        self,
        secrets: Iterable[Secret],
        patterns: Iterable[str] = (),
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known = KnownSecrets()
        self._monotonic = monotonic
        self._seen: set[int] = set()
        self._refused: list[str] = []
        self._patterns: list[Pattern] = []
        self._patterns_left_s = PATTERNS_S
        for secret in secrets:
            self.add(secret)
        self.add_patterns(patterns)

    def add_patterns(self, patterns: Iterable[str]) -> None:
        """Adds the user's `mask-patterns`."""
        for number, given in enumerate(patterns, start=1):
            from upshot.linear import compile_pattern  # few workflows have any

            try:
                self._patterns.append(compile_pattern(given))
            except ValueError as problem:
                self._refused.append(f"mask-patterns: pattern {number} {problem}")

    def add(self, secret: Secret) -> None:
        """Adds a known value, such as a token that was just minted."""
        value = strip_hidden(secret.reveal())
        if not value:
            return
        why = why_not_masked(value)
        if not why and value in MASK:  # each pass would find it in the mask of the one before
            why = "a value is a part of the mask itself"
        if why:
            self._refused.append(why)
        else:
            self._known.add(value)

    @property
    def count(self) -> int:
        """How many different secrets were taken out until now."""
        return len(self._seen)

    @property
    def refused(self) -> tuple[str, ...]:
        """Why values and patterns were not taken, in words without the value."""
        return tuple(dict.fromkeys(self._refused))

    def redact(self, text: str) -> str:
        """The text with `[redacted]` for each secret, without hidden characters and colours.

        Redacting twice gives the same text. Linear in the text. Control characters are removed first:
        a page leaves them out, and so would join the parts of a secret that they split.
        """
        text = clean_text(text)
        is_late = False
        for _ in range(3):  # what is taken out may join what stood on its two sides
            spans, is_late = self._spans(text, with_patterns=not is_late)
            if not spans:
                break
            text = self._without(text, spans)
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets stand in the text as it is: `(start, end)`, sorted, without overlaps.

        For whoever must put them back; everything that is shown goes through `redact`.
        """
        return self._spans(text)[0]

    def _spans(
        self, text: str, *, with_patterns: bool = True
    ) -> tuple[list[tuple[int, int]], bool]:
        """The spans, and whether the patterns ran out of time. Every rule sees the original text:
        a token that is known may begin like one that only its shape gives away.
        """
        plain = as_ascii(text)
        found = [*self._known.spans(plain), *shape_spans(plain)]
        is_late = False
        if with_patterns and self._patterns:
            from upshot.report.redact.patterns import pattern_spans

            began_s, within_s = self._monotonic(), min(TEXT_S, self._patterns_left_s)
            more, is_late = pattern_spans(
                self._patterns, text, monotonic=self._monotonic, within_s=within_s
            )
            self._patterns_left_s -= self._monotonic() - began_s
            found += _outside(more, [mask.span() for mask in _MASKS.finditer(text)])
        return _merged(found), is_late

    def _without(self, text: str, spans: Sequence[tuple[int, int]]) -> str:
        parts, end = [], 0
        for start, stop in spans:
            secret = text[start:stop]
            if secret != MASK:
                self._seen.add(hash(secret))
            parts += [text[end:start], MASK]
            end = stop
        return "".join([*parts, text[end:]])


def redact_all(texts: Sequence[str], redact: Callable[[str], str]) -> list[str]:
    """Each text redacted, all in one pass, joined by lines that no rule crosses.

    One by one if a text holds the sign of such a line, or if `redact` took a line out.
    """
    if not texts:
        return []
    joined = _SEPARATOR.join(texts)
    parts = redact(joined).split(_SEPARATOR)
    if joined.count(_SIGN) == len(parts) - 1 == len(texts) - 1:
        return parts
    return [redact(text) for text in texts]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted, and those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _outside(
    spans: Iterable[tuple[int, int]], masks: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Without the spans that end or begin in a mask: what they match is in part our own word.

    Else a pattern that finds a part of it would make every text longer with every pass (threat T38). Linear in
    the masks and the spans, which are sorted here.
    """
    kept, at = [], 0
    for start, end in sorted(spans):
        while at < len(masks) and masks[at][1] <= start:
            at += 1
        last = at
        while last < len(masks) and masks[last][1] < end:
            last += 1
        begins_within = at < len(masks) and masks[at][0] < start
        ends_within = last < len(masks) and masks[last][0] < end < masks[last][1]
        is_mask = at < len(masks) and masks[at] == (start, end)
        if not (begins_within or ends_within or is_mask):
            kept.append((start, end))
    return kept
