"""A user's `mask-patterns` on RE2: time in proportion to the text, whatever the pattern.

Python's own engine tries one way after the other, and a hostile text makes it try them for ever (threat
T38). RE2 has no such texts, and so no back-references and no looking around. Loaded only where a
workflow has patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import re2  # type: ignore[import-untyped]

LONGEST_PATTERN: Final = 500
"""Characters of one pattern."""
_MOST_STEPS: Final = 3_000
"""Instructions of a compiled one: the worst text costs as many steps a character."""
_MEMORY_BYTES: Final = 8 * 1024 * 1024
_LACKS: Final = (
    "RE2's syntax has no look-around, no back-references, no atomic groups, no possessive "
    "repetitions and none above 1,000, nested ones multiplied"
)


class Pattern:
    """One compiled pattern. `^` and `$` are the ends of a line, and no match crosses one."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    @property
    def matches_nothing(self) -> bool:
        """The empty text, that is."""
        return self._compiled.search("") is not None

    @property
    def is_large(self) -> bool:
        return bool(self._compiled.programsize > _MOST_STEPS)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The places of its matches, in characters. Linear in the text."""
        if not text.isascii():  # half a surrogate pair has no UTF-8: another sign in its place
            text = text.encode("utf-8", "replace").decode("utf-8")
        for match in self._compiled.finditer(text):
            yield match.span()


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> Pattern:
    """Raises ValueError, whose text completes "the pattern …"."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"is longer than {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    options.max_mem = _MEMORY_BYTES
    try:
        compiled = Pattern(re2.compile(f"(?m){pattern}", options))
    except (re2.error, UnicodeEncodeError) as error:
        why = error.args[0] if error.args else ""
        found = why.decode("utf-8", "replace") if isinstance(why, bytes) else "not in Unicode"
        raise ValueError(f"cannot be read by RE2 ({found}): {_LACKS}") from None
    if compiled.is_large:
        raise ValueError("is too large: its bounded repetitions multiply")
    if compiled.matches_nothing:
        raise ValueError("matches the empty text, so it would mask everything")
    return compiled


def pattern_problem(pattern: str) -> str:
    """Why the pattern is refused, completing "the pattern …"; empty when it is good."""
    try:
        compile_pattern(pattern)
    except ValueError as problem:
        return str(problem)
    return ""
