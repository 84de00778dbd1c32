"""The steps of `--diff` in one run: which one is open, and the properties that stand under each.

The display prints a step when it begins, but for `replace`: that one it prints when half of the
replacement is done, whichever half comes first (shipped engine). Must not know how a run ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.evidence.console.rows import Row
from upshot.evidence.failure.failures import Named
from upshot.evidence.failure.naming import key_of
from upshot.evidence.urn import parse_urn
from upshot.model import ResourceChange

if TYPE_CHECKING:  # loaded by the first step
    from upshot.evidence.console.diffs import KnownDiff, StepDiff

_MAX_DIFFS: Final = 1_000
"""Steps whose properties are kept with their values."""
_NESTING: Final = 2
"""Columns by which a property's sign stands left of its resource's URN."""


class DiffSteps:
    """Takes the lines of steps; `at` is the resource and the operation of the last step."""

    def __init__(self) -> None:
        self.at: tuple[Named, str] | None = None
        self._begun = ("", "")
        self._indent = 0
        self._open: StepDiff | None = None
        self._known: dict[str, StepDiff | KnownDiff] = {}

    def begins(self, type_: str, operation: str) -> None:
        """The first line of a step, whose URN follows."""
        self._begun = (type_, operation)

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
        self._open = StepDiff(operation, indent)
        self.know(key_of(type_, urn.name), self._open)
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

    def failed(self, message: str) -> str:
        """The operation of the last step, where this message says how it failed.

        A replacement that is half done fails in its other half, which the message begins with.
        """
        operation = self.at[1] if self.at else ""
        if operation != "replace":
            return operation
        first = message.lstrip()[:9]
        return {"creating ": "create-replacement", "deleting ": "delete-replaced"}.get(
            first, operation
        )


def half_done(row: Row, *, failed: bool) -> Row:
    """The row of a step that an error followed: what had been done before it.

    A step that failed did not happen; `replace` is printed when half of it had happened.
    """
    if not failed or not row.is_step:
        return row
    done = row.operation if row.operation == "replace" else row.done_before
    return replace(row, failed=True, done_before=done)
