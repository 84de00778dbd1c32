r"""Reads quoted lines as what they quote: a quotation, a box around text, a string of a program.

::

    > error: update failed                     a quotation, as in an issue's text
    │ error: update failed              │      a box, as a tool draws it
    |  error: update failed                    a margin, as a framework draws it
    # error: update failed                     comments of a program or a document
    'error: update failed\n' +                 strings that a language prints line by line
    error="code: 255\nstdout: Updating (dev)…"  a whole output as one string of a logger

Memory is bounded by a few lines; must not know what a line means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from upshot.evidence.wrappers import ANCHOR
from upshot.text import pattern

_BELIEVED: Final = 3
"""Consecutive lines of one form that are read as a quotation; fewer are a tool's own output."""
_COMMENTS: Final = ("#", "/", "\t")
_SIDES: Final = ("│", "|")
_ENDS: Final = ("\\n' +", "\\n'", "\\n',", '\\n" +', '\\n"', '\\n",')

_BOX = pattern(r"[│|](?: (?P<text>[^│|]{1,2000}?))?\s{0,2000}[│|]\s{0,20}$")
_COMMENT = pattern(r"\t{0,8}(?:#|//)(?:[ \t](?P<text>.{0,4000}))?$")
_MARGIN = pattern(r"[│|] {2,40}(?P<text>[^\s│|].{0,4000})?$")
_STRING = pattern(r"\s{0,40}(?P<mark>['\"])(?P<text>.{0,4000}?)\\n(?P=mark)(?: \+|,)?$")
_CLOSING = pattern(r"\"{1,3}[\]})]{0,4}$")
_COLOUR = pattern(r"\\(?:x1[bB]|u001[bB])\[[0-9;]{0,20}m")
# Lines that Pulumi writes: fewer of them are believed, too.
_OWN = pattern(
    r"\s{0,9}(?:error: \S|Diagnostics:$|[a-z][\w.+-]{0,80}:[\w./+-]{1,200}:[\w./+-]{1,120} \(.{1,300}\):$)"
)

# In one line of a structured log: what only the output of a run holds, its line ends escaped.
_FOLDED = pattern(
    r"\\n(?:@ [a-z]{4,12}ing\b|(?:Diagnostics|Resources):\\{1,2}n|    pulumi:pulumi:Stack "
    r"| {0,4}[-+~=]{1,2} {1,3}[\w-]{1,80}:[\w./-]{0,200}:\w{1,120} )"
    r"|\bcode: -?\d{1,5}\\{1,2}nstd(?:out|err): "
    r"|\bstd(?:out|err): ?\\?\"?(?:Previewing|Updating|Destroying|Refreshing) "
)

# What is one line whatever it holds: a record, what the display indents, a value with its name.
_VALUE = pattern(r"\{\"| |[-+~]{0,2} {0,4}\"?[\w.$/-]{1,200}\"? {0,80}: ")

Clean = Callable[[str], str]
_Form = Callable[[str], str]
"""What a line of this form quotes."""


def unquoted(lines: Iterable[str], clean: Clean = str) -> Iterator[str]:
    """The lines, quotations taken off; a log that is one quotation is read so, however short.

    `clean` is applied to what a quotation holds: it has prefixes of its own.
    """
    held: list[str] = []
    form: _Form | None = None
    is_first = True  # nothing but the quotation that is being read has come
    is_plain = False
    for line in lines:
        is_plain = is_plain or (line[:1].isupper() and bool(ANCHOR.match(line)))
        found = _form_of(line) if line or form is not _comment else form  # paragraphs of a comment
        if is_plain and line[:1] == " ":
            found = None  # a program printed it: the display is there itself, and indents that
        if found is not form:
            yield from _doubted(held, form)
            is_first = is_first and form is None
            held, form = [], found
        if form is None:
            yield line
            is_first = is_first and not line.strip()
        elif len(held) < _BELIEVED:
            held.append(line)
            if len(held) == _BELIEVED:
                yield from _read(held, form, clean)
        else:
            yield from _read([line], form, clean)
    if form in {_quotation, _comment} and is_first and len(held) < _BELIEVED:
        yield from _read(held, form, clean)
    else:
        yield from _doubted(held, form)


def unfolded(lines: Iterable[str]) -> Iterator[str]:
    """The lines, the output of a run in one of them as the lines that it had.

    Nothing that a program printed is unfolded: the display indents that.
    """
    for line in lines:
        if "\\n" not in line or _VALUE.match(line) or not _FOLDED.search(line):
            yield line
            continue
        end = "\\\\n" if "\\\\n" in line else "\\n"  # within two quotations it is escaped twice
        parts = line.replace('\\\\\\"', '"').replace('\\"', '"').replace("\\t", "\t").split(end)
        parts[-1] = _CLOSING.sub("", parts[-1])
        yield from parts


def _read(held: list[str], form: _Form, clean: Clean) -> Iterator[str]:
    return map(clean, map(form, held))


def _doubted(held: list[str], form: _Form | None) -> Iterator[str]:
    """The lines of a quotation that is too short; a longer one is out already."""
    if form is None or len(held) == _BELIEVED:
        return
    for line in held:
        text = form(line)
        yield text if form is _margin or _OWN.match(text) else line


def _by(shape: re.Pattern[str]) -> _Form:
    """The form whose lines have this shape: they quote what its group `text` holds."""

    def quoted(line: str) -> str:
        found = shape.match(line)
        return (found["text"] or "") if found else line

    return quoted


_box, _comment, _margin = map(_by, (_BOX, _COMMENT, _MARGIN))


def _form_of(line: str) -> _Form | None:
    first = line[:1]
    if first == ">":
        return _quotation
    if first in _COMMENTS:
        return _comment if _COMMENT.match(line) else None
    if first in _SIDES:
        return _box if _BOX.match(line) else _margin if _MARGIN.match(line) else None
    # Every line of a log comes here: only what ends as a string does is looked at.
    return _string if line.endswith(_ENDS) and _STRING.match(line) else None


def _quotation(line: str) -> str:
    return line[1:].removeprefix(" ")


def _string(line: str) -> str:
    found = _STRING.match(line)
    return _COLOUR.sub("", found["text"]).replace("\\'", "'") if found else line
