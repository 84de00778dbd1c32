"""Rows of the list of changes: a summary line in HTML, and below it the folded diff.

Many resources that change in the same way share one row. A row exists in two lengths, with values
and with the names of properties alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from upshot.model import ResourceChange
from upshot.model.operations import operation_of
from upshot.report.changes.diff import diff_lines
from upshot.report.markdown.escape import (
    code_span,
    escape_inline,
    fence,
    html_code,
    html_text,
)
from upshot.report.rows import clipped

_GROUPED: Final = 3
"""So many equal changes, or more, share a row."""
_GROUPED_BARE: Final = 6
"""The same where nothing is known but type and operation: such a row is short."""
_MOST_NAMES: Final = 6
_MOST_MEMBERS: Final = 1_000
_WHOLE: Final = frozenset({"create", "delete", "import", "read"})
"""Operations on a resource as a whole."""


class ChangeGroup(Struct, frozen=True):
    """Resources that change in the same way; mostly one."""

    members: tuple[ResourceChange, ...]

    @property
    def first(self) -> ResourceChange:
        return self.members[0]


def group_changes(changes: Sequence[ResourceChange]) -> list[ChangeGroup]:
    """The changes in their order, equal ones together where the first of them stands.

    Two changes are equal when the same properties get the same values; where no property is known,
    when the same is done to the same type. What loses data is never grouped.
    """
    alike: dict[object, list[ResourceChange]] = {}
    for change in changes:
        alike.setdefault(_key(change), []).append(change)
    groups: list[ChangeGroup] = []
    for change in changes:
        members = alike.get(_key(change), [])
        if len(members) >= (_GROUPED if change.properties or change.diffs else _GROUPED_BARE):
            groups.append(ChangeGroup(tuple(members)))
            members.clear()
        elif members:
            groups.append(ChangeGroup((members.pop(0),)))
    return groups


def _key(change: ResourceChange) -> object:
    if change.stateful or change.protected:
        return id(change)
    kind = "" if change.properties else change.type
    return (
        change.operation,
        change.is_gone,
        kind,
        change.diffs,
        change.properties,
        change.properties_omitted,
    )


def full_row(group: ChangeGroup) -> str:
    """With the values of its properties in a fold; as `bare_row` where none are known."""
    first = group.first
    lines = diff_lines(first.properties, first.properties_omitted)
    if not lines and len(group.members) == 1:
        return bare_row(group)
    inside = "\n\n".join(
        filter(None, (_identity(group), fence("\n".join(lines), "diff") if lines else ""))
    )
    summary = _summary(group, html_code, html_text, "html")
    return f"\n<details><summary>{summary}</summary>\n\n{inside}\n\n</details>\n"


def bare_row(group: ChangeGroup) -> str:
    """Without values: an item of a list that names the properties."""
    return f"- {_summary(group, code_span, escape_inline, 'markdown')}"


_Write = Callable[[str], str]


def _summary(group: ChangeGroup, code: _Write, text: _Write, form: str) -> str:
    """Sign, operation, resource, marks, properties; `code` and `text` write HTML or Markdown."""
    change = group.first
    operation = operation_of(change.operation)
    bold = _BOLD[form]
    sign = f"{code(operation.sign)} " if operation.sign else ""
    marks = []
    if change.stateful:
        marks.append(bold("holds data") if change.destroys else "holds data")
    if change.protected:
        marks.append("protected")
    word = "gone" if change.is_gone else _DRIFTED.get(operation.word, operation.word)
    head = f"{sign}{text(word)} {_who(group, code, bold)}"
    return " · ".join(filter(None, (head, *marks, _names(change, code))))


_DRIFTED: Final = {"refresh": "changed outside of Pulumi"}
_BOLD: Final[dict[str, _Write]] = {
    "html": lambda text: f"<strong>{text}</strong>",
    "markdown": lambda text: f"**{text}**",
}


def _who(group: ChangeGroup, code: _Write, bold: _Write) -> str:
    types = {member.type for member in group.members}
    kind = code(clipped(group.first.type)) if len(types) == 1 else ""
    if len(group.members) > 1:
        who = bold(f"{len(group.members):,} resources")
    else:
        name = group.first.name or group.first.urn.rpartition("::")[2]
        who = bold(code(clipped(name))) if name else ""
    return " ".join(filter(None, (who, kind)))


def _names(change: ResourceChange, code: _Write) -> str:
    """The properties that force a replacement, else those that differ; none of a new resource."""
    forcing = [each.path for each in change.properties if each.replaces]
    if forcing:
        verb = "force" if len(forcing) > 1 else "forces"
        return f"{_listed(forcing, code)} {verb} a replacement"
    if operation_of(change.operation).word in _WHOLE:
        return ""
    return _listed([each.path for each in change.properties] or list(change.diffs), code)


def _listed(names: Sequence[str], code: _Write) -> str:
    shown = [code(clipped(name, 48)) for name in names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES:,} more")
    return ", ".join(shown)


def _identity(group: ChangeGroup) -> str:
    """The URN of one resource, the names of many."""
    if len(group.members) == 1:
        change = group.first
        return code_span(clipped(change.urn or f"{change.type} {change.name}", 300))
    names = [code_span(clipped(member.name or member.urn)) for member in group.members]
    more = len(names) - _MOST_MEMBERS
    return ", ".join(names[:_MOST_MEMBERS]) + (f", {more:,} more" if more > 0 else "")
