"""One step of the digest of `pulumi preview --json`: what it does to which properties.

Its states have the form of the engine's events; its detailed diff has numbers for kinds (shipped client:
`plugin.PropertyDiff`, marshalled as an integer).
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from upshot.evidence.console.diffs import KnownDiff
from upshot.evidence.properties.changes import Detail, StepStates, find_changes, read_state
from upshot.model.operations import operation_of

_KINDS: Final = ("add", "add-replace", "delete", "delete-replace", "update", "update-replace")


class StepRead(Struct, frozen=True):
    op: str
    urn: str
    diff: KnownDiff


class _Detail(Struct, rename="camel"):
    kind: int | str = ""
    input_diff: bool = False


class _Step(Struct, rename="camel"):
    op: str = ""
    urn: str = ""
    old_state: msgspec.Raw = msgspec.Raw()
    new_state: msgspec.Raw = msgspec.Raw()
    detailed_diff: dict[str, _Detail] | None = None
    replace_reasons: list[str] | None = None


def read_step(text: msgspec.Raw | bytes) -> StepRead | None:
    """The step of this JSON object; None for one that changes no property.

    Raises msgspec.MsgspecError, UnicodeDecodeError or RecursionError for one that cannot be read.
    """
    step = msgspec.json.decode(text, type=_Step, strict=False)
    if not operation_of(step.op).changes:
        return None
    details: dict[str, Detail | None] = {
        path: Detail(_word_of(detail.kind), detail.input_diff)
        for path, detail in (step.detailed_diff or {}).items()
    }
    states = StepStates(
        read_state(step.old_state),
        read_state(step.new_state),
        details,
        tuple(step.replace_reasons or ()),
    )
    changes, omitted = find_changes(step.op, states)
    return StepRead(step.op, step.urn, KnownDiff(list(changes), omitted)) if changes else None


def _word_of(kind: int | str) -> str:
    if isinstance(kind, str):
        return kind
    return _KINDS[kind] if 0 <= kind < len(_KINDS) else ""
