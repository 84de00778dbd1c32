"""The tables and lists of a report, each cut to the room there is. What is left out is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from upshot.model import Failure, PolicyViolation, UpdateKind
from upshot.model.operations import operation_of
from upshot.report.changes.diff import output_lines
from upshot.report.changes.rows import ChangeGroup, bare_row, full_row, group_changes
from upshot.report.changes.tree import tree_lines
from upshot.report.content import Report
from upshot.report.failures.groups import FailureGroup, group_failures
from upshot.report.failures.picture import draw_failures
from upshot.report.markdown.escape import fence, html_code
from upshot.report.markdown.fit import Room, fit_rows, fit_rows_growing, fit_rows_shrinking
from upshot.report.rows import (
    FailureRow,
    group_title,
    name_of,
    pending_row,
    policy_row,
    warning_row,
)
from upshot.report.words import is_preview, number

T = TypeVar("T")

_OPEN_PICTURE: Final = 7
"""Failures; a picture of more is folded, since it would push the rest off the screen."""

_OPEN_CHANGES: Final = 15
"""Rows of the changes of a preview that are shown; the others are folded below."""

_OPEN_ROWS: Final = 10
"""Rows of the table of failures that are shown; the others are folded below."""


Written = dict[tuple[str, int], str]
"""Rows by their form and the identity of their item."""
Grouped = dict[tuple[int, ...], list[FailureGroup]]
"""Groups of failures by the identities of the failures."""


class Sections:
    """Fits sections into a room, in the order of the calls.

    `written` keeps each row for the next room, by the identity of its item: so the items, `groups`
    and `grouped` too, must live as long.
    """

    def __init__(
        self,
        report: Report,
        written: Written,
        groups: Sequence[ChangeGroup],
        grouped: Grouped,
    ) -> None:
        self._report = report
        self._grouped = grouped
        self._groups = groups
        self._written = written
        self.omitted: dict[str, int] = {}
        """What did not fit, by kind."""

    def failures(self, room: Room) -> dict[str, Any]:
        """The failed resources, those that failed because of them, and a picture of both.

        They get three quarters of the room. Rows are shortened before any row is left out.
        """
        facts = self._report.facts
        causes = [failure for failure in facts.failures if not failure.is_cascade]
        followed = [failure for failure in facts.failures if failure.is_cascade]
        share = room.part(3, 4)
        failed = self._failed(causes, share.room, more=facts.failures_omitted)
        cascades = self._failed(followed, share.room, short=True)
        share.settle()
        picture = draw_failures(facts.failures) if followed else ""
        return {
            "failed": failed if len(causes) > 1 else None,  # one alone stands in the alert
            "cascades": cascades,
            "picture": picture if room.take(picture) else "",
            "is_picture_small": len(facts.failures) <= _OPEN_PICTURE,
        }

    def _failed(
        self, failures: Sequence[Failure], room: Room, *, more: int = 0, short: bool = False
    ) -> dict[str, Any] | None:
        if not failures:
            return None
        row = FailureRow(self._report.run)
        forms = [row.short, row.bare] if short else [row.long, row.short, row.bare]
        groups = self._failure_groups(failures)
        rows = fit_rows_shrinking(groups, list(map(self._once, forms)), room)
        left = sum(len(group.members) for group in groups[len(rows.kept) :]) + more
        self.left_out("failed resources", left)
        shown = len(rows.kept) if short else _OPEN_ROWS
        folded = sum(len(group.members) for group in groups[shown : len(rows.kept)])
        return {
            "rows": rows.kept[:shown],
            "folded": rows.kept[shown:],
            "omitted": left,
            "hidden": f"{folded + left:,}" if left or folded else "",
            "label": number(len(failures), "resource"),
            "names": self._names(groups[: len(rows.kept)], room),
        }

    def _failure_groups(self, failures: Sequence[Failure]) -> list[FailureGroup]:
        """Equal failures together; the same values for every room."""
        key = tuple(map(id, failures))
        if key not in self._grouped:
            self._grouped[key] = group_failures(failures)
        return self._grouped[key]

    def _names(self, groups: Sequence[FailureGroup], room: Room) -> list[dict[str, str]]:
        """The names of the resources that share a row, as many as fit."""
        lists = []
        for group in groups:
            if len(group.members) == 1 or not name_of(group.first):
                continue
            names = fit_rows(group.members, self._once(name_of), room)
            if names.omitted:
                self.left_out("names of failed resources", names.omitted)
            if names.kept:
                more = f", {names.omitted:,} more" if names.omitted else ""
                lists.append(
                    {
                        "title": group_title(group, html_code),
                        "text": ", ".join(names.kept) + more,
                    }
                )
        return lists

    def policy(self, room: Room) -> dict[str, Any] | None:
        """Policy violations, mandatory ones first."""
        violations = self._report.facts.policy_violations
        first = sorted(violations, key=lambda violation: not _is_mandatory(violation))
        section = self._section("policy violations", first, policy_row, room)
        if section is not None:
            section["is_mandatory"] = _is_mandatory(first[0])
        return section

    def changes(self, room: Room) -> dict[str, Any] | None:
        """Changed resources: deleted and replaced ones first, of them those that hold data."""
        facts = self._report.facts
        groups = self._groups
        if not groups:
            return None
        share = room.part(3, 4)
        rows = fit_rows_growing(groups, self._once(bare_row), self._once(full_row), share.room)
        share.settle()
        left = _members(groups[len(rows.kept) :]) + facts.changes_omitted
        self.left_out("changes", left)
        is_drift = facts.kind is UpdateKind.REFRESH
        is_open = (is_preview(self._report) or is_drift) and not facts.failures
        every = _members(groups) + facts.changes_omitted
        shown = _OPEN_CHANGES if is_open else 0
        return {
            "rows": rows.kept[:shown],
            "folded": rows.kept[shown:],
            "omitted": left,
            "label": f"{number(every, 'resource')} drifted"
            if is_drift
            else number(every, "change"),
            "is_open": is_open,
            "is_planned": is_preview(self._report),
            "more": number(_members(groups[shown:]) + facts.changes_omitted, "more change"),
        }

    def components(self, room: Room) -> str:
        """The tree of components, fenced; empty where there is none, or no room for it."""
        lines = tree_lines([one for group in self._groups for one in group.members])
        block = fence("\n".join(lines), "text") if lines else ""
        return block if block and room.take(block) else ""

    def outputs(self, room: Room) -> dict[str, str] | None:
        """The stack's outputs and how they change, as one block; nothing where it does not fit."""
        facts = self._report.facts
        if not facts.outputs:
            return None
        every = len(facts.outputs) + facts.outputs_omitted
        changed = sum(output.is_changed for output in facts.outputs)
        block = fence("\n".join(output_lines(facts.outputs, facts.outputs_omitted)), "diff")
        if not room.take(block):
            self.left_out("stack outputs", every)
            return None
        return {
            "label": number(every, "stack output"),
            "changed": f"{changed:,}" if changed else "",
            "block": block,
        }

    def pending(self, room: Room) -> dict[str, Any] | None:
        operations = self._report.facts.pending_operations
        return self._section("pending operations", operations, pending_row, room)

    def warnings(self, room: Room) -> dict[str, Any] | None:
        return self._section("warnings", self._report.facts.warnings, warning_row, room)

    def left_out(self, name: str, count: int) -> None:
        if count:
            self.omitted[name] = self.omitted.get(name, 0) + count

    def _section(
        self, name: str, items: Sequence[T], write: Callable[[T], str], room: Room, more: int = 0
    ) -> dict[str, Any] | None:
        if not items:
            return None
        rows = fit_rows(items, self._once(write), room)
        self.left_out(name, rows.omitted + more)
        return {
            "rows": rows.kept,
            "omitted": rows.omitted + more,
            "label": number(len(items) + more, name.removesuffix("s")),
        }

    def _once(self, write: Callable[[T], str]) -> Callable[[T], str]:
        """The same function, which writes the row of an item once."""

        def written(item: T) -> str:
            key = write.__name__, id(item)
            row = self._written.get(key)
            if row is None:
                row = self._written[key] = write(item)
            return row

        return written


def groups_of(report: Report) -> list[ChangeGroup]:
    """What changes, in the order of a report: deleted and replaced first, of them what holds data; and
    what a refresh found.
    """
    changed = [
        one
        for one in report.facts.changes
        if operation_of(one.operation).changes or one.operation == "refresh"
    ]
    return group_changes(sorted(changed, key=lambda one: (not one.destroys, not one.stateful)))


def _members(groups: Sequence[ChangeGroup]) -> int:
    return sum(len(group.members) for group in groups)


def _is_mandatory(violation: PolicyViolation) -> bool:
    return violation.enforcement == "mandatory"
