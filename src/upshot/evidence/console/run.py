"""The runs of the engine that a console log holds, one after the other: findings in, Facts out.

Decides what is an error and how a run ended; must not know the form of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from upshot.evidence.console.leftovers import Leftovers
from upshot.evidence.console.rows import MAX_DIFFS, Row, RowErrors, as_it_happened, change_of
from upshot.evidence.console.sections import VALUES, is_cancel, named_stack
from upshot.evidence.console.steps import DiffSteps, half_done, is_undone
from upshot.evidence.facts import FactsBuilder
from upshot.evidence.failure.cause import Standing, standing_of
from upshot.evidence.failure.failures import Named
from upshot.evidence.failure.forms import without_log_prefix
from upshot.evidence.failure.naming import key_of, operation_in, subject_of
from upshot.evidence.text import CappedText
from upshot.evidence.urn import STACK_TYPE, parse_urn
from upshot.model import Facts, Outcome, PolicyViolation, StackRef, UpdateKind

if TYPE_CHECKING:
    from upshot.evidence.console.diffs import KnownDiff
    from upshot.evidence.console.outputs import OutputSection

_MAX_ROWS: Final = 5_000


class ConsoleRun:
    """What a log holds between one heading of a run and the next."""

    def __init__(
        self,
        kind: UpdateKind = UpdateKind.UNKNOWN,
        stack_name: str = "",
        *,
        is_announced: bool = False,
    ) -> None:
        """`is_announced`: the log holds the heading of this run, so its beginning is not cut off."""
        self.kind = kind
        self._is_begun = is_announced
        self.stack_name = stack_name
        self.stack: StackRef | None = None
        self.duration_s: float | None = None
        self.counts: dict[str, int] | None = None
        self.has_table = False
        self.is_plan = False  # the counts say what would be done: `1 to create`, not `1 created`
        self.reached_diagnostics = False
        self.ended = False
        self._builder = FactsBuilder()
        self._rows: dict[str, Row] = {}
        self._row_errors = RowErrors()
        self._stack_row_name = ""
        self._printed: dict[str, CappedText] = {}
        self._errored: dict[str, None] = {}  # what an error names; the builder's limit bounds it
        self._errors = self._last_words = 0  # the second ones state no cause: `update failed`
        self._has_cause = False
        self._loose = 0
        self._logged = ""
        self._cancelled = self._interrupted = False
        self._failed_said = False
        self._stack_failed = False
        self._failed_first = False  # a resource had failed before the run was interrupted
        self._begun_by_row: dict[str, str] = {}
        """Operations that the display does not show on the row of the resource itself, by key."""
        self.steps = DiffSteps()
        self.outputs: OutputSection | None = None
        self._table_ended = False
        self._past_diagnostics = False
        self._doubtful = False
        self._failed_afterwards = False
        self._declined = False
        self.left = Leftovers()

    @property
    def has_display(self) -> bool:
        """Whether any part of the engine's display was seen."""
        return self.has_table or self.reached_diagnostics or self.ended or bool(self.stack_name)

    @property
    def is_announced(self) -> bool:
        """Whether only the heading was seen so far."""
        return bool(self.stack_name) and not (self.has_table or self.ended)

    @property
    def has_resources(self) -> bool:
        """Whether the table has more than the stack: a program that is not compiled makes nothing."""
        return any(row.type != STACK_TYPE for row in self._rows.values())

    @property
    def is_good_so_far(self) -> bool:
        """Whether the display has ended, with nothing that failed."""
        return self.ended and not (self._errors or self._failed_said or self._stack_failed)

    def begins_table(self) -> None:
        """The head of a table, or a whole digest of a preview: nothing before it is cut off."""
        self._is_begun = True

    def section(self, name: str) -> None:
        """A section of the display, which ends the table."""
        if name == VALUES:
            self.steps.ends_properties()
            return
        self._table_ended = bool(self._rows)
        self.reached_diagnostics = self.reached_diagnostics or name == "Diagnostics"
        if name not in {"Diagnostics", "Policies"}:  # violations may follow
            self._past_diagnostics = True

    def row(self, row: Row) -> None:
        """A later row of the same resource replaces the earlier one."""
        self.has_table = True
        self._table_ended = False
        if row.is_table and row.type == STACK_TYPE:
            self._is_begun = True  # always the first row
        key = key_of(row.type, row.name)
        if key in self._rows or len(self._rows) < _MAX_ROWS or row.failed:
            before = self._rows.get(key)
            self._rows[key] = as_it_happened(row, before) if before else row
        if row.failed and not row.is_table and row.type != STACK_TYPE:
            # Rows stand in the order of time, the blocks of diagnostics do not.
            named = Named("", row.type, row.name)
            self._builder.add_failed_step(key, named, operation=row.operation, row=row.text)
        if row.printed:
            self._printed.setdefault(key, CappedText()).add(row.printed)
        self._row_errors.add(key, row)
        if row.reads and len(self._begun_by_row) < _MAX_ROWS:
            self._begun_by_row[key_of(*row.reads)] = "read"
        if row.type == STACK_TYPE:
            self._stack_row_name = row.name
            # A stack whose last row counts no error has none, whatever a row before it looked like.
            stays = self._stack_failed and not (row.is_done or row.is_quiet)
            self._stack_failed = row.failed or row.has_errors or stays

    def goes_on(self, row: Row, text: str) -> Row | None:
        """The next line of a torn row; the row, if it is still torn."""
        joined = self._row_errors.join(key_of(row.type, row.name), row, text)
        if joined:
            self.row(joined)
        return joined if joined and joined.is_torn else None

    def step(self, row: Row | None) -> None:
        """A step of `--diff`, as `steps` reads its lines; None while its URN has not come."""
        if row and 0 < self._errors == self._last_words:
            self._builder.forgive()  # the engine says `update failed` after every step
            self._errors = self._last_words = 0
        if row:
            self.row(row)

    def property(self, name: str, indent: int) -> bool:
        """A property under the last step of `--diff`, if it is the resource's own: not a nested one."""
        if self.steps.at is None or not self.steps.is_property(indent):
            return False
        key = key_of(self.steps.at[0].type, self.steps.at[0].name)
        row = self._rows.get(key)
        if row and row.is_step and name not in row.diffs and len(row.diffs) < MAX_DIFFS:
            self._rows[key] = replace(row, diffs=(*row.diffs, name))
        return True

    def planned(self, operation: str, urn_text: str, diff: KnownDiff | None = None) -> None:
        """A step of a preview's digest, with the properties that differ where they are known."""
        if urn := parse_urn(urn_text):
            self.row(Row(urn.type, urn.name, operation, urn_text))
            key = key_of(urn.type, urn.name)
            if operation != "same" and len(self._begun_by_row) < _MAX_ROWS:
                self._begun_by_row.setdefault(key, operation)
            if diff:
                self.steps.know(key, diff)

    def error(
        self,
        message: str,
        resource: Named,
        *,
        operation: str = "",
        context: str = "",
        is_row: bool = False,
        is_late: bool = False,
    ) -> None:
        """Any error; `is_row`: its whole message comes later; `is_late`: after the display's end."""
        self._failed_afterwards = self._failed_afterwards or (is_late and not self._errors)
        self._errors += 1
        self._builder.count("error")
        key = key_of(resource.type, resource.name) if resource.type else message
        if self._builder.omits(key, lambda _: resource):
            return
        resource = subject_of(resource, message)
        # Reading a message for its cause is most of the work: it is left out where nothing asks for it.
        is_asked = not (resource.type and self._has_cause)
        standing = standing_of(message) if is_asked else None
        is_open = not resource.type and standing is Standing.CAUSE and not self.ended
        repeats = not resource.type and standing is not Standing.FOLLOWS and self._repeats(message)
        if is_open and (step := self.steps.failed(message, repeats=repeats)):
            resource, operation = step  # `--diff` prints a step before it is done
        if not self._has_cause:
            said = {standing, standing_of(context, is_printed=True)}
            self._has_cause = Standing.CAUSE in said
        if resource.type in {"", STACK_TYPE}:  # a provider's own message is not the engine's word
            first = message[:200].split("\n", maxsplit=1)[0]
            self._cancelled = self._cancelled or is_cancel(f"error: {first}")
        key = key_of(resource.type, resource.name)
        if not resource.type and standing is not Standing.FOLLOWS:
            self._loose += not repeats
            key = f"loose {self._loose}"
        self._last_words += not resource.type and standing is Standing.FOLLOWS
        operation = operation or operation_in(message) or self._begun_by_row.get(key, "")
        operation = operation or ("import" if self.kind is UpdateKind.IMPORT else "")
        self._builder.add_error(key, message, resource, operation=operation, is_row=is_row)
        self._errored[key] = None
        if context:
            self._builder.add_context(key, context)

    def _repeats(self, message: str) -> bool:
        """Whether a bridged provider logged the same message just before it returned it."""
        logged, self._logged = self._logged, without_log_prefix(message.strip())
        return bool(logged) and logged in message

    def is_quiet(self, type_: str, name: str) -> bool:
        """Whether the table shows messages or warnings for this resource, and no error."""
        row = self._rows.get(key_of(type_, name))
        return row is not None and row.is_quiet

    def context(self, resource: Named, text: str) -> None:
        self._builder.add_context(key_of(resource.type, resource.name), text)

    def warning(self, message: str) -> None:
        self._builder.count("warning")
        self._builder.add_warning(message)

    def info(self, *, is_doubtful: bool = False) -> None:
        """`is_doubtful`: it may be an error of a language host or of a compiler, cut off."""
        self._builder.count("info")
        self._doubtful = self._doubtful or is_doubtful

    def violation(self, violation: PolicyViolation, resource: Named, line: str) -> None:
        self._builder.add_violation(violation)
        if violation.enforcement == "mandatory":
            self._errors += 1
            # The line names policy and resource; what the policy says, below it, is the cause.
            said = violation.message.strip()
            text = line if said in line else f"{line} {said}"
            self._builder.add_error(key_of(resource.type, resource.name), text, resource)

    def link(self, url: str, stack: StackRef, *, is_preview: bool) -> None:
        self._builder.add_link(url)
        self.stack = self.stack or stack
        if is_preview and self.kind in {UpdateKind.UNKNOWN, UpdateKind.UPDATE}:
            self.kind = UpdateKind.PREVIEW

    def cancelled(self, line: str) -> None:
        """The run is interrupted: what fails after that is its doing, what failed before is not."""
        # Rows of a table do not stand in the order of time.
        failed = (r.failed for r in self._rows.values() if r.type != STACK_TYPE and not r.is_table)
        self._failed_first = self._failed_first or (not self._cancelled and any(failed))
        self._cancelled = True
        if self._failed_first:
            return
        self._builder.add_error("cancelled", line.strip(), Named())

    def declined(self, line: str) -> None:
        """The user did not confirm the run: it ended with its preview."""
        self._declined = True
        self._builder.add_error("cancelled", line, Named())

    def failed(self) -> None:
        """A wrapper says that Pulumi's command failed, and not why."""
        self._failed_said = True

    def facts(self) -> Facts:
        outcome = self._settle()
        if outcome is not Outcome.SUCCEEDED:
            for key, printed in self._printed.items():
                self._builder.add_context(key, "\n".join(printed.lines()))
        self._changes(is_good=outcome is Outcome.SUCCEEDED)
        return self._builder.build(
            outcome=outcome,
            kind=self.kind,
            is_incomplete=outcome is Outcome.UNKNOWN and self.has_display,
            stack=self.stack or named_stack(self.stack_name, self._stack_row_name),
            duration_s=self.duration_s,
            counts=self.counts,
            failed_afterwards=self._failed_afterwards and outcome is Outcome.FAILED,
            outputs=self.outputs.outputs() if self.outputs else (),
        )

    def _settle(self) -> Outcome:
        for key, rows in self._row_errors.of.items():
            for row in rows if not self._rows[key].is_quiet else ():
                resource = Named("", row.type, row.name)
                self.error(row.text, resource, operation=row.operation, is_row=True)
        for key, row in self._rows.items():
            self._interrupted = self._interrupted or row.interrupted
            # A resource that an interrupt stopped has not failed; it is named where nothing else is.
            stopped = row.interrupted and not self._cancelled
            failed = row.failed or row.has_errors or bool(row.failed_before)
            if row.type == STACK_TYPE or not (failed or stopped):
                continue
            self._failed_said = self._failed_said or failed
            self._builder.add_failed_step(
                key,
                Named("", row.type, row.name),
                operation=row.failed_before or row.operation or self._begun_by_row.get(key, ""),
                row=row.text,
                ended_well=row.ended_well,
            )
        errored = bool(self.counts and self.counts.get("errored"))
        is_stopped = self._cancelled or (self._interrupted and not self._errors)
        if is_stopped and not self._failed_first:
            return Outcome.CANCELLED
        if self._errors or self._failed_said or self._stack_failed or errored:
            if not self._has_cause and (found := self.left.cause(is_displayed=self.has_display)):
                self.error(found[1], found[0])
            return Outcome.FAILED
        return Outcome.CANCELLED if self._declined else self._settle_loose()

    def _settle_loose(self) -> Outcome:
        if self._succeeded():
            for message in self.left.harmless():
                self._builder.add_warning(message)
            return Outcome.SUCCEEDED
        causes = self.left.causes(is_displayed=self.has_display, is_whole=self.ended)
        for resource, message in causes:
            self.error(message, resource)
        printed = [line for text in self._printed.values() for line in text.lines()]
        for message in () if causes else self.left.warnings(printed):
            self._builder.add_warning(message)
        return Outcome.FAILED if causes else Outcome.UNKNOWN

    def _succeeded(self) -> bool:
        """Whether the engine itself says that the run ended well.

        That is its counts and, but for a preview, its duration, which come after every error; or a
        table that is there from its first row to the section after it, with no failed row. A heading
        alone is no proof, nor is a cut log: any program can print one (T21).
        """
        rows = self._rows.values()
        # The steps of a plan come before its errors: with them and the counts, nothing is cut off.
        if self._is_begun or (self.is_plan and rows) or any(not row.is_step for row in rows):
            is_preview = self.kind is UpdateKind.PREVIEW or self.is_plan
            if self.counts if is_preview else self.duration_s is not None:
                return True
        if not (self._table_ended and rows) or any(row.is_busy for row in rows):
            return False  # a table with a step in progress is not the last one of the display
        if self.counts is None and any(row.is_step for row in rows):
            return False  # the outputs of a step of `--diff` look like the stack's
        if self._past_diagnostics:
            # Without its beginning, only a plan is proof: no row of it can have failed.
            is_plan = any(row.is_plan for row in rows) and not any(row.is_done for row in rows)
            return self._is_begun or is_plan
        return self._is_begun and bool(self._builder.diagnostics) and not self._doubtful

    def _changes(self, *, is_good: bool) -> None:
        for key, row in self._rows.items():
            is_failed = key in self._errored or (self._errors > 0 and is_undone(row, self.counts))
            change = change_of(half_done(row, failed=is_failed), self.kind, is_good=is_good)
            if change is not None:
                change = self.steps.described(key, change)
                self._builder.add_change(f"{change.destroys} {key}", change)
