"""Plain text becomes Markdown that shows exactly that text on GitHub and triggers nothing.

Words that GitHub would act upon (mentions, references, bare addresses) become code spans: GitHub
acts on nothing inside code, while an escaped `@` or `&#64;` is still a mention to it. Knows
nothing of reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape
from typing import Final

from upshot.text import clean_text, longest_run

_AT: Final = "@\uff20\ufe6b"
_ESCAPES: Final = str.maketrans(
    {c: f"\\{c}" for c in "\\`*_[]~|"}
    | {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;"}
)  # fmt: skip
_LEADING: Final = "([{\"'\u201c\u2018*_~<"
_TRAILING: Final = ".,;:!?)]}\"'\u201d\u2019*_~>…"
# Written as text that only looks like our marker (threat T20); a marker is believed at its fixed
# place alone, this keeps it out of every other place.
_MARKER: Final = re.compile(r"<!--(?=\s{0,8}upshot)", re.IGNORECASE)
_OURS: Final = re.compile(r"/upshot [A-Za-z0-9 ._:/-]{1,200}")
# Before a digit, a dollar sign ends no formula, and every other one is in code.
_PRICE: Final = re.compile(r"[(\[\"']?\$\d[^$]*")
_COMMAND: Final = re.compile(r"^(?=/[a-z][a-z-]{1,30}(?:\s|$))", re.MULTILINE)


@lru_cache(maxsize=1)
def _reference() -> re.Pattern[str]:
    return re.compile(
        r"#(?:\d|$)|\bGH-(?:\d|$)|(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", re.IGNORECASE
    )


@lru_cache(maxsize=1)
def _line_start() -> re.Pattern[str]:
    return re.compile(r"^[ \t]*(?:(?=[#+\-=/.])|(\d{1,9})(?=[.)]))", re.MULTILINE)


def escape_inline(text: str) -> str:
    """One line of Markdown that shows the text; white space runs become one space."""
    return guard_lines(escape_words(" ".join(clean_text(text).split())))


def escape_words(text: str, show_url: Callable[[str], str] | None = None) -> str:
    """The text escaped word by word; line breaks stay. `show_url` writes bare addresses.

    A `|` ends a word, so that it is never inside a code span, where a table could not escape it.
    """
    return re.sub(r"[^\s|]+|\|", lambda match: _word(match[0], show_url), text)


def guard_lines(markdown: str) -> str:
    """No line starts a heading, list, rule, or a slash command for some other bot (T18)."""
    return _line_start().sub(lambda m: f"{m[1] or ''}\\", markdown)


def _word(word: str, show_url: Callable[[str], str] | None) -> str:
    if not _is_live(word):
        return word.translate(_ESCAPES)
    core = word.lstrip(_LEADING)
    lead, core = word[: len(word) - len(core)], core.rstrip(_TRAILING)
    tail = word[len(lead) + len(core) :]
    if "://" in core and show_url is not None:
        start = _scheme_start(core)
        before = core[:start]
        middle = f"{code_span(before)} " if _is_live(before) else before.translate(_ESCAPES)
        middle += show_url(core[start:])
    else:
        middle = code_span(core)
    return f"{lead.translate(_ESCAPES)}{middle}{tail.translate(_ESCAPES)}"


def _is_live(word: str) -> bool:
    """Whether GitHub might turn the word into a mention, a reference or a link.

    A word that only starts one counts, too: GitHub may read the emphasis after it in another way
    than our parser, and join what follows.
    """
    # GitHub looks for mathematics in the rendered text, where an entity is a dollar sign again.
    if "$" in word and not _PRICE.fullmatch(word):
        return True
    if "://" in word or any(at in word for at in _AT):
        return True
    lowered = word.lower()
    if "www." in lowered or "mailto:" in lowered or "xmpp:" in lowered:
        return True
    return _reference().search(word) is not None


def _scheme_start(word: str) -> int:
    at = word.find("://")
    while at > 0 and word[at - 1].isalpha() and word[at - 1].isascii():
        at -= 1
    return at


def code_span(text: str, *, in_table: bool = False) -> str:
    """A code span that shows the text in one line; empty for a text that shows nothing.

    In a table, a `|` is escaped, which GitHub's table parser takes back before it reads the
    span; after a backslash it could end the cell, so there a look-alike stands for it.

    A dollar sign stands never beside a backtick: with another one, that is how GitHub writes formulas.
    """
    text = _MARKER.sub("<! --", " ".join(clean_text(text).split()))
    if not text:
        return ""
    if in_table:
        text = text.replace("|", "│") if "\\|" in text else text.replace("|", "\\|")
    ticks = "`" * (longest_run(text) + 1)
    pad = " " if text[0] in "`$" or text[-1] in "`$" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, info: str = "") -> str:
    """A fenced code block that nothing inside can close. `info` is ours: a language's name."""
    text = _MARKER.sub("<! --", clean_text(text).strip("\n"))
    text = _COMMAND.sub(" ", text)
    ticks = "`" * max(3, longest_run(text) + 1)
    return f"{ticks}{info}\n{text}\n{ticks}"


def paste(line: str) -> str:
    """A command of Upshot's in a code block of its own, exactly as it must be pasted.

    `line` is ours, with an id that a vote can name; anything else becomes `fence`, which puts a space
    before a command.
    """
    return f"```\n{line}\n```" if _OURS.fullmatch(line) else fence(line)


def html_text(text: str) -> str:
    """The text in one line for the inside of an HTML element, where Markdown is not read."""
    return _html(text).replace("&#36;", "<code>&#36;</code>")


def html_code(text: str) -> str:
    """`<code>` with the text: GitHub acts on no mention, reference, address or formula inside it.

    Of a formula that holds only where the dollar sign is an entity: a `<code>` in a paragraph is a
    tag, and what follows it is still read as Markdown.
    """
    shown = _html(text)
    return f"<code>{shown}</code>" if shown else ""


def _html(text: str) -> str:
    return escape(" ".join(clean_text(text).split()), quote=False).replace("$", "&#36;")
