"""What an agent account owns and a claim moves: typed entities, and what a claim renames them to.

Pure. On the wire an entity is an object with a `kind` (service description of October 2026):
`TransferEntityStack{projectName, stackName, lastUpdate?, resourceCount?}`,
`TransferEntityEnvironment{projectName, environmentName}`, `TransferEntityInsightsAccount{name}`,
`TransferEntityRegistryPackage{source, publisher, name}`; each also as `<kind>Rename{…, renameAs}`. A
kind that is not among them is kept as it came, so that nothing of a claim is ever left out.

Each type has `noun` (what reports call it), `kind` (on the wire), `name` (without project, source or
publisher), `key` (how `claim-renames` names it; empty when it cannot be renamed) and `fields()` (what
identifies it on the wire, without `kind`). All texts are the service's, untrusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import replace

from upshot.lenient import as_dict, as_int, as_text

_RENAME = "Rename"


class Stack(Struct, frozen=True):
    noun: ClassVar[str] = "stack"
    kind: ClassVar[str] = "TransferEntityStack"
    project: str
    name: str
    last_update: str = ""
    """RFC 3339, as sent; empty when unknown."""
    resource_count: int | None = None

    @property
    def key(self) -> str:
        return f"{self.project}/{self.name}"

    def fields(self) -> dict[str, Any]:
        return {"projectName": self.project, "stackName": self.name}


class Environment(Struct, frozen=True):
    noun: ClassVar[str] = "environment"
    kind: ClassVar[str] = "TransferEntityEnvironment"
    project: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.project}/{self.name}"

    def fields(self) -> dict[str, Any]:
        return {"projectName": self.project, "environmentName": self.name}


class InsightsAccount(Struct, frozen=True):
    noun: ClassVar[str] = "Insights account"
    kind: ClassVar[str] = "TransferEntityInsightsAccount"
    name: str

    @property
    def key(self) -> str:
        return self.name

    def fields(self) -> dict[str, Any]:
        return {"name": self.name}


class RegistryPackage(Struct, frozen=True):
    noun: ClassVar[str] = "package"
    kind: ClassVar[str] = "TransferEntityRegistryPackage"
    source: str
    publisher: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.source}/{self.publisher}/{self.name}"

    def fields(self) -> dict[str, Any]:
        return {"source": self.source, "publisher": self.publisher, "name": self.name}


class UnknownEntity(Struct, frozen=True):
    """Of a kind that this version does not know, or without the fields of its kind."""

    noun: ClassVar[str] = "entity of another kind"
    kind: ClassVar[str] = ""
    name: str
    """Its `kind` as sent, or empty."""
    raw: dict[str, Any]
    """As sent."""

    @property
    def key(self) -> str:
        return ""

    def fields(self) -> dict[str, Any]:
        return self.raw


Known = Stack | Environment | InsightsAccount | RegistryPackage
Entity = Known | UnknownEntity


class Renamed(Struct, frozen=True):
    """An entity, and what a claim calls it afterwards: another one of the same kind."""

    entity: Known
    rename_as: Known


def parse_entity(raw: object) -> Entity | Renamed:
    """One entity of the wire, with its new name where it comes with one. Never fails."""
    record = as_dict(raw)
    kind = as_text(record.get("kind"))
    entity = _parse_plain(kind.removesuffix(_RENAME), record)
    if kind.endswith(_RENAME) and not isinstance(entity, UnknownEntity):
        renamed = _parse_plain(kind.removesuffix(_RENAME), as_dict(record.get("renameAs")))
        if not isinstance(renamed, UnknownEntity):
            return Renamed(entity, renamed)
    if kind.endswith(_RENAME):
        return UnknownEntity(kind, record)
    return entity


def parse_owned(raw: object) -> Entity:
    """As `parse_entity`, the entity under the name that it has before the claim."""
    found = parse_entity(raw)
    return found.entity if isinstance(found, Renamed) else found


def build_entity(entity: Entity) -> dict[str, Any]:
    """The entity on the wire, without what only the service says of it."""
    return {"kind": entity.kind, **entity.fields()} if entity.kind else dict(entity.fields())


def build_rename(renamed: Renamed) -> dict[str, Any]:
    """One element of `conflictsResolution`."""
    entity = renamed.entity
    return {
        "kind": entity.kind + _RENAME,
        **entity.fields(),
        "renameAs": build_entity(renamed.rename_as),
    }


def rename(entity: Known, name: str) -> Renamed:
    """The same entity with another bare name."""
    if isinstance(entity, Stack):
        return Renamed(entity, Stack(entity.project, name))
    return Renamed(entity, replace(entity, name=name))


def _parse_plain(kind: str, record: Mapping[str, Any]) -> Entity:
    texts = {name: as_text(record.get(name)) for name in _FIELDS.get(kind, ())}
    if not texts or not all(texts.values()):
        return UnknownEntity(as_text(record.get("kind")), dict(record))
    match kind:
        case Stack.kind:
            return Stack(
                texts["projectName"],
                texts["stackName"],
                last_update=as_text(record.get("lastUpdate")),
                resource_count=as_int(record.get("resourceCount")),
            )
        case Environment.kind:
            return Environment(texts["projectName"], texts["environmentName"])
        case InsightsAccount.kind:
            return InsightsAccount(texts["name"])
    return RegistryPackage(texts["source"], texts["publisher"], texts["name"])


_FIELDS = {
    Stack.kind: ("projectName", "stackName"),
    Environment.kind: ("projectName", "environmentName"),
    InsightsAccount.kind: ("name",),
    RegistryPackage.kind: ("source", "publisher", "name"),
}
