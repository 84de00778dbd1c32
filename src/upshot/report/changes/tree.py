"""The components that changed resources belong to, as a tree of plain text. Pure.

Only components stand in it, with what changes in them: what belongs to none has its row in the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from upshot.evidence.urn import parse_urn
from upshot.model import ResourceChange
from upshot.model.operations import operation_of
from upshot.report.markdown.text import clip_line

_MOST_LINES: Final = 100
_LONGEST_NAME: Final = 80
_DEEPEST: Final = 12


def tree_lines(changes: Sequence[ResourceChange]) -> list[str]:
    """At most 100 lines and a count of the others; empty where no resource belongs to a component."""
    known = {change.urn: change for change in changes if change.urn}
    children: dict[str, list[str]] = {}
    for change in known.values():
        if change.parent and change.parent != change.urn:
            children.setdefault(change.parent, []).append(change.urn)
    roots = [urn for urn in children if not _is_inside(urn, known, children)]
    lines = [line for root in roots for line in _lines(root, known, children)]
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], f"… {more:,} more lines"] if more > 0 else lines


def _is_inside(urn: str, known: dict[str, ResourceChange], children: dict[str, list[str]]) -> bool:
    """Whether a component stands below another one of the tree."""
    change = known.get(urn)
    return change is not None and change.parent in children and change.parent != urn


def _lines(
    urn: str, known: dict[str, ResourceChange], children: dict[str, list[str]], depth: int = 0
) -> Iterator[str]:
    yield _label(urn, known.get(urn))
    below = children.get(urn, []) if depth < _DEEPEST else []
    for at, child in enumerate(below):
        is_last = at == len(below) - 1
        first, rest = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
        for number, line in enumerate(_lines(child, known, children, depth + 1)):
            yield (rest if number else first) + line


def _label(urn: str, change: ResourceChange | None) -> str:
    parsed = parse_urn(urn)
    kind = change.type if change else parsed.type if parsed else ""
    name = change.name if change else parsed.name if parsed else urn
    sign = f"{operation_of(change.operation).sign} ".lstrip() if change else ""
    shown = clip_line(name, _LONGEST_NAME)
    return f"{sign}{shown} ({clip_line(kind, _LONGEST_NAME)})" if kind else f"{sign}{shown}"
