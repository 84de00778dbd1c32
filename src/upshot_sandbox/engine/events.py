"""From an update's plan to the events that Pulumi's engine would have sent.

Shapes: service description and shipped client (`apitype.EngineEvent`). Messages carry colour tags
(`<{%reset%}>`) as real ones do, and a program's error arrives as `info#err`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from upshot_sandbox.scenario import CloudPlan, DiagnosticPlan, StepPlan, UpdatePlan

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDERS: Final = "pulumi:providers:"
_RESET: Final = "<{%reset%}>"
_REPLACE: Final = ("create-replacement", "replace", "delete-replaced")
_BRIDGED: Final = ("aws:", "gcp:", "azure:")
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What a preview says for an id that is not known yet (`plugin.UnknownStringValue`)."""
_PROVIDER_ID: Final = "5f2b6f0d-5c8e-4d7a-9a51-3c1d0e8b7a64"
_NOT_COUNTED: Final = frozenset({"create-replacement", "delete-replaced"})


class Engine:
    """The events of one update, in the engine's order."""

    def __init__(self, cloud: CloudPlan, plan: UpdatePlan) -> None:
        self.cloud = cloud
        self.plan = plan
        self.stack_name = f"{cloud.project}-{cloud.stack}"
        self.steps = tuple(self._expanded())
        self._by_name = {step.name: step for step in self.steps}

    def _expanded(self) -> Iterator[StepPlan]:
        if not any(step.type == STACK_TYPE for step in self.plan.steps):
            yield StepPlan(op="same", type=STACK_TYPE, name=self.stack_name, takes_s=0)
        for step in self.plan.steps:
            if step.count == 1:
                yield step
            for n in range(1, step.count + 1) if step.count > 1 else ():
                yield msgspec.structs.replace(
                    step, name=f"{step.name}-{n}", id=f"{step.id}-{n}" if step.id else "", count=1
                )

    @property
    def duration_s(self) -> int:
        return sum(step.takes_s for step in self.steps)

    def urn(self, name: str) -> str:
        """The URN of the resource of that name; the stack's for an empty one."""
        step = self._by_name[name or self.stack_name]
        chain, at = step.type, step
        while at.parent:
            at = self._by_name[at.parent]
            chain = f"{at.type}${chain}"
        return f"urn:pulumi:{self.cloud.stack}::{self.cloud.project}::{chain}::{step.name}"

    def provider(self, type_: str) -> str:
        """The reference of the default provider for a type: its URN and its id."""
        package = type_.split(":", 1)[0]
        made = f"urn:pulumi:{self.cloud.stack}::{self.cloud.project}::{PROVIDERS}{package}"
        return f"{made}::default_7_9_0::{_UNKNOWN if self.plan.is_preview else _PROVIDER_ID}"

    def events(self, started_at: float) -> list[dict[str, Any]]:
        """As Pulumi Cloud lists them: `timestamp`, `type` and the payload under the type's name."""
        at = started_at
        listed = [_event(at, "preludeEvent", {"config": dict(self.plan.config)})]
        for step in self.steps:
            listed += self._step(step, at)
            at += step.takes_s
        if self.plan.outputs or self.plan.outputs_were:
            listed.append(_event(at, "resOutputsEvent", self._stack_outputs()))
        listed += [_event(at, "policyEvent", payload) for payload in self._policies()]
        listed += [self._diagnostic(at, diagnostic) for diagnostic in self.plan.diagnostics]
        if self.plan.result == "failed":
            word = "preview" if self.plan.is_preview else "update"
            listed.append(self._diagnostic(at, DiagnosticPlan(message=f"{word} failed")))
        if self.plan.result != "in-progress":
            listed.append(_event(at, "summaryEvent", self._summary()))
        return listed

    def event_log(self, started_at: float) -> Iterator[dict[str, Any]]:
        """As `--event-log` writes them: with `sequence`, without `type`."""
        for sequence, event in enumerate(self.events(started_at)):
            payload = {name: value for name, value in event.items() if name != "type"}
            yield {"sequence": sequence} | payload

    def counts(self) -> dict[str, int]:
        """Op -> number of resources that were, or would be, changed so."""
        counted: dict[str, int] = {}
        for step in self.steps:
            if not step.fails:
                counted[step.op] = counted.get(step.op, 0) + 1
        return counted

    def _step(self, step: StepPlan, at: float) -> Iterator[dict[str, Any]]:
        for op in _REPLACE if step.op == "replace" else (step.op,):
            meta = self._metadata(step, op)
            planning = self.plan.is_preview
            begun = meta | {"op": "refresh"} if self._refreshes else meta
            yield _event(at, "resourcePreEvent", {"metadata": begun, "planning": planning})
            if step.warning and op not in _NOT_COUNTED:
                yield self._diagnostic(
                    at, DiagnosticPlan(message=step.warning, severity="warning", resource=step.name)
                )
            if step.fails:
                for message in errors_of(step):
                    diagnostic = DiagnosticPlan(message=message, resource=step.name)
                    yield self._diagnostic(at + step.takes_s, diagnostic)
                failed = {"metadata": meta, "status": 0, "steps": 0}
                yield _event(at + step.takes_s, "resOpFailedEvent", failed)
                return
            running = self.plan.result == "in-progress" and step is self.steps[-1]
            if not running:
                done = {"metadata": meta, "planning": planning}
                yield _event(at + step.takes_s, "resOutputsEvent", done)

    def _stack_outputs(self) -> dict[str, Any]:
        """The stack's second event: its outputs are registered at the program's end."""
        meta = self._metadata(self._by_name[self.stack_name], "same")
        for state, outputs in (("old", self.plan.outputs_were), ("new", self.plan.outputs)):
            meta[state] = {**meta[state], "outputs": dict(outputs)}
        return {"metadata": meta, "planning": self.plan.is_preview}

    @property
    def _refreshes(self) -> bool:
        """A refresh begins each step as one, and says at its end what it found [shipped engine]."""
        return self.plan.kind == "refresh" or self.plan.refreshes

    def _metadata(self, step: StepPlan, op: str) -> dict[str, Any]:
        has_old = step.op not in {"create", "import", "read"}
        has_new = step.op != "delete"
        detailed = {
            name: {"diffKind": _diff_kind(step, name), "inputDiff": True} for name in step.diffs
        }
        absent = None if self.plan.nulls else _no_state(self.urn(step.name), step.type)
        return {
            "op": op,
            "urn": self.urn(step.name),
            "type": step.type,
            "old": self._state(step, _inputs_before(step)) if has_old else absent,
            "new": self._state(step, step.inputs) if has_new else absent,
            "keys": list(step.diffs) if step.op == "replace" else [],
            "diffs": list(step.diffs),
            "detailedDiff": detailed or (None if self.plan.nulls else {}),
            "logical": True,
            "provider": "" if step.type == STACK_TYPE else self.provider(step.type),
        }

    def _state(self, step: StepPlan, inputs: dict[str, Any]) -> dict[str, Any]:
        parent = "" if step.type == STACK_TYPE else self.urn(step.parent)
        return {
            "type": step.type,
            "urn": self.urn(step.name),
            "custom": step.type != STACK_TYPE,
            "id": step.id or ("" if step.type == STACK_TYPE else f"{step.name}-1a2b3c4"),
            "parent": parent,
            "protect": step.protect,
            "inputs": dict(inputs),
            "outputs": {} if step.fails else dict(inputs),
            "provider": "",
        }

    def _diagnostic(self, at: float, plan: DiagnosticPlan) -> dict[str, Any]:
        words = {"error": "error: ", "warning": "warning: "}
        return _event(
            at,
            "diagnosticEvent",
            {
                "urn": self.urn(plan.resource),
                "prefix": f"<{{%fg 1%}}>{words[plan.severity]}{_RESET}"
                if plan.severity in words
                else "",
                "message": f"{_RESET}{plan.message}{_RESET}\n",
                "color": "raw",
                "severity": plan.severity,
                "streamID": 0,
            },
        )

    def _policies(self) -> Iterator[dict[str, Any]]:
        for violation in self.plan.policies:
            yield {
                "resourceUrn": self.urn(violation.resource),
                "message": f"{_RESET}{violation.message}{_RESET}",
                "color": "raw",
                "policyName": violation.policy,
                "policyPackName": violation.pack,
                "policyPackVersion": "1.4.0",
                "policyPackVersionTag": "1.4.0",
                "enforcementLevel": violation.enforcement,
                "severity": violation.severity,
            }

    def _summary(self) -> dict[str, Any]:
        return {
            "maybeCorrupt": False,
            "durationSeconds": self.duration_s,
            "resourceChanges": self.counts(),
            "PolicyPacks": {},
            "isPreview": self.plan.is_preview,
            "result": self.plan.result,
        }


def errors_of(step: StepPlan) -> tuple[str, ...]:
    """The messages of a failed step. Bridged providers say it twice: once in the form of their own
    log, once as the engine's list.
    """
    if not step.type.startswith(_BRIDGED):
        return (step.fails,)
    package = step.type.split(":", 1)[0]
    first = f"  sdk-v2/provider2.go:572: sdk.helper_schema: {step.fails}: provider={package}@7.9.0"
    return first, f"1 error occurred:\n\t* {step.fails}\n"


def _event(at: float, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"timestamp": int(at), "type": kind, kind: payload}


def _no_state(urn: str, type_: str) -> dict[str, Any]:
    """What stands for a state that is not there, where null is not sent."""
    empty = {"id": "", "parent": "", "inputs": {}, "outputs": {}, "provider": ""}
    return {"type": type_, "urn": urn, **empty}


def _inputs_before(step: StepPlan) -> dict[str, Any]:
    kept = {name: value for name, value in step.inputs.items() if name not in step.diffs}
    return kept | step.was


def _diff_kind(step: StepPlan, name: str) -> str:
    kind = "update"
    if name in step.inputs and name not in step.was:
        kind = "add"
    elif name in step.was and name not in step.inputs:
        kind = "delete"
    return f"{kind}-replace" if step.op == "replace" else kind
