"""The parts of a comment that the jobs of a matrix share: written, read back, merged. Pure.

Each stack's section stands between two hidden lines; the first holds its stamp and cells as JSON.
Sections are only read from a comment that we wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from upshot.model import Section, Stamp
from upshot.model.stamp import UNKNOWN_STACK, clean_id
from upshot.publish.comment.marker import PREFIX, encode, is_newer

Assemble = Callable[[Sequence[Section], Callable[[Section], str]], str]
"""`assemble(sections, wrap)` makes the whole text of a shared comment, at most 60,000 code points.

Sections come sorted by stack. Each must stand in the text as `wrap(section)`, on lines of its own;
where there is no room its text is shortened first.
"""

_START: Final = re.compile(r"<!-- upshot-section (\{.{0,4000}\}) -->")
_END: Final = "<!-- upshot-section-end -->"
_EDITED: Final = (
    "_The report of this stack is left out: the comment was edited, and not by Upshot. The next run of its "
    "job writes it again._"
)
_KEYS: Final = ("stack", "run", "attempt", "sha", "started", "verdict", "digest", "cells")
"""The keys that come first, in the order in which version 1 writes them."""


def wrap_section(section: Section) -> str:
    """A section as it is written in the comment. Raises ValueError when a cell is not an id."""
    cells = {name: value for name, value in section.cells.items() if value}
    head = replace(section.clean(), cells=cells, text="")
    if not head.is_clean:
        raise ValueError("the cells of a section are ids and numbers")
    json = encode(head, _KEYS)
    return f"<!-- upshot-section {json} -->\n\n{defuse(section.text).strip()}\n\n{_END}"


def parse_sections(body: str) -> tuple[Section, ...]:
    """The sections of our comment, in order; those that cannot be read are left out."""
    found: list[Section] = []
    head: Section | None = None
    lines: list[str] = []
    for line in body.replace("\r\n", "\n").split("\n"):
        start = _START.fullmatch(line)
        if start:
            head, lines = _parse_head(start[1]), []
        elif line == _END:
            if head is not None:
                found.append(replace(head, text="\n".join(lines).strip("\n")))
            head = None
        elif head is not None:
            lines.append(line)
    return tuple(found)


def merge_sections(sections: Iterable[Section], *, head_sha: str = "") -> tuple[Section, ...]:
    """The newest section of each stack, sorted by stack."""
    newest: dict[str, Section] = {}
    for section in sections:
        known = newest.get(section.stack)
        if known is None or not is_newer(known, section, head_sha=head_sha):
            newest[section.stack] = section
    return tuple(newest[stack] for stack in sorted(newest))


def is_placeholder(section: Stamp, mine: Stamp) -> bool:
    """Whether the section of another report need not be kept: it is about an unknown stack, and who
    wrote it may know the stack by now, in a later run or attempt. A name without a job is that of a
    report about a whole run, which has no others beside it.
    """
    if section.stack == UNKNOWN_STACK:
        return True
    is_earlier = section.run != mine.run or section.attempt < mine.attempt
    return section.stack.startswith(f"{UNKNOWN_STACK}/") and is_earlier


def find_section(sections: Iterable[Section], stack: str) -> Section | None:
    """The newest of a stack's sections."""
    wanted = clean_id(stack)
    return next(iter(merge_sections(s for s in sections if s.stack == wanted)), None)


def clean_section(section: Section) -> Section:
    """The section as `parse_sections` will read it: ids cleaned, text stripped."""
    [back] = parse_sections(wrap_section(section))
    return back


def is_same_report(theirs: Section, mine: Section) -> bool:
    """Whether both hold the same report about the same commit."""
    return (theirs.stack, theirs.digest, theirs.sha) == (mine.stack, mine.digest, mine.sha)


def without_text(section: Section) -> Section:
    """A section whose text is not what Upshot wrote: its row is left, and a note.

    Without a digest it is nobody's report, so the next run of its job writes it again.
    """
    return replace(section, text=_EDITED, digest="", asked="", said="")


def defuse(text: str) -> str:
    """The text without anything that could be read as one of our hidden lines (threat T20)."""
    return text.replace(PREFIX.rstrip(), "<! -- upshot")


def _parse_head(json: str) -> Section | None:
    try:
        head = msgspec.json.decode(json, type=Section)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return head if head.stack and head.is_clean else None
