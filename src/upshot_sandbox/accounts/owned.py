"""What an organization owns, and the entities of the wire for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct, field

from upshot_sandbox.accounts.plan import OwnedPlan

_FIELDS: Final = {
    "TransferEntityStack": ("projectName", "stackName"),
    "TransferEntityEnvironment": ("projectName", "environmentName"),
    "TransferEntityInsightsAccount": ("name",),
    "TransferEntityRegistryPackage": ("source", "publisher", "name"),
}
STACK: Final = "TransferEntityStack"
INSIGHTS: Final = "TransferEntityInsightsAccount"
Identity = tuple[str, ...]
"""Kind, then what identifies an entity of that kind, its bare name last."""


class Owned(Struct):
    """Changed by claims and by stacks that agents create."""

    known: dict[Identity, dict[str, Any]] = field(default_factory=dict)
    """Each entity, and what the service says of it besides."""
    others: list[dict[str, Any]] = field(default_factory=list)

    def entities(self) -> list[dict[str, Any]]:
        return [show(one, more) for one, more in self.known.items()] + self.others


def from_plan(plan: OwnedPlan, *, updated_at: str) -> Owned:
    """The stacks have 7 resources each."""
    owned = Owned(others=[dict(other) for other in plan.others])
    for identity in _identities(plan):
        is_stack = identity[0] == STACK
        owned.known[identity] = {"lastUpdate": updated_at, "resourceCount": 7} if is_stack else {}
    return owned


def show(identity: Identity, more: dict[str, Any] | None = None) -> dict[str, Any]:
    """An entity of the wire."""
    kind, *parts = identity
    return {"kind": kind, **dict(zip(_FIELDS[kind], parts, strict=True)), **(more or {})}


def identity_of(entity: Any) -> Identity | None:
    """Of an entity that a client sent; None for one that is not well-formed."""
    if not isinstance(entity, dict):
        return None
    kind = entity.get("kind")
    names = _FIELDS.get(kind) if isinstance(kind, str) else None
    if not names or not all(isinstance(entity.get(name), str) for name in names):
        return None
    return (str(kind), *(str(entity[name]) for name in names))


def _identities(plan: OwnedPlan) -> Iterator[Identity]:
    for kind, listed in (
        (STACK, plan.stacks),
        ("TransferEntityEnvironment", plan.environments),
        (INSIGHTS, plan.insights),
        ("TransferEntityRegistryPackage", plan.packages),
    ):
        for text in listed:
            identity = (kind, *text.split("/"))
            if len(identity) != len(_FIELDS[kind]) + 1:
                raise ValueError(f"{text!r} is no {kind}")
            yield identity
