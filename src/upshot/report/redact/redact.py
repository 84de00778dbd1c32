"""Takes secrets out of every text that goes to an AI or to a place where people read it.

It finds values that are known (`redact.known`), shapes of tokens (`redact.shapes`), and what the
user's `mask-patterns` match. It runs before the first AI request, so a rule is compiled only for a
text that holds its keyword. Knows nothing of Markdown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Final

from upshot.report.redact.encodings import is_random
from upshot.report.redact.known import KnownSecrets
from upshot.report.redact.shapes import SHAPES, Shape
from upshot.secret import Secret, mask_pattern_problem, why_not_masked
from upshot.text import clean_text, strip_hidden

MASK: Final = "[redacted]"
_SIGN: Final = "\u241e"
"""A character that no rule matches and no text of Upshot's holds."""
_SEPARATOR: Final = f"\n\n{_SIGN}\n\n"
_PIECE: Final = 2_000
_PATTERN_TIME_S: Final = 2.0


class Redactor:
    """Takes known and likely secrets out of texts, and counts the different ones.

    `patterns` are the user's; those that `mask_pattern_problem` refuses are in `refused`, like
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
        self._patterns: list[re.Pattern[str]] = []
        for secret in secrets:
            self.add(secret)
        self.add_patterns(patterns)

    def add_patterns(self, patterns: Iterable[str]) -> None:
        """Adds the user's `mask-patterns`."""
        for number, pattern in enumerate(patterns, start=1):
            problem = mask_pattern_problem(pattern)
            if problem:
                self._refused.append(f"mask-patterns: pattern {number} {problem}")
            else:
                self._patterns.append(re.compile(pattern))

    def add(self, secret: Secret) -> None:
        """Adds a known value, such as a token that was just minted."""
        value = strip_hidden(secret.reveal())
        if not value:
            return
        why = why_not_masked(value)
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
        for _ in range(3):  # what one rule takes out may end the word that hid another's match
            before = text
            text = self._shaped(self._valued(text))
            for pattern in self._patterns:
                text = self._patterned(pattern, text)
            if text == before:
                break
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets stand in the text as it is: `(start, end)`, sorted, they may overlap.

        For whoever must put them back; everything that is shown goes through `redact`.
        """
        found = list(self._known.spans(text))
        lowered = text.lower()
        for number, shape in enumerate(SHAPES):
            if any(keyword in lowered for keyword in shape.keywords):
                matches = _compiled(number).finditer(text)
                found += [span for match in matches if (span := _secret_span(shape, match))]
        for pattern in self._patterns:
            found += self._pattern_spans(pattern, text)
        return sorted(found)

    def _taken(self, secret: str) -> str:
        self._seen.add(hash(secret))
        return MASK

    def _valued(self, text: str) -> str:
        spans = self._known.spans(text)
        if not spans:
            return text
        parts, end = [], 0
        for start, stop in spans:
            parts += [text[end:start], self._taken(text[start:stop])]
            end = stop
        return "".join([*parts, text[end:]])

    def _shaped(self, text: str) -> str:
        lowered = text.lower()
        for number, shape in enumerate(SHAPES):
            if any(keyword in lowered for keyword in shape.keywords):
                text = _compiled(number).sub(partial(self._cut, shape), text)
        return text

    def _cut(self, shape: Shape, match: re.Match[str]) -> str:
        span = _secret_span(shape, match)
        if span is None:
            return match[0]
        start, end = (place - match.start() for place in span)
        return match[0][:start] + self._taken(match[0][start:end]) + match[0][end:]

    def _pattern_spans(self, pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
        """As `_patterned`, but only where it would cut."""
        end = self._monotonic() + _PATTERN_TIME_S
        found, start = [], 0
        for line in text.split("\n"):
            for piece in _pieces(line):
                if self._monotonic() > end:
                    found.append((start, start + len(piece)))
                else:
                    spans = (match.span() for match in pattern.finditer(piece))
                    found += [(start + one, start + other) for one, other in spans]
                start += len(piece)
            start += 1
        return found

    def _patterned(self, pattern: re.Pattern[str], text: str) -> str:
        """Applies the pattern to pieces of lines; pieces that are not reached in time are masked."""
        end = self._monotonic() + _PATTERN_TIME_S
        lines = []
        for line in text.split("\n"):
            pieces = _pieces(line)
            for at, piece in enumerate(pieces):
                late = self._monotonic() > end
                pieces[at] = (
                    self._taken(piece) if late else pattern.sub(lambda m: self._taken(m[0]), piece)
                )
            lines.append("".join(pieces))
        return "\n".join(lines)


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


@cache
def _compiled(number: int) -> re.Pattern[str]:
    return re.compile(SHAPES[number].expression)


def _secret_span(shape: Shape, match: re.Match[str]) -> tuple[int, int] | None:
    """Where the secret stands in the text that was searched; None when it is none after all."""
    group = "secret" if "secret" in match.re.groupindex else 0
    if shape.check == "random" and not is_random(match[group]):
        return None
    return None if shape.check == "jwt" and not _is_jwt(match[group]) else match.span(group)


def _pieces(line: str) -> list[str]:
    """A line in pieces of at most `_PIECE` characters, cut at white space where there is any."""
    pieces = []
    while len(line) > _PIECE:
        cut = line.rfind(" ", 0, _PIECE) + 1 or _PIECE
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]


def _is_jwt(text: str) -> bool:
    parts = text.split(".")
    return len(parts) > 2 or (len(parts) > 1 and parts[1].startswith("eyJ"))  # noqa: PLR2004
