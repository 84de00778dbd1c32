"""Text as a reader sees it: no colours, no control characters, nothing hidden.

Knows nothing of Markdown. Imported before the first AI request: tables and expressions are made
when they are first needed.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ELLIPSIS = "…"

# Invisible or direction-changing characters (threats.md section 3): soft hyphen, Arabic letter
# mark, Mongolian vowel separator, zero-width and direction marks, embeddings, isolates, word
# joiner and invisible operators, BOM, interlinear annotations, fillers, tags, the supplementary
# variation selectors; halves of characters, which nothing can be sent with.
_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e01ef"
    "\ud800-\udfff"
)
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9a\x9c-\x9f"
# CSI, OSC (ended by BEL or ST) and two-character sequences. Every part is bounded by what can
# not be in it, so that the search is linear.
_ANSI = (
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)"
    r"|\x9b[0-?]*[ -/]*[@-~]?"
)


# They choose the look of an emoji; after a plain character, except of a keycap, they only hide.
_VARIATION = "(?<=[!-~\ufe00-\ufe0f])[\ufe00-\ufe0f]+(?!\u20e3)"


@lru_cache(maxsize=1)
def _hidden() -> re.Pattern[str]:
    return re.compile(f"[{_HIDDEN}]+|{_VARIATION}")


@lru_cache(maxsize=1)
def _controls() -> re.Pattern[str]:
    return re.compile(f"{_ANSI}|[{_CONTROL}]+")


def strip_hidden(text: str) -> str:
    """The text without characters that show nothing or turn the direction of writing."""
    return text if text.isascii() else _hidden().sub("", text)


def clean_text(text: str) -> str:
    """Also without colour codes and control characters; lines end with a line feed alone, tabs stay."""
    text = strip_hidden(text)
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():  # the other ends of a line, which some programs know
        text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n")
    return _controls().sub("", text)


def clip_line(text: str, longest: int) -> str:
    """White space runs become one space; at most `longest` characters, cut with an ellipsis."""
    if len(text) > longest * 4:
        text = text[: longest * 4]
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + _ELLIPSIS


def clip_block(text: str, longest: int) -> str:
    """Whole lines from the start and the end, at most about `longest` characters in all.

    Errors say what happened at the start and why at the end, so the middle goes first.
    """
    if len(text) <= longest:
        return text
    head = text[: longest * 2 // 3]
    tail = text[len(text) - longest // 3 :]
    head = head[: head.rfind("\n")] if "\n" in head else head
    tail = tail[tail.find("\n") + 1 :] if "\n" in tail else tail
    return (
        f"{head}\n[{_ELLIPSIS} {len(text) - len(head) - len(tail):,} characters left out]\n{tail}"
    )


def wrap_block(text: str, width: int) -> str:
    """Long lines broken at spaces, so that a code block need not scroll; tabs become spaces.

    What was broken goes on two spaces further in.
    """
    lines: list[str] = []
    for line in text.expandtabs(4).split("\n"):
        while len(line) > width:
            cut = line.rfind(" ", width // 2, width)
            if cut < 0:
                cut = line.find(" ", width)
            if cut < 0:
                break
            lines.append(line[:cut].rstrip())
            line = f"  {line[cut:].lstrip()}"  # noqa: PLW2901 - the rest of it
        lines.append(line)
    return "\n".join(lines)
