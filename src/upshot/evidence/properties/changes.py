"""The properties that a step changes, from the old and the new state in its event.

As the engine's own display reads them (shipped client, `TranslateDetailedDiff`): old values of a
detailed diff are outputs, or inputs where it says so; new ones are inputs. Without a detailed diff,
old and new inputs are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from upshot.evidence.properties.paths import MISSING, Steps, look_up, parse_path, write_path
from upshot.evidence.properties.shown import is_secret_name, is_whole, show
from upshot.evidence.urn import STACK_TYPE
from upshot.lenient import decoder_of
from upshot.model import Meaning, PropertyChange
from upshot.model import PropertyChangeKind as Kind
from upshot.model.operations import operation_of

MAX_PROPERTIES: Final = 50
"""Of one resource; more are counted."""
_MAX_PATH: Final = 300
_MAX_URN: Final = 2_000
_DEEPEST: Final = 24


class State(Struct):
    """Of `StepEventStateMetadata`: what is compared."""

    inputs: Any = None
    outputs: Any = None
    protect: bool = False
    delete: bool = False
    retain: bool = msgspec.field(default=False, name="retainOnDelete")
    parent: Any = ""

    @property
    def component(self) -> str:
        """URN of the component that it belongs to; empty for one of the stack itself."""
        found = self.parent if isinstance(self.parent, str) else ""
        return "" if f"::{STACK_TYPE}::" in found else found[:_MAX_URN]


class Detail(Struct):
    """One entry of `detailedDiff`."""

    kind: str = msgspec.field(default="", name="diffKind")
    is_input: bool = msgspec.field(default=False, name="inputDiff")


class StepStates(Struct, frozen=True):
    """What one event says about a resource before and after a step."""

    old: State
    new: State
    detailed: dict[str, Detail | None]
    keys: tuple[str, ...] = ()
    """Properties that make it a replacement."""


def is_retained(raw: msgspec.Raw | bytes) -> bool:
    """Whether a state's resource stays in the cloud when it is deleted; few do, so few are decoded."""
    return b'"retainOnDelete"' in bytes(raw) and read_state(raw).retain


def is_left(raw: msgspec.Raw | bytes) -> bool:
    """Whether a state's resource is only left to be deleted, its replacement being there."""
    return b'"delete"' in bytes(raw) and read_state(raw).delete


def read_state(raw: msgspec.Raw | bytes) -> State:
    """A state; empty for one that is missing or of another form."""
    if not raw:
        return State()
    try:
        return _states().decode(raw) or State()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return State()


def read_details(raw: msgspec.Raw | bytes) -> dict[str, Detail | None]:
    """A detailed diff; empty for one that is missing or of another form."""
    if not raw:
        return {}
    try:
        return _details().decode(raw) or {}
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}


def read_keys(raw: msgspec.Raw | bytes) -> tuple[str, ...]:
    if not raw:
        return ()
    try:
        return tuple(_texts().decode(raw) or ())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ()


@cache
def _states() -> msgspec.json.Decoder[State | None]:
    return decoder_of(State | None, strict=False)


@cache
def _details() -> msgspec.json.Decoder[dict[str, Detail | None] | None]:
    return decoder_of(dict[str, Detail | None] | None, strict=False)


@cache
def _texts() -> msgspec.json.Decoder[list[str] | None]:
    return decoder_of(list[str] | None)


def find_changes(operation: str, states: StepStates) -> tuple[tuple[PropertyChange, ...], int]:
    """The properties that change, replacing ones first, and how many more there are.

    `operation` is the step's op, or `refresh` for what a refresh found.
    """
    step = operation_of(operation)
    if operation == "delete-replaced":
        return (), 0  # the step that makes the new one has the difference
    if step.means is Meaning.DELETE:
        found = _of_object(states.old, Kind.DELETE)
    elif operation != "refresh" and not _has(states.old):
        found = _of_object(states.new, Kind.ADD)
    elif states.detailed:
        found = _detailed(states, is_refresh=operation == "refresh")
    else:
        found = _compared(states, is_refresh=operation == "refresh")
    changes: list[PropertyChange] = []
    omitted = 0
    for change in found:
        if len(changes) < MAX_PROPERTIES:
            changes.append(change)
        else:
            omitted += 1
    changes.sort(key=lambda change: not change.replaces)
    return tuple(changes), omitted


def _has(state: State) -> bool:
    return bool(state.inputs) or bool(state.outputs)


def _of_object(state: State, kind: Kind) -> Iterator[PropertyChange]:
    """Every input of a resource that is made or deleted."""
    if not isinstance(state.inputs, dict):
        return
    for name, value in state.inputs.items():
        if not name.startswith("__"):
            yield _change((name,), kind, value, value, replaces=False)


def _detailed(states: StepStates, *, is_refresh: bool) -> Iterator[PropertyChange]:
    for path, detail in states.detailed.items():
        steps = parse_path(path[:_MAX_PATH])
        word = detail.kind if detail else ""
        kind = Kind.ADD if word.startswith("add") else Kind.UPDATE
        kind = Kind.DELETE if word.startswith("delete") else kind
        sources = (states.old.outputs, states.old.inputs)
        old = _first(steps, sources[:: -1 if detail and detail.is_input else 1])
        news = (states.new.outputs, states.new.inputs)
        new = _first(steps, news if is_refresh else news[::-1])
        if kind is Kind.UPDATE and MISSING in (old, new) and old is not new:
            kind = Kind.ADD if old is MISSING else Kind.DELETE
        replaces = word.endswith("-replace") or path in states.keys
        yield _change(steps, kind, old, new, replaces=replaces)


def _first(steps: Steps, sources: tuple[Any, ...]) -> Any:
    found = (look_up(source, steps, is_whole) for source in sources)
    return next((value for value in found if value is not MISSING), MISSING)


def _compared(states: StepStates, *, is_refresh: bool) -> Iterator[PropertyChange]:
    if is_refresh and (states.old.outputs or states.new.outputs):
        old, new = states.old.outputs, states.new.outputs
    else:
        old, new = states.old.inputs, states.new.inputs
    if isinstance(old, dict) and isinstance(new, dict):
        yield from compare(old, new, (), states.keys)


def compare(
    old: Any, new: Any, steps: Steps = (), keys: tuple[str, ...] = ()
) -> Iterator[PropertyChange]:
    """Every place at which two values differ, as deep as both are lists or objects."""
    if old == new:
        return
    whole = is_whole(old) or is_whole(new) or len(steps) >= _DEEPEST
    if not whole and isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            if not name.startswith("__"):
                one, other = old.get(name, MISSING), new.get(name, MISSING)
                yield from compare(one, other, (*steps, name), keys)
        return
    if not whole and isinstance(old, list) and isinstance(new, list):
        for at in range(max(len(old), len(new))):
            one = old[at] if at < len(old) else MISSING
            other = new[at] if at < len(new) else MISSING
            yield from compare(one, other, (*steps, at), keys)
        return
    kind = Kind.ADD if old is MISSING else Kind.DELETE if new is MISSING else Kind.UPDATE
    yield _change(steps, kind, old, new, replaces=bool(steps) and steps[0] in keys)


def _change(steps: Steps, kind: Kind, old: Any, new: Any, *, replaces: bool) -> PropertyChange:
    name = next((step for step in steps if is_secret_name(step)), "")
    return PropertyChange(
        path=write_path(steps)[:_MAX_PATH],
        kind=kind,
        old="" if kind is Kind.ADD or old is MISSING else show(old, name),
        new="" if kind is Kind.DELETE or new is MISSING else show(new, name),
        replaces=replaces,
    )
