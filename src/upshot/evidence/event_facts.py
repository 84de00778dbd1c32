"""Engine events to Facts: what each event means, and how the run that they report ended.

One event is in memory at a time. Must not know where the lines come from, nor how an event is
decoded. Meanings of the events: shipped engine; program errors arrive with severity `info#err`, and
`cancelEvent` also ends a run that was not cancelled.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import Final

from upshot.evidence.events import (
    Begun,
    Diagnostic,
    Done,
    Event,
    Policy,
    StepFailure,
    Summary,
    decode_event,
)
from upshot.evidence.facts import FactsBuilder
from upshot.evidence.failure.cause import headline_of
from upshot.evidence.failure.failures import Named
from upshot.evidence.merge import join_runs
from upshot.evidence.plan import PlanTrace
from upshot.evidence.runs import by_stack, join
from upshot.evidence.text import strip_colour
from upshot.evidence.urn import parse_urn
from upshot.model import (
    Facts,
    Meaning,
    Outcome,
    PolicyViolation,
    ResourceChange,
    StackRef,
    UpdateKind,
)
from upshot.model.limits import MESSAGE_KEPT, MESSAGE_READ
from upshot.model.operations import operation_of

MAX_DIFFS: Final = 20
_MOST_RUNS: Final = 64
_CONTEXTS: Final = 8
"""Resources whose printed output is kept; nearly always it is the stack's alone."""
_RESULTS: Final = {
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CANCELLED,
    "cancelled": Outcome.CANCELLED,
}
_CANCELLED = re.compile(r"(?:update|preview|destroy|refresh|import|operation) (?:was )?cancell?ed")


def facts_from_events(lines: Iterable[bytes]) -> Facts:
    """The facts of the events; each item is one event as JSON. Never raises, whatever the bytes are.

    A line that is not JSON (the last one of a run that was killed) marks the facts as incomplete.
    """
    return join(accounts_from_events(lines))


def accounts_from_events(lines: Iterable[bytes]) -> tuple[Facts, ...]:
    """As `facts_from_events`, one account for each stack in the log, in their order."""
    reader = _EventReader()
    for line in lines:
        event = decode_event(line)
        if event is not None:
            reader.read(event)
        else:
            reader.skipped(line)
    return reader.accounts()


class _EventReader:
    """Reads events in order; a second prelude starts another run, which is joined with the first."""

    def __init__(self) -> None:
        self._finished: list[Facts] = []
        self._incomplete = False
        self._start()

    def _start(self) -> None:
        self._builder = FactsBuilder()
        self._plan = PlanTrace()
        self._context: dict[str, deque[str]] = {}
        self._ops: dict[str, int] = {}
        self._summary: Summary | None = None
        self._ended = False
        self._planning = False
        self._errors = 0
        self._cancel_said = False
        self._first: float | None = None
        self._last: float | None = None
        self._stack: StackRef | None = None

    def skipped(self, line: bytes) -> None:
        if line.strip():
            self._incomplete = True

    def read(self, event: Event) -> None:
        if event.timestamp:
            self._last = event.timestamp
            if self._first is None:
                self._first = event.timestamp
        if event.is_partial:
            self._plan.spoil()
        if event.res_outputs is not None:
            self._outputs(event.res_outputs)
        elif event.resource_pre is not None:
            self._begun(event.resource_pre)
        elif event.diagnostic is not None:
            self._diagnostic(event.diagnostic)
        elif event.res_failed is not None:
            self._step_failed(event.res_failed)
        elif event.policy is not None:
            self._policy(event.policy)
        elif event.remediation is not None:
            self._plan.add_policy(event.remediation, is_remediation=True)
        else:
            self._frame(event)

    def _frame(self, event: Event) -> None:
        """Events about the run itself: its beginning, its end, the engine's own failure."""
        if event.summary is not None:
            self._summary = event.summary
        elif event.prelude is not None:
            if self._ended or self._summary is not None:
                self._close_run()
        elif event.failed is not None:
            self._error("", event.failed.error, "")
        elif event.kind == "cancelEvent" or event.cancel is not None:
            self._ended = True

    def _note_stack(self, urn: str) -> None:
        """A URN names project and stack; an event log names no organization."""
        if self._stack is None and (parsed := parse_urn(urn)):
            self._stack = StackRef("", parsed.project, parsed.stack)

    def _begun(self, begun: Begun) -> None:
        if begun.planning:
            self._planning = True
        if begun.metadata is not None:
            self._plan.add_step(begun.metadata)

    def _outputs(self, done: Done) -> None:
        data = done.metadata
        if data is None:
            return
        self._plan.add_step(data)
        if self._stack is None:
            self._note_stack(data.urn)
        if done.planning:
            self._planning = True
        op = data.op
        self._ops[op] = self._ops.get(op, 0) + 1
        step = operation_of(op)
        if not step.changes or not data.urn:
            return
        if not self._builder.has_room_for_change(op):
            self._builder.omit_change()
            return
        urn = parse_urn(data.urn)
        name = urn.name if urn else ""
        # A replacement is reported as up to three steps; it is one change.
        op = "replace" if step.means is Meaning.REPLACE else op
        change = ResourceChange(
            data.urn,
            data.type or (urn.type if urn else ""),
            name,
            op,
            protected=bool(data.old and data.old.protect),
            diffs=tuple(data.diffs[:MAX_DIFFS]) if data.diffs else (),
        )
        self._builder.add_change(f"{op} {data.urn}", change)

    def _step_failed(self, step: StepFailure) -> None:
        data = step.metadata
        if data is None:
            return
        self._errors += 1
        self._note_stack(data.urn)
        resource = Named.from_urn(data.urn)
        needs = state.needs() if (state := data.new or data.old) else ()
        self._builder.add_failed_step(data.urn, resource, operation=data.op, needs=needs)
        for state in (data.new, data.old):
            for message in (state.init_errors if state else None) or ():
                self._builder.add_error(
                    data.urn, strip_colour(message[:MESSAGE_READ]), Named.from_urn(data.urn)
                )

    def _diagnostic(self, said: Diagnostic) -> None:
        if said.ephemeral:
            return
        self._note_stack(said.urn)
        severity = said.severity
        if severity == "info":
            self._builder.count("info")
            return
        if severity == "error":
            self._builder.count("error")
            if self._builder.omits(said.urn):
                self._errors += 1
                return
        message = strip_colour(said.message[:MESSAGE_READ]).strip("\n")
        if severity == "error":
            self._error(said.urn, message, said.urn)
        elif severity == "warning":
            self._builder.count("warning")
            self._builder.add_warning(message, said.urn)
        elif severity == "info#err":
            self._builder.count("info")
            self._printed(said.urn, message)

    def _printed(self, urn: str, message: str) -> None:
        lines = self._context.get(urn)
        if lines is None:
            if len(self._context) >= _CONTEXTS:
                return
            lines = self._context[urn] = deque(maxlen=400)
        lines.append(message[:MESSAGE_KEPT])
        while len(lines) > 1 and sum(map(len, lines)) > MESSAGE_KEPT:
            lines.popleft()

    def _error(self, key: str, message: str, urn: str) -> None:
        if _CANCELLED.search(headline_of(message[:MESSAGE_KEPT])):
            self._cancel_said = True
        self._errors += 1
        self._builder.add_error(key, message, Named.from_urn(urn) if urn else Named())

    def _policy(self, said: Policy) -> None:
        self._plan.add_policy(said)
        message = strip_colour(said.message[:MESSAGE_READ]).strip()
        self._builder.add_violation(
            PolicyViolation(
                said.policy_name,
                said.policy_pack_name,
                said.enforcement_level,
                message,
                said.resource_urn,
                said.severity,
            )
        )
        if said.enforcement_level == "mandatory":
            self._errors += 1
            urn = said.resource_urn
            resource = Named.from_urn(urn) if urn else Named()
            text = message or f"mandatory: [{said.policy_name}]"
            self._builder.add_error(urn, text, resource)

    def _close_run(self) -> None:
        self._finished.append(self._run_facts())
        if len(self._finished) > _MOST_RUNS:
            self._finished[:2] = [join_runs(*self._finished[:2])]
        self._start()

    def accounts(self) -> tuple[Facts, ...]:
        """One account for each stack, closed."""
        return by_stack([*self._finished, self._run_facts()])

    def _run_facts(self) -> Facts:
        summary = self._summary
        outcome = self._outcome()
        if outcome is not Outcome.SUCCEEDED:
            for urn, lines in self._context.items():
                self._builder.add_context(urn, "\n".join(lines))
        counts = summary.changes if summary else None
        duration = summary.duration_s if summary else None
        if duration is None and self._first is not None and self._last is not None:
            duration = max(0.0, self._last - self._first)
        return self._builder.build(
            outcome=outcome,
            kind=self._kind(counts or self._ops),
            is_running=not self._ended and summary is None,
            is_incomplete=self._incomplete,
            stack=self._stack,
            duration_s=duration,
            started_at=self._first,
            counts=counts if counts is not None else (self._ops or None),
            plans=(self._plan.digest(),),
        )

    def _outcome(self) -> Outcome:
        summary = self._summary
        if summary and summary.result in _RESULTS:
            return _RESULTS[summary.result]
        if self._cancel_said:
            return Outcome.CANCELLED
        if self._errors:
            return Outcome.FAILED
        if summary:
            return Outcome.SUCCEEDED
        return Outcome.CANCELLED if self._ended else Outcome.UNKNOWN

    def _kind(self, counts: dict[str, int]) -> UpdateKind:
        summary = self._summary
        if self._planning or (summary and summary.is_preview):
            return UpdateKind.PREVIEW
        ops = {op for op, n in counts.items() if n}
        changing = {op for op in ops if operation_of(op).changes}
        # An update that only deletes keeps other resources; a destroy keeps none.
        if changing == {"delete"} and "same" not in ops:
            return UpdateKind.DESTROY
        if changing == {"import"}:
            return UpdateKind.IMPORT
        if "refresh" in ops and not changing:
            return UpdateKind.REFRESH
        return UpdateKind.UPDATE if counts or summary else UpdateKind.UNKNOWN
