"""The runs of the engine that a console log holds, one after the other: findings in, Facts out.

Decides what is an error and how a run ended; must not know the form of a line.
"""

from __future__ import annotations

import re
from typing import Final

from upshot.evidence.console.naming import key_of, operation_in, resource_in, with_urn
from upshot.evidence.console.rows import Row
from upshot.evidence.facts import MAX_FAILURES, FactsBuilder
from upshot.evidence.failure.cause import Standing, standing_of, without_log_prefix
from upshot.evidence.failure.failures import Named
from upshot.evidence.merge import join_runs
from upshot.evidence.runs import by_stack
from upshot.evidence.text import CappedText
from upshot.evidence.urn import STACK_TYPE
from upshot.model import (
    Facts,
    Outcome,
    PolicyViolation,
    ResourceChange,
    StackRef,
    UpdateKind,
)
from upshot.model.operations import operation_of

_MOST_RUNS: Final = 64
_MAX_ROWS: Final = 5_000
_MAX_STRAY_ERRORS: Final = 20
_MAX_ROW_ERRORS: Final = 8
_PART = re.compile(r"[\w.-]{1,100}")
_CANCELLED = re.compile(
    r"\^C received; cancelling|error: (?:update|preview|destroy|refresh|import) cancell?ed"
    r"|^(?:##\[error\])?The operation was cancell?ed\.|signal: (?:interrupt|terminated)$"
)


class ConsoleRun:
    """What a log holds between one heading of a run and the next."""

    def __init__(self, kind: UpdateKind = UpdateKind.UNKNOWN, stack_name: str = "") -> None:
        self.kind = kind
        self.stack_name = stack_name
        self.stack: StackRef | None = None
        self.duration_s: float | None = None
        self.counts: dict[str, int] | None = None
        self.has_table = False
        self.reached_diagnostics = False
        self.ended = False
        self._builder = FactsBuilder()
        self._rows: dict[str, Row] = {}
        self._row_errors: dict[str, list[Row]] = {}
        self._stack_row_name = ""
        self._printed: dict[str, CappedText] = {}
        self._errors = 0
        self._causes = 0
        self._loose = 0
        self._logged = ""
        self._cancelled = False
        self._interrupted = False
        self._failed_said = False
        self._stack_done = False
        self._stray_errors: list[str] = []
        self._raised: tuple[Named, str] | None = None

    @property
    def has_display(self) -> bool:
        """Whether any part of the engine's display was seen."""
        return self.has_table or self.reached_diagnostics or self.ended or bool(self.stack_name)

    def row(self, row: Row) -> None:
        """A later row of the same resource replaces the earlier one."""
        self.has_table = True
        key = key_of(row.type, row.name)
        if key in self._rows or len(self._rows) < _MAX_ROWS or row.failed:
            self._rows[key] = row
        if row.printed:
            self._printed.setdefault(key, CappedText()).add(row.printed)
        if row.error and (key in self._row_errors or len(self._row_errors) < MAX_FAILURES):
            errors = self._row_errors.setdefault(key, [])
            if len(errors) < _MAX_ROW_ERRORS:
                errors.append(row)
        if row.type == STACK_TYPE:
            self._stack_done = row.is_done
            self._stack_row_name = row.name
            self._failed_said = self._failed_said or row.failed or row.has_errors

    def error(
        self,
        message: str,
        resource: Named,
        *,
        operation: str = "",
        context: str = "",
        is_row: bool = False,
    ) -> None:
        """An error, with or without a resource; `is_row`: replaced by the whole message later."""
        self._errors += 1
        self._builder.count("error")
        if self._builder.omits(key_of(resource.type, resource.name)):
            return
        resource = with_urn(resource, message) if resource.type else resource_in(message)
        standing = standing_of(message)
        self._causes += Standing.CAUSE in {standing, standing_of(context, is_printed=True)}
        self._cancelled = self._cancelled or is_cancel(f"error: {message[:200]}")
        key = key_of(resource.type, resource.name)
        if not resource.type and standing is not Standing.FOLLOWS:
            key = self._loose_key(message)
        operation = operation or operation_in(message)
        self._builder.add_error(key, message, resource, operation=operation, is_row=is_row)
        if context:
            self._builder.add_context(key, context)

    def _loose_key(self, message: str) -> str:
        """A new key, or the last one where a bridged provider logged the same message before."""
        logged, self._logged = self._logged, without_log_prefix(message.strip())
        self._loose += not logged or logged not in message
        return f"loose {self._loose}"

    def is_quiet(self, type_: str, name: str) -> bool:
        """Whether the table shows messages or warnings for this resource, and no error."""
        row = self._rows.get(key_of(type_, name))
        return row is not None and row.is_quiet

    def context(self, resource: Named, text: str) -> None:
        self._builder.add_context(key_of(resource.type, resource.name), text)

    def warning(self, message: str) -> None:
        self._builder.count("warning")
        self._builder.add_warning(message)

    def info(self) -> None:
        self._builder.count("info")

    def violation(self, violation: PolicyViolation, resource: Named, line: str) -> None:
        self._builder.add_violation(violation)
        if violation.enforcement == "mandatory":
            self._errors += 1
            text = f"{line}\n{violation.message}" if violation.message not in line else line
            self._builder.add_error(key_of(resource.type, resource.name), text, resource)

    def link(self, url: str, stack: StackRef, *, is_preview: bool) -> None:
        self._builder.add_link(url)
        self.stack = self.stack or stack
        if is_preview and self.kind in {UpdateKind.UNKNOWN, UpdateKind.UPDATE}:
            self.kind = UpdateKind.PREVIEW

    def cancelled(self, line: str) -> None:
        self._cancelled = True
        self._builder.add_error("cancelled", line.strip(), Named())

    def stray_error(self, message: str) -> None:
        """An error that seems to belong to another tool: it counts only if the run did not succeed."""
        if len(self._stray_errors) < _MAX_STRAY_ERRORS:
            self._stray_errors.append(message)

    def raised(self, resource: Named, message: str) -> None:
        """An exception outside of any section: it counts only if nothing else states the cause."""
        if self._raised is None:
            self._raised = (resource, message)

    def facts(self) -> Facts:
        outcome = self._settle()
        if outcome is not Outcome.SUCCEEDED:
            for key, printed in self._printed.items():
                self._builder.add_context(key, "\n".join(printed.lines()))
        self._changes()
        return self._builder.build(
            outcome=outcome,
            kind=self.kind,
            is_incomplete=outcome is Outcome.UNKNOWN and self.has_display,
            stack=self.stack or self._named_stack(),
            duration_s=self.duration_s,
            counts=self.counts,
        )

    def _settle(self) -> Outcome:
        for key, rows in self._row_errors.items():
            for row in rows if not self._rows[key].is_quiet else ():
                resource = Named("", row.type, row.name)
                self.error(row.text, resource, operation=row.operation, is_row=True)
        for key, row in self._rows.items():
            if row.type == STACK_TYPE or not (row.failed or row.interrupted or row.has_errors):
                continue
            self._interrupted = self._interrupted or row.interrupted
            self._failed_said = self._failed_said or row.failed or row.has_errors
            self._builder.add_failed_step(
                key, Named("", row.type, row.name), operation=row.operation, row=row.text
            )
        errored = bool(self.counts and self.counts.get("errored"))
        if self._cancelled or (self._interrupted and not self._errors):
            return Outcome.CANCELLED
        if self._errors or self._failed_said or errored:
            if self._raised and not self._causes:
                self.error(self._raised[1], self._raised[0])
            return Outcome.FAILED
        return self._settle_loose()

    def _settle_loose(self) -> Outcome:
        leftovers = [*self._stray_errors]
        if self._raised:
            resource, message = self._raised
            if not self._succeeded():
                self.error(message, resource)
                return Outcome.FAILED
            leftovers.append(message)
        if not self._succeeded() and self._stray_errors:
            for message in self._stray_errors:
                self.error(message, Named())
            return Outcome.FAILED
        for message in leftovers:
            self._builder.add_warning(message)
        return Outcome.SUCCEEDED if self._succeeded() else Outcome.UNKNOWN

    def _succeeded(self) -> bool:
        # The heading alone is no proof: a log may be cut there, and any program can print it (T21).
        reached = self.reached_diagnostics and bool(self._rows)
        return self.ended or reached or self._stack_done or self._table_is_settled()

    def _table_is_settled(self) -> bool:
        """Whether no resource in the table is in progress: then it is the last one of the display."""
        rows = self._rows.values()
        return any(row.is_table for row in rows) and not any(row.is_busy for row in rows)

    def _named_stack(self) -> StackRef | None:
        """From `Updating (stack)` or `Updating (org/stack)`, and the root resource `project-stack`.

        The parts that neither of them names are empty.
        """
        parts = self.stack_name.split("/")
        if not all(map(_PART.fullmatch, parts)) or len(parts) > 3:  # noqa: PLR2004
            return None
        stack = parts[-1]
        organization = parts[0] if len(parts) > 1 else ""
        project = parts[1] if len(parts) > 2 else ""  # noqa: PLR2004
        root = self._stack_row_name
        if not project and root.endswith(f"-{stack}") and _PART.fullmatch(root):
            project = root.removesuffix(f"-{stack}")
        if organization == "organization":  # a self-managed backend
            organization = ""
        return StackRef(organization, project, stack)

    def _changes(self) -> None:
        for key, row in self._rows.items():
            # A failed step changed nothing.
            if row.failed or not operation_of(row.operation).changes:
                continue
            change = ResourceChange("", row.type, row.name, row.operation)
            self._builder.add_change(f"{change.destroys} {key}", change)


class ConsoleRuns:
    """The run that is being read, and the facts of those before it."""

    def __init__(self) -> None:
        self.open = ConsoleRun()
        self._finished: list[Facts] = []
        self._preamble: ConsoleRun | None = None

    def begin(self, run: ConsoleRun) -> None:
        finished, self.open = self.open, run
        if not self._finished and self._preamble is None and not finished.has_display:
            self._preamble = finished
            return
        self._finished.append(finished.facts())
        if len(self._finished) > _MOST_RUNS:
            self._finished[:2] = [join_runs(*self._finished[:2])]

    def accounts(self) -> tuple[Facts, ...]:
        """One account for each stack.

        Lines before the first run count only when the last run states no cause.
        """
        accounts = by_stack([*self._finished, self.open.facts()])
        last = accounts[-1]
        if self._preamble and last.outcome is not Outcome.SUCCEEDED and not last.root_cause:
            before = self._preamble.facts()
            if before.failures:
                accounts = (*accounts[:-1], join_runs(before, last))
        return accounts


def is_cancel(line: str) -> bool:
    return bool(_CANCELLED.search(line))
