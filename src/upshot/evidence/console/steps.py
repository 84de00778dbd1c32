"""The steps of `--diff` in one run: which one is open, and the properties that stand under each.

The display prints a step when it begins, but for `replace`: that one it prints when half of the
replacement is done, whichever half comes first (shipped engine). Must not know how a run ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.evidence.console.rows import TYPE, Row
from upshot.evidence.failure.failures import Named
from upshot.evidence.failure.naming import key_of
from upshot.evidence.urn import STACK_TYPE, parse_urn
from upshot.model import ResourceChange
from upshot.model.operations import operation_of
from upshot.text import pattern

if TYPE_CHECKING:  # loaded by the first step
    from upshot.evidence.console.diffs import KnownDiff, StepDiff

_MAX_DIFFS: Final = 1_000
"""Steps whose properties are kept with their values."""
_NESTING: Final = 2
"""Columns by which a property's sign stands left of its resource's URN."""


_STEP = pattern(
    r"\s{0,200}(?:[-+~=<>±]{1,2} ?)?"
    rf"(?:(?P<type>{TYPE})|(?P<urn>urn:pulumi:.{{1,2000}})): \((?P<op>[a-z-]{{4,30}})\)(?: 🔒)?$"
)
_STEP_URN = pattern(r"\s{0,200}\[urn=(?P<urn>urn:pulumi:.{1,2000})\]$")
# `~ memorySize: 128 => 100` under a step of `--diff`, deeper than the step's own `[urn=…]`.
_PROPERTY = pattern(r"\s{4,60}[+~-] (?P<name>[A-Za-z_$][\w$-]{0,99}) *: ")
_STEP_INDENT: Final = 4
"""Columns by which a resource's properties stand right of its step."""
_MOST_BEGUN: Final = 4_000
_HALVES: Final = {"creating ": "create-replacement", "deleting ": "delete-replaced"}


def find_step(line: str) -> tuple[str, str] | None:
    """Type and operation of a step as `--diff` shows it: `+ aws:s3/bucket:Bucket: (create)`.

    With `--urns` it is the URN instead of the type. A lock after it marks a protected resource.
    """
    if not line.endswith((")", "🔒")):
        return None
    match = _STEP.match(line)
    return (match["type"] or match["urn"], match["op"]) if match else None


def find_urn_of_step(line: str) -> str:
    """The URN in the line `[urn=urn:pulumi:…]` under a step of `--diff`; empty for another line."""
    match = _STEP_URN.match(line)
    return match["urn"] if match else ""


def find_property(line: str) -> tuple[str, int] | None:
    """Name and indentation of a property that differs, under a step of `--diff`."""
    match = _PROPERTY.match(line)
    return (match["name"], len(line) - len(line.lstrip())) if match else None


class DiffSteps:
    """Takes the lines of steps; `at` is the resource and the operation of the last step."""

    def __init__(self) -> None:
        self.at: tuple[Named, str] | None = None
        self._begun = ("", "")
        self._indent = 0
        self._open: StepDiff | None = None
        self._begun_steps: dict[str, tuple[Named, str]] = {}
        """Steps that changed something or tried to, the last one of each resource."""
        self._known: dict[str, StepDiff | KnownDiff] = {}
        self._failed: tuple[Named, str] | None = None

    def begins(self, type_or_urn: str, operation: str, indent: int) -> Row | None:
        """The first line of a step; its URN follows, or stands there already (`--urns`)."""
        urn = parse_urn(type_or_urn)
        self._begun = (urn.type if urn else type_or_urn, operation)
        return self.names(type_or_urn, indent + _STEP_INDENT) if urn else None

    def names(self, urn_text: str, indent: int) -> Row | None:
        """The URN of the step that has begun, and the row that both lines are; `indent` is its line's."""
        type_, operation = self._begun
        urn = parse_urn(urn_text)
        self._begun = ("", "")
        if not type_ or urn is None:
            return None
        from upshot.evidence.console.diffs import StepDiff

        self.at = (Named(urn_text, type_, urn.name), operation)
        self._indent = indent
        key, step = key_of(type_, urn.name), operation_of(operation)
        # A refresh is printed when it has ended, and a stack's step ends last.
        acts = (step.changes or operation == "read") and type_ != STACK_TYPE
        if acts and len(self._begun_steps) < _MOST_BEGUN:
            self._begun_steps.pop(key, None)  # the last one to begin stands last
            self._begun_steps[key] = self.at
        self._open = StepDiff(operation, indent)
        self.know(key, self._open)
        return Row(type_, urn.name, operation, f"{type_} {urn.name}", is_step=True)

    def below(self, line: str) -> None:
        """Any line after a step: a property with its values, or the end of the step."""
        if self._open is not None and not self._open.feed(line):
            self._open = None

    def ends_properties(self) -> None:
        """What follows are values that the step brought forth, and no difference."""
        self._open = None

    def is_property(self, indent: int) -> bool:
        """Whether a property in this column is the last step's own: not a nested one."""
        return self.at is not None and indent == self._indent - _NESTING

    def know(self, key: str, diff: StepDiff | KnownDiff) -> None:
        if len(self._known) < _MAX_DIFFS:
            self._known[key] = diff

    def described(self, key: str, change: ResourceChange) -> ResourceChange:
        """The change with the properties that were read under its step."""
        diff = self._known.get(key)
        if diff is None:
            return change
        from upshot.evidence.console.diffs import with_values

        return with_values(change, diff)

    def failed(self, message: str, *, repeats: bool = False) -> tuple[Named, str] | None:
        """The resource and the step that a message of no resource is about; None where it is not sure.

        Steps run side by side, and none of them says when it ends: it is the one that the message names
        as providers do, by the object's name, its type or both; else the only one that has begun and not
        failed, where the message is about no other step. A replacement that is half done fails in its
        other half, which the message begins with. `repeats`: it is the last one's once more.
        """
        if repeats:
            return self._failed
        self._failed = None
        from upshot.evidence.failure.meant import steps_meant  # few runs print their steps so

        found = steps_meant(list(self._begun_steps.values()), message)
        if len(found) != 1:
            return None
        resource, operation = found[0]
        self._begun_steps.pop(key_of(resource.type, resource.name), None)
        if operation == "replace":
            first = message.removeprefix("Preview failed: ").lstrip()[:9]
            operation = _HALVES.get(first, operation)
        self._failed = (resource, operation)
        return self._failed


def is_undone(row: Row, counts: Mapping[str, int] | None) -> bool:
    """Whether a step of `--diff` was begun and, by the counts at the end, no step of its kind was done."""
    is_counted = row.is_step and counts is not None and row.operation in {"update", "delete"}
    return is_counted and not (counts or {}).get(row.operation)


def half_done(row: Row, *, failed: bool) -> Row:
    """The row of a step that an error followed: what had been done before it.

    A step that failed did not happen; `replace` is printed when half of it had happened.
    """
    if not failed or not row.is_step:
        return row
    done = (*row.done, "replace") if row.operation == "replace" else row.done
    return replace(row, failed=True, done=done)
