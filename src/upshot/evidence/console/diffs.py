"""The properties under a step of `--diff`, with their values.

A property stands on a line with its sign, its name and its values (`~ size: 2 => 4`); objects and lists
are opened and closed by brackets, JSON in a text by `(json) {`. Under a new or deleted resource there
are no signs. Lines of another form are passed over (shipped client: `printObjectPropertyDiff`).
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.evidence.properties.changes import MAX_PROPERTIES
from upshot.evidence.properties.paths import Steps, write_path
from upshot.evidence.properties.shown import SECRET, UNKNOWN, is_secret_name
from upshot.model import Meaning, PropertyChange, ResourceChange
from upshot.model import PropertyChangeKind as Kind
from upshot.model.operations import operation_of
from upshot.text import pattern

_LINE = pattern(
    r"(?P<indent> {2,200})(?:(?P<sign>[-+~=]) )?(?P<name>\[\d{1,6}\]|\"[^\"]{1,200}\"|[A-Za-z_$][\w.$/@-]{0,200}) *:"
    r"(?: (?P<value>\S.*))?$"
)
_OPEN = pattern(r"(?:\(json\) )?[{\[]$")
_CLOSE = pattern(r" {2,200}[}\]]$")
_PAIR = pattern(r"(?P<old>\"(?:[^\"\\]|\\.)*\"|.+?) => (?P<new>.+)")
_UNKNOWN = pattern(r"output<[\w<>\[\]. ]{1,60}>|\[unknown\]|computed<[\w<>\[\]. ]{1,60}>")
_DEEPEST: Final = 24
_VALUE_CHARS: Final = 2_000


class KnownDiff(Struct):
    """The properties of a step that were read elsewhere, in the form of `StepDiff`."""

    changes: list[PropertyChange]
    omitted: int = 0


class StepDiff:
    """Takes the lines under one step; `changes` are the properties that were read."""

    def __init__(self, operation: str, indent: int) -> None:
        """`indent` is that of the line with the step's URN, in columns."""
        meaning = operation_of(operation).means
        self._plain = {Meaning.CREATE: Kind.ADD, Meaning.DELETE: Kind.DELETE}.get(meaning)
        self._indent = indent
        self._open: list[str | int] = []
        self._kinds: list[Kind | None] = []
        self.changes: list[PropertyChange] = []
        self.omitted = 0

    def feed(self, line: str) -> bool:
        """Whether the line may still belong to the step."""
        if _CLOSE.match(line):
            if self._open:
                self._open.pop()
                self._kinds.pop()
            return True
        match = _LINE.match(line)
        if match is None:
            return len(line) - len(line.lstrip()) >= self._indent
        column = len(match["indent"]) + (2 if match["sign"] else 0)
        if column < self._indent:
            return False
        kind = {"+": Kind.ADD, "-": Kind.DELETE, "~": Kind.UPDATE}.get(match["sign"] or "")
        kind = kind or (self._kinds[-1] if self._kinds else self._plain)
        self._property(_step(match["name"]), match["value"] or "", kind)
        return True

    def _property(self, step: str | int, value: str, kind: Kind | None) -> None:
        if _OPEN.fullmatch(value):
            if len(self._open) < _DEEPEST:
                self._open.append(step)
                # What stands without a sign in an object that comes or goes does the same.
                self._kinds.append(None if kind is Kind.UPDATE else kind)
            return
        if kind is None or not value:
            return
        if len(self.changes) >= MAX_PROPERTIES:
            self.omitted += 1
            return
        steps: Steps = (*self._open, step)
        pair = _PAIR.fullmatch(value) if kind is Kind.UPDATE else None
        old = pair["old"] if pair else "" if kind is Kind.ADD else value
        new = pair["new"] if pair else "" if kind is Kind.DELETE else value
        if kind is Kind.UPDATE and pair is None:
            old = ""
        secret = any(map(is_secret_name, steps))
        self.changes.append(
            PropertyChange(write_path(steps)[:300], kind, _shown(old, secret), _shown(new, secret))
        )


def with_values(change: ResourceChange, diff: StepDiff | KnownDiff) -> ResourceChange:
    """The change with its properties.

    The display does not say which of them makes a replacement necessary; where one alone differs, it
    is that one.
    """
    found = tuple(diff.changes)
    if change.means is Meaning.REPLACE and len(found) == 1 and not diff.omitted:
        found = (replace(found[0], replaces=True),)
    return replace(change, properties=found, properties_omitted=diff.omitted)


def _step(name: str) -> str | int:
    return int(name[1:-1]) if name[0] == "[" else name.strip('"')


def _shown(value: str, is_secret: bool) -> str:  # noqa: FBT001 - beside the value that it hides
    if not value:
        return ""
    if is_secret:
        return SECRET
    value = value.strip()[:_VALUE_CHARS]
    return UNKNOWN if _UNKNOWN.fullmatch(value) else value
