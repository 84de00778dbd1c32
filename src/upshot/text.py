"""Characters that show nothing, and sequences that terminals obey: taken out of text, in one place.

What is invisible hides instructions from readers, commands from the runner and secrets from the
redactor (threats T2, T3, T22). Imported before the first AI request: expressions are compiled when
they are first needed. All of it is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

HIDDEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\ud800-\udfff"
)
"""For a character class: soft hyphen, Arabic letter mark, Hangul and Khmer fillers, Mongolian
selectors, zero-width and direction marks, embeddings, isolates, invisible operators, byte order
mark, interlinear annotations, shorthand and musical format controls, tags, the supplementary
variation selectors, and halves of characters, which nothing can be sent with (Unicode's
Default_Ignorable_Code_Point and format characters).
"""
CONTROL: Final = "\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9a\x9c-\x9f"
"""For a character class: C0 and C1 without tab, line feed, and the two that begin an ANSI sequence."""
ANSI: Final = (
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)"
    r"|\x9b[0-?]*[ -/]*[@-~]?"
)
"""An expression: CSI, OSC (ended by BEL or ST), shorter sequences, a lone escape. Each part is
bounded by what cannot be in it, so that a search is linear.
"""
_SELECTOR: Final = "\ufe00-\ufe0f"


def pattern(expression: str, flags: int = 0, marks: tuple[str, ...] = ()) -> re.Pattern[str]:
    """An expression that is compiled when it is first used.

    What reads a log knows two hundred expressions, of which one log needs a few. Compiling them all
    costs a tenth of the time to the first AI request.

    `marks`: texts of which at least one stands in everything that the expression finds. Where none of
    them is in a text, nothing is compiled, and the text is not searched.
    """
    lazy = _Marked(expression, flags, marks) if marks else Lazy(expression, flags)
    return cast("re.Pattern[str]", lazy)


class Lazy:
    """An expression that is compiled when it is first used."""

    def __init__(self, expression: str, flags: int) -> None:
        self._expression = expression
        self._flags = flags

    def compile(self) -> re.Pattern[str]:
        return re.compile(self._expression, self._flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.compile(), name)
        setattr(self, name, found)  # the next use does not come here
        return found


class _Marked:
    """An expression that looks for its marks first."""

    def __init__(self, expression: str, flags: int, marks: tuple[str, ...]) -> None:
        self.pattern = expression
        self.flags = flags
        self.marks = marks
        self._lazy = Lazy(expression, flags)

    def _may_find(self, text: str) -> bool:
        return any(mark in text for mark in self.marks)

    def search(self, text: str) -> re.Match[str] | None:
        return self._lazy.search(text) if self._may_find(text) else None

    def match(self, text: str) -> re.Match[str] | None:
        return self._lazy.match(text) if self._may_find(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._lazy.fullmatch(text) if self._may_find(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._lazy.finditer(text) if self._may_find(text) else iter(())

    def sub(self, replacement: str, text: str) -> str:
        return self._lazy.sub(replacement, text) if self._may_find(text) else text


# Variation selectors choose the look of an emoji; after a plain character, except of a keycap,
# they only hide.
_HIDDEN: Final = pattern(f"[{HIDDEN}]+|(?<=[!-~{_SELECTOR}])[{_SELECTOR}]+(?!\u20e3)")
_CONTROLS: Final = pattern(f"{ANSI}|[{CONTROL}]+")
_SELECTORS: Final = pattern(f"[{_SELECTOR}]+")


def strip_hidden(text: str) -> str:
    """The text without characters that show nothing or turn the direction of writing."""
    return text if text.isascii() else _HIDDEN.sub("", text)


def clean_text(text: str) -> str:
    """Also without ANSI sequences and control characters: tabs stay, lines end with a line feed."""
    text = strip_hidden(text)
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():  # other ends of a line, which some programs know
        text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n")
    return _CONTROLS.sub("", text)


def strip_invisible(text: str) -> str:
    """Also without the variation selectors of emojis, for a reader that may skip any of them."""
    text = clean_text(text)
    return text if text.isascii() else _SELECTORS.sub("", text)


def longest_run(text: str) -> int:
    """Length of the longest run of backticks: a fence or a code span needs a longer one."""
    return max(map(len, re.findall("`+", text)), default=0) if "`" in text else 0
