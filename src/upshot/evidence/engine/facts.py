"""Engine events to Facts: what each event means, and how the run that they report ended.

One event is in memory at a time. Must not know where the lines come from, nor how an event is
decoded. Meanings of the events: shipped engine; program errors arrive with severity `info#err`, and
`cancelEvent` also ends a run that was not cancelled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from upshot.evidence.engine.ending import Ending
from upshot.evidence.engine.events import (
    Begun,
    Change,
    Diagnostic,
    Done,
    Event,
    Policy,
    StepFailure,
    decode_event,
)
from upshot.evidence.engine.kinds import KindTrace
from upshot.evidence.engine.plan import PlanTrace
from upshot.evidence.facts import FactsBuilder
from upshot.evidence.failure.failures import Named
from upshot.evidence.failure.naming import key_of, operation_in, subject_of
from upshot.evidence.merge import join_runs
from upshot.evidence.properties.changes import (
    StepStates,
    find_changes,
    is_left,
    is_retained,
    read_details,
    read_keys,
    read_state,
)
from upshot.evidence.runs import by_stack, join
from upshot.evidence.text import strip_colour
from upshot.evidence.urn import STACK_TYPE, is_engines_own, parse_urn
from upshot.model import (
    Facts,
    Meaning,
    Outcome,
    PolicyViolation,
    ResourceChange,
    StackOutput,
    StackRef,
)
from upshot.model.limits import MESSAGE_KEPT, MESSAGE_READ
from upshot.model.operations import Part, operation_of

MAX_DIFFS: Final = 20
_MOST_RUNS: Final = 64
_CONTEXTS: Final = 8
"""Resources whose printed output is kept; nearly always it is the stack's alone."""
_MOST_IN_FLIGHT: Final = 4_000
"""Steps that have begun and not ended; the engine runs far fewer at a time. Also steps that have ended."""


def facts_from_events(lines: Iterable[bytes]) -> Facts:
    """The facts of the events; each item is one event as JSON. Never raises, whatever the bytes are.

    A line that is not JSON (the last one of a run that was killed) marks the facts as incomplete.
    """
    return join(accounts_from_events(lines))


def accounts_from_events(lines: Iterable[bytes]) -> tuple[Facts, ...]:
    """As `facts_from_events`, one account for each stack in the log, in their order."""
    reader = EventReader()
    for line in lines:
        reader.line(line)
    return reader.accounts()


class EventReader:
    """Reads events in order; a second prelude starts another run, which is joined with the first."""

    def __init__(self) -> None:
        self._finished: list[Facts] = []
        self._incomplete = False
        self.has_events = False
        self._start()

    def _start(self) -> None:
        self._builder = FactsBuilder()
        self._plan = PlanTrace()
        self._context: dict[str, deque[str]] = {}
        self._ops: dict[str, int] = {}
        self._kind = KindTrace()
        self._in_flight: dict[str, str] = {}
        self._changed: dict[str, str] = {}
        """URN -> operation of the last step that changed it."""
        self._gone: dict[str, None] = {}
        """URNs of what was deleted for a replacement that is not made yet."""
        self._ended = False
        self._planning = False
        self._ending = Ending()
        self._first: float | None = None
        self._last: float | None = None
        self._stack: StackRef | None = None
        self._stack_outputs: tuple[StackOutput, ...] = ()

    def line(self, line: bytes) -> None:
        """One event as JSON."""
        event = decode_event(line)
        if event is not None:
            self.has_events = True
            self.read(event)
        elif line.strip():
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
            self._begins(event.resource_pre)
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
            self._ending.summary = event.summary
        elif event.prelude is not None:
            if self._ended or self._ending.summary is not None:
                self._close_run()
        elif event.failed is not None:
            self._error("", event.failed.error)
        elif event.stdout is not None:
            self._ending.printed(event.stdout.message)
        elif event.kind == "cancelEvent" or event.cancel is not None:
            self._ended = True

    def _begins(self, begun: Begun) -> None:
        if begun.planning:
            self._planning = True
        data = begun.metadata
        if data is None:
            return
        self._plan.add_step(data)
        self._kind.begins(data.op, data.urn)
        if len(self._in_flight) < _MOST_IN_FLIGHT:
            self._in_flight[data.urn] = data.op

    def _note_stack(self, urn: str) -> None:
        """A URN names project and stack; an event log names no organization."""
        if self._stack is None and (parsed := parse_urn(urn)):
            self._stack = StackRef("", parsed.project, parsed.stack)

    def _outputs(self, done: Done) -> None:
        data = done.metadata
        if data is None:
            return
        self._plan.add_step(data)
        if self._stack is None:
            self._note_stack(data.urn)
        if done.planning:
            self._planning = True
        if data.type == STACK_TYPE:
            self._kind.ends_stack()
            from upshot.evidence.properties.outputs import read_outputs  # once or twice a run

            self._stack_outputs = read_outputs(data.old, data.new) or self._stack_outputs
        op = data.op
        self._ops[op] = self._ops.get(op, 0) + 1
        begun = self._in_flight.pop(data.urn, "")
        self._builder.ends_well(data.urn)
        if operation_of(op).changes and data.urn:
            self._change(data, begun)

    def _change(self, data: Change, begun: str) -> None:
        op, step = data.op, operation_of(data.op)
        is_first = data.urn not in self._changed and len(self._gone) < _MOST_IN_FLIGHT
        if begun != "refresh" and len(self._changed) < _MOST_IN_FLIGHT:
            self._changed[data.urn] = op
        if begun == "refresh":
            # What changed or vanished in the cloud: a refresh itself changes and deletes nothing.
            op = "refresh"
        elif op == "delete" and is_retained(data.old):
            op = "retain"
        elif op == "delete-replaced" and is_first and not is_left(data.old):
            self._gone[data.urn] = None
        elif step.part is Part.NEW:
            self._gone.pop(data.urn, None)
        if not self._builder.has_room_for_change(op):
            self._builder.omit_change()
            return
        urn = parse_urn(data.urn)
        name = urn.name if urn else ""
        if is_engines_own(data.type or (urn.type if urn else "")):
            return
        # A replacement is reported as up to three steps; it is one change.
        op = "replace" if step.means is Meaning.REPLACE else op
        old, new = read_state(data.old), read_state(data.new)
        properties, omitted = find_changes(
            "refresh" if op == "refresh" else data.op,
            StepStates(old, new, read_details(data.detailed), read_keys(data.keys)),
        )
        change = ResourceChange(
            data.urn,
            data.type or (urn.type if urn else ""),
            name,
            op,
            protected=old.protect,
            is_gone=op == "refresh" and step.means is Meaning.DELETE,
            parent=new.component or old.component,
            diffs=tuple(data.diffs[:MAX_DIFFS]) if data.diffs else (),
            properties=properties,
            properties_omitted=omitted,
        )
        self._builder.add_change(f"{op} {data.urn}", change)

    def _step_failed(self, step: StepFailure) -> None:
        data = step.metadata
        if data is None:
            return
        self._ending.error()
        self._note_stack(data.urn)
        resource = Named.from_urn(data.urn)
        needs = state.needs() if (state := data.new or data.old) else ()
        step_op = operation_of(data.op)
        if step_op.means is Meaning.REPLACE and step_op.makes and data.urn not in self._gone:
            self._builder.amend_change(f"replace {data.urn}", "")  # the old one is still there
        self._builder.add_failed_step(data.urn, resource, operation=data.op, needs=needs)
        # Those of the state before the step are an earlier run's.
        for message in (data.new.init_errors if data.new else None) or ():
            self._builder.add_error(data.urn, strip_colour(message[:MESSAGE_READ]), resource)

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
                self._ending.error()
                return
        message = strip_colour(said.message[:MESSAGE_READ]).strip("\n")
        if severity == "error":
            self._error(said.urn, message)
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

    def _error(self, urn: str, message: str) -> None:
        self._ending.error(message)
        under = Named.from_urn(urn)
        resource = subject_of(under, message)
        key = urn or resource.urn
        if urn and resource.type != under.type:
            key = resource.urn or key_of(resource.type, resource.name)
        operation = operation_in(message) if resource.type else ""
        if not operation and resource.type != STACK_TYPE:
            # A step that fails in a preview has no event of its own: it has begun and not ended. An
            # error after the end of a step (the resource is registered again) is about that step.
            urn = resource.urn
            operation = self._in_flight.get(urn) or self._changed.get(urn, "")
        self._builder.add_error(key, message, resource, operation=operation)

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
            self._ending.error()
            urn = said.resource_urn
            text = message or f"mandatory: [{said.policy_name}]"
            self._builder.add_error(urn, text, Named.from_urn(urn))

    def _close_run(self) -> None:
        self._finished.append(self._run_facts())
        if len(self._finished) > _MOST_RUNS:
            self._finished[:2] = [join_runs(*self._finished[:2])]
        self._start()

    def accounts(self) -> tuple[Facts, ...]:
        """One account for each stack, closed."""
        return by_stack([*self._finished, self._run_facts()])

    def _run_facts(self) -> Facts:
        summary = self._ending.summary
        outcome = self._ending.outcome()
        lost = () if self._planning else self._gone  # the run ended before the new one was made
        for urn in lost:
            self._builder.amend_change(f"replace {urn}", "delete-replaced")
        if outcome is not Outcome.SUCCEEDED:
            for urn, lines in self._context.items():
                self._builder.add_context(urn, "\n".join(lines))
        if outcome is Outcome.FAILED and not self._ending.errors:
            # A language host may print its error and say nothing to the engine (shipped YAML host).
            for urn, lines in self._context.items():
                self._builder.add_error(f"printed {urn}", "\n".join(lines), Named())
        elif outcome is Outcome.SUCCEEDED:
            self._builder.forgive()
        counts = summary.changes if summary else None
        duration = summary.duration_s if summary else None
        if duration is None and self._first is not None and self._last is not None:
            duration = max(0.0, self._last - self._first)
        return self._builder.build(
            outcome=outcome,
            kind=self._kind.kind(
                counts or self._ops,
                outcome,
                is_preview=self._planning or bool(summary and summary.is_preview),
                is_summed=summary is not None,
            ),
            is_running=not self._ended and summary is None,
            is_incomplete=self._incomplete,
            stack=self._stack,
            duration_s=duration,
            started_at=self._first,
            counts=counts if counts is not None else (self._ops or None),
            plans=(self._plan.digest(),),
            outputs=self._stack_outputs,
        )
