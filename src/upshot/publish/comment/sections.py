"""The parts of a comment that the jobs of a matrix share: written, read back, merged. Pure.

Each stack's section stands between two hidden lines; the first one tells in JSON which run it is
of. Sections are only read from a comment that we wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from upshot.model import Section
from upshot.publish.comment.append import defuse
from upshot.publish.comment.marker import clean_id, is_id, is_newer

Assemble = Callable[[Sequence[Section], Callable[[Section], str]], str]
"""`assemble(sections, wrap)` makes the whole text of a shared comment, at most 60,000 code points.

The report's side: sections come sorted by stack; each that is kept must be put in as
`wrap(section)`, on lines of its own, with its text shortened first where room is short.
"""

UNKNOWN_STACK: Final = "unknown-stack"
"""The name of a report that nobody can tell which stack it is about; a later run drops it."""
_START: Final = re.compile(r"<!-- upshot-section (\{.{0,4000}\}) -->")
_END: Final = "<!-- upshot-section-end -->"


class _Head(Struct, frozen=True, omit_defaults=True):
    """A section without its text."""

    stack: str
    run: str = ""
    attempt: int = 1
    sha: str = ""
    started: int = 0
    verdict: str = ""
    digest: str = ""
    cells: dict[str, str] = {}
    conversation: str = ""
    task: str = ""


def wrap_section(section: Section) -> str:
    """A section as it stands in the comment. Raises ValueError when a cell is not an id."""
    cells = {name: value for name, value in section.cells.items() if value}
    if not all(is_id(name) and is_id(value) for name, value in cells.items()):
        raise ValueError("the cells of a section are ids and numbers")
    head = _Head(
        stack=clean_id(section.stack),
        run=clean_id(section.run),
        attempt=section.attempt,
        sha=clean_id(section.sha),
        started=section.started,
        verdict=clean_id(section.verdict),
        digest=clean_id(section.digest),
        cells=cells,
        conversation=clean_id(section.conversation),
        task=clean_id(section.task),
    )
    json = msgspec.json.encode(head).decode()
    return f"<!-- upshot-section {json} -->\n\n{defuse(section.text).strip()}\n\n{_END}"


def parse_sections(body: str) -> tuple[Section, ...]:
    """The sections of a comment of ours, in order; what cannot be read is left out."""
    found: list[Section] = []
    head: _Head | None = None
    lines: list[str] = []
    for line in body.replace("\r\n", "\n").split("\n"):
        start = _START.fullmatch(line)
        if start:
            head, lines = _parse_head(start[1]), []
        elif line == _END:
            if head is not None:
                found.append(_section(head, "\n".join(lines).strip("\n")))
            head = None
        elif head is not None:
            lines.append(line)
    return tuple(found)


def merge_sections(sections: Iterable[Section], *, head_sha: str = "") -> tuple[Section, ...]:
    """One section a stack, the newest of each, sorted by stack."""
    newest: dict[str, Section] = {}
    for section in sections:
        known = newest.get(section.stack)
        if known is None or not is_newer(known, section, head_sha=head_sha):
            newest[section.stack] = section
    return tuple(newest[stack] for stack in sorted(newest))


def is_placeholder(section: Section, run: str) -> bool:
    """Whether it tells about no known stack, in another run than `run`: no report to be kept."""
    return section.stack == UNKNOWN_STACK and section.run != run


def find_section(bodies: Iterable[str], stack: str) -> Section | None:
    """The newest section of a stack in these comments of ours: what a later run goes on from."""
    wanted = clean_id(stack)
    found = [s for body in bodies for s in parse_sections(body) if s.stack == wanted]
    return next(iter(merge_sections(found)), None)


def clean_section(section: Section) -> Section:
    """The section as it will read when it comes back: ids cleaned, text stripped."""
    [back] = parse_sections(wrap_section(section))
    return back


def is_same_report(theirs: Section, mine: Section) -> bool:
    """Whether both tell the same about the same commit."""
    return (theirs.stack, theirs.digest, theirs.sha) == (mine.stack, mine.digest, mine.sha)


def _parse_head(json: str) -> _Head | None:
    try:
        head = msgspec.json.decode(json, type=_Head)
    except (msgspec.DecodeError, UnicodeError):
        return None
    texts = [head.stack, head.run, head.sha, head.verdict, head.digest]
    texts += [head.conversation, head.task, *head.cells, *head.cells.values()]
    return head if head.stack and all(map(is_id, texts)) else None


def _section(head: _Head, text: str) -> Section:
    return Section(
        stack=head.stack,
        run=head.run,
        attempt=head.attempt,
        sha=head.sha,
        started=head.started,
        verdict=head.verdict,
        digest=head.digest,
        cells=head.cells,
        text=text,
        conversation=head.conversation,
        task=head.task,
    )
