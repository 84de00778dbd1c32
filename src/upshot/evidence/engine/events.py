"""The shapes of engine events, as `--event-log` files and Pulumi Cloud's event pages hold them.

Both spellings of an event are read: with `type` and without `sequence` (service description), and
the other way round (shipped client). Only the fields that facts need are decoded. Must not know
what an event means.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from upshot.lenient import decoder_of

MAX_NEEDS: Final = 200
"""URNs kept of what one failed resource needs."""


class Step(Struct, gc=False):
    """`StepEventMetadata`, without inputs and outputs."""

    op: str = ""
    urn: str = ""
    diffs: list[str] | None = None
    keys: msgspec.Raw = field(default_factory=msgspec.Raw)
    """Properties that make it a replacement; read for the plan only, so of any form here."""
    detailed: msgspec.Raw = field(default_factory=msgspec.Raw, name="detailedDiff")
    """Property path -> how it differs; as `keys`."""


class Change(Step, gc=False):
    """`StepEventMetadata` of a finished step."""

    type: str = ""
    old: msgspec.Raw = field(default_factory=msgspec.Raw)
    """`StepEventStateMetadata` before the step, read for the changes that are kept, so of any form
    here."""
    new: msgspec.Raw = field(default_factory=msgspec.Raw)
    """The same after the step."""


class Done(Struct, gc=False):
    """`resOutputsEvent`."""

    metadata: Change | None = None
    planning: bool = False


class Begun(Struct, gc=False):
    """`resourcePreEvent`: a step begins. Of some steps, this is the only event: a component that
    registers no outputs never ends.
    """

    metadata: Step | None = None
    planning: bool = False


class State(Struct):
    """`StepEventStateMetadata` of a failed step; dependencies are spelled as in checkpoints."""

    init_errors: list[str] | None = field(default=None, name="initErrors")
    parent: Any = ""
    provider: Any = ""
    dependencies: Any = None
    property_dependencies: Any = field(default=None, name="propertyDependencies")

    def needs(self) -> tuple[str, ...]:
        """URNs of what must exist before it; a provider's reference ends with `::` and its id."""
        by_property = self.property_dependencies
        lists = [
            self.dependencies,
            *(by_property.values() if isinstance(by_property, dict) else ()),
        ]
        provider = self.provider.rpartition("::")[0] if isinstance(self.provider, str) else ""
        found = [
            self.parent,
            provider,
            *(urn for some in lists if isinstance(some, list) for urn in some),
        ]
        return tuple(urn for urn in found[:MAX_NEEDS] if urn and isinstance(urn, str))


class FailedStep(Struct):
    op: str = ""
    urn: str = ""
    old: State | None = None
    new: State | None = None


class StepFailure(Struct):
    """`resOpFailedEvent`."""

    metadata: FailedStep | None = None


class Diagnostic(Struct, gc=False):
    message: str = ""
    urn: str = ""
    severity: str = ""
    ephemeral: bool = False


class Policy(Struct):
    message: str = ""
    resource_urn: str = field(default="", name="resourceUrn")
    policy_name: str = field(default="", name="policyName")
    policy_pack_name: str = field(default="", name="policyPackName")
    enforcement_level: str = field(default="", name="enforcementLevel")
    severity: str = ""


class Summary(Struct):
    duration_s: float | None = field(default=None, name="durationSeconds")
    changes: dict[str, int] | None = field(default=None, name="resourceChanges")
    is_preview: bool = field(default=False, name="isPreview")
    result: str = ""


class Stdout(Struct, gc=False):
    """`stdoutEvent`: a line that only the CLI itself writes."""

    message: str = ""


class Failed(Struct):
    """`errorEvent`: the engine's own failure."""

    error: str = ""


class Prelude(Struct, gc=False):
    """`preludeEvent`: a run begins; its configuration is not read, since it may hold secrets."""


class Event(Struct, gc=False):
    """`EngineEvent`: exactly one payload is set; other kinds are ignored."""

    kind: str = field(default="", name="type")
    timestamp: float | None = None
    resource_pre: Begun | None = field(default=None, name="resourcePreEvent")
    res_outputs: Done | None = field(default=None, name="resOutputsEvent")
    res_failed: StepFailure | None = field(default=None, name="resOpFailedEvent")
    diagnostic: Diagnostic | None = field(default=None, name="diagnosticEvent")
    policy: Policy | None = field(default=None, name="policyEvent")
    remediation: Policy | None = field(default=None, name="policyRemediationEvent")
    summary: Summary | None = field(default=None, name="summaryEvent")
    prelude: Prelude | None = field(default=None, name="preludeEvent")
    cancel: Any = field(default=None, name="cancelEvent")
    failed: Failed | None = field(default=None, name="errorEvent")
    stdout: Stdout | None = field(default=None, name="stdoutEvent")
    is_partial: bool = False
    """A part of a step or of a policy result could not be read."""


_PLANNED: Final = frozenset({"resource_pre", "res_outputs", "policy", "remediation"})


@cache
def _decoder() -> msgspec.json.Decoder[Event]:
    return decoder_of(Event, strict=False)


@cache
def _event_fields() -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(Event)


def decode_event(line: bytes) -> Event | None:
    """The event that one line holds as JSON; None for a line that is no JSON object.

    Unknown kinds and fields are ignored, and so is a field of an unknown form. Never raises, whatever
    the bytes are.
    """
    try:
        return _decoder().decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _salvage(line)


def _salvage(line: bytes) -> Event | None:
    """The event without its fields of an unknown form."""
    try:
        fields = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    event = Event()
    for info in _event_fields():
        raw = fields.get(info.encode_name)
        if raw is None:
            continue
        try:
            setattr(event, info.name, msgspec.json.decode(raw, type=info.type, strict=False))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            event.is_partial = event.is_partial or info.name in _PLANNED
            _set_fitting(event, info.name, raw, info.type)
    return event


def _set_fitting(event: Event, name: str, raw: msgspec.Raw, kind: Any) -> None:
    try:
        payload = msgspec.json.decode(raw)
        if isinstance(payload, dict):
            setattr(event, name, _fitting(payload, kind))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return


def _fitting(payload: dict[str, Any], kind: Any) -> Any:
    """The payload without the fields that do not have the expected form."""
    good: dict[str, Any] = {}
    for key, value in payload.items():
        try:
            msgspec.convert({key: value}, type=kind, strict=False)
        except msgspec.ValidationError:
            continue
        good[key] = value
    return msgspec.convert(good, type=kind, strict=False)
