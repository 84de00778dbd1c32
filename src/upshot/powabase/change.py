"""What differs between two graphs, and the way back. Pure.

A `Change` holds only what differs, so that it can be shown as it is and undone without the graph
that was there before.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from msgspec import Struct

from upshot.powabase.canonical import digest_json
from upshot.powabase.findings import Code, Finding, InvalidWorkflow, shown
from upshot.powabase.graph import Block, Edge, Graph, build_graph, plain_edge, to_wire

_BLOCK_FIELDS: Final = ("type", "name", "position", "enabled")


class Property(Struct, frozen=True):
    """One field of a block that differs. Absent is not the same as null."""

    path: str
    """`name`, `position`, `config.system_prompt`; only the first level of a config."""
    before: Any
    after: Any
    was_there: bool = True
    is_there: bool = True


class BlockChange(Struct, frozen=True):
    """A block that is there before and after, and differs."""

    before: Block
    after: Block

    @property
    def properties(self) -> tuple[Property, ...]:
        """What differs, in a stable order."""
        return tuple(_properties(self.before, self.after))


class Change(Struct, frozen=True):
    """From one graph to another. Edges are those that came and went, ids and all."""

    added: tuple[Block, ...] = ()
    removed: tuple[Block, ...] = ()
    updated: tuple[BlockChange, ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    version: tuple[int, int] = (0, 0)

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        """The output `workflow-changes`."""
        return {
            "blocks-added": len(self.added),
            "blocks-updated": len(self.updated),
            "blocks-removed": len(self.removed),
            "edges-added": len(self.edges_added),
            "edges-removed": len(self.edges_removed),
        }


def compare(before: Graph, after: Graph) -> Change:
    """What must be done to `before` to get `after`."""
    old, new = before.by_id(), after.by_id()
    gone, came = Counter(map(_key, before.edges)), Counter(map(_key, after.edges))
    return Change(
        added=tuple(block for block in after.blocks if block.id not in old),
        removed=tuple(block for block in before.blocks if block.id not in new),
        updated=tuple(
            BlockChange(old[block.id], block)
            for block in after.blocks
            if block.id in old and not _same(old[block.id], block)
        ),
        edges_added=_more(after.edges, gone),
        edges_removed=_more(before.edges, came),
        version=(before.version, after.version),
    )


def apply_change(before: Graph, change: Change) -> Graph:
    """The graph after the change. Raises InvalidWorkflow when it is another one than it was made for."""
    removed = {block.id for block in change.removed}
    updated = {one.after.id: one for one in change.updated}
    found = before.by_id()
    expected = [*change.removed, *(one.before for one in change.updated)]
    others = [
        block.name or block.id
        for block in expected
        if block.id not in found or not _same(found[block.id], block)
    ]
    others += [block.name or block.id for block in change.added if block.id in found]
    rest = Counter(map(_key, before.edges))
    rest.subtract(map(_key, change.edges_removed))
    others += [f"{key[0]} to {key[1]}" for key, count in rest.items() if count < 0]
    if others:
        raise InvalidWorkflow(
            "the workflow",
            [
                Finding(
                    Code.CONTRADICTION,
                    shown(name),
                    f"{shown(name)} is no longer as it was when this change was made",
                )
                for name in others
            ],
        )
    blocks = [
        updated[block.id].after if block.id in updated else block
        for block in before.blocks
        if block.id not in removed
    ]
    dropped = Counter(map(_key, change.edges_removed))
    edges = []
    for edge in before.edges:
        if dropped[_key(edge)]:
            dropped[_key(edge)] -= 1
        else:
            edges.append(edge)
    return build_graph(
        (*blocks, *change.added), (*edges, *change.edges_added), version=change.version[1]
    )


def invert(change: Change) -> Change:
    """The change that leads back."""
    return Change(
        added=change.removed,
        removed=change.added,
        updated=tuple(BlockChange(one.after, one.before) for one in change.updated),
        edges_added=change.edges_removed,
        edges_removed=change.edges_added,
        version=(change.version[1], change.version[0]),
    )


def _more(edges: tuple[Edge, ...], than: Counter[Any]) -> tuple[Edge, ...]:
    left = Counter(than)
    found = []
    for edge in edges:
        if left[_key(edge)]:
            left[_key(edge)] -= 1
        else:
            found.append(edge)
    return tuple(found)


def _key(edge: Edge) -> tuple[str, ...]:
    """What an edge means, without its id."""
    plain = plain_edge(edge)
    extra = digest_json(plain.extra) if plain.extra else ""
    return (*plain.ends, str(plain.condition), str(plain.target_handle), extra)


def _same(one: Block, other: Block) -> bool:
    return one is other or _digest(one) == _digest(other)  # in Python True would be 1


def _digest(block: Block) -> str:
    return digest_json(to_wire(Graph((block,))))


def _properties(before: Block, after: Block) -> list[Property]:
    old, new = to_wire(Graph((before,)))["blocks"][0], to_wire(Graph((after,)))["blocks"][0]
    found = [
        Property(name, old[name], new[name]) for name in _BLOCK_FIELDS if old[name] != new[name]
    ]
    for prefix, one, other in (
        ("config.", before.config, after.config),
        ("", before.extra, after.extra),
    ):
        for name in sorted(one.keys() | other.keys()):
            was, is_ = name in one, name in other
            if was != is_ or digest_json(one.get(name)) != digest_json(other.get(name)):
                found.append(Property(f"{prefix}{name}", one.get(name), other.get(name), was, is_))
    return found
