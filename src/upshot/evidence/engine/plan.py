"""The digest of what a run would do: its steps and its policy results, without values and times.

Two runs of the same preview have the same digest, in any order of their steps and from any source
of the events. It is taken from the events before anything is redacted or left
out, since what a redactor or a limit makes equal must not become one plan (threat T61).
Source of the fields: service description (`StepEventMetadata`: `op`, `urn`, `keys`, `diffs`,
`detailedDiff`; `PolicyEvent`).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any, Final

import msgspec
from msgspec import Struct

from upshot.evidence.engine.events import Policy, Step
from upshot.lenient import decoder_of
from upshot.model.operations import operation_of

MAX_PLAN_STEPS: Final = 10_000
"""Steps and policy results of one run; more of them are not reviewed by people, and memory is bounded."""
UNKNOWN_PLAN: Final = b""
_DOMAIN: Final = b"upshot plan 1\n"


class PlanTrace:
    """Takes the steps of one run as they are read; `digest`, called last, gives the plan's digest."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._is_unknown = False

    def add_step(self, step: Step) -> None:
        """A step that is planned or was done; the same one again, and one without change, add nothing."""
        if self._is_unknown or not operation_of(step.op).changes:
            return
        if not step.urn:
            self.spoil()
            return
        try:
            keys = _texts().decode(step.keys) if step.keys else None
            paths = _paths().decode(step.detailed) if step.detailed else None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.spoil()
            return
        kinds = {path: diff.kind if diff else "" for path, diff in (paths or {}).items()}
        self._add(
            "step",
            step.op,
            step.urn,
            sorted(keys or ()),
            sorted(step.diffs or ()),
            sorted(kinds.items()),
        )

    def add_policy(self, said: Policy, *, is_remediation: bool = False) -> None:
        """A policy's result for one resource, by name; its message may hold values and is left out."""
        level = "remediate" if is_remediation else said.enforcement_level
        self._add("policy", said.policy_pack_name, said.policy_name, level, said.resource_urn)

    def spoil(self) -> None:
        """Something of the plan cannot be read: the plan is unknown."""
        self._is_unknown = True
        self._seen.clear()

    def digest(self) -> bytes:
        """SHA-256 of the plan, 32 bytes; empty when the plan is unknown or has too many steps."""
        if self._is_unknown:
            return UNKNOWN_PLAN
        return sha256(_DOMAIN + b"".join(sorted(self._seen))).digest()

    def _add(self, *words: Any) -> None:
        if self._is_unknown:
            return
        self._seen.add(sha256(msgspec.json.encode(words)).digest())
        if len(self._seen) > MAX_PLAN_STEPS:
            self.spoil()


class _PropertyDiff(Struct):
    """One entry of `detailedDiff`; whether inputs or outputs were compared is no part of the plan."""

    kind: str = msgspec.field(default="", name="diffKind")


@cache
def _texts() -> msgspec.json.Decoder[list[str] | None]:
    return decoder_of(list[str] | None)


@cache
def _paths() -> msgspec.json.Decoder[dict[str, _PropertyDiff | None] | None]:
    return decoder_of(dict[str, _PropertyDiff | None] | None)
