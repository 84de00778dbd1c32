"""What the rows of one resource say that really happened to it. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from upshot.evidence.console.rows import Row
from upshot.evidence.urn import is_engines_own
from upshot.model import Meaning, ResourceChange, UpdateKind
from upshot.model.operations import operation_of


def change_of(row: Row, kind: UpdateKind) -> ResourceChange | None:
    """The change of a resource, by its last row; None where nothing was changed.

    A failed step changed nothing, but the steps of a replacement before it did. A refresh changes
    nothing either: what it finds is drift.
    """
    operation = row.operation
    if row.failed:
        done = operation_of(row.done_before)
        operation = row.done_before if done.means is Meaning.REPLACE else ""
    step = operation_of(operation)
    if kind is UpdateKind.REFRESH and step.changes:
        operation = "refresh"
    if is_engines_own(row.type) or not (operation == "refresh" or step.changes):
        return None
    if step.means is Meaning.REPLACE and operation != "delete-replaced":
        operation = "replace"
    return ResourceChange("", row.type, row.name, operation)


def as_it_happened(row: Row, before: Row) -> Row:
    """What a refresh finds gone is drift; what a replacement did before it failed is kept."""
    is_drift = row.is_done and before.operation == "refresh"
    if is_drift and operation_of(row.operation).changes:
        return replace(row, operation="refresh")
    done = before.operation if before.is_done else before.done_before
    return row if row.is_done or not done else replace(row, done_before=done)
