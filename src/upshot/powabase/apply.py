"""Applies a proposed change to a copy of a graph, as the Studio would. Pure and deterministic.

New ids are made from the graph and the block, so that a later run comes to the same result and an
approval can be bound to it. The order of independent items does not matter. Nothing is applied of a
change that has an error.
Source: the Studio's `copilot-diff.ts`; what it passes over silently is a finding here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.powabase.blocks import condition_for, default_config, tidy_config
from upshot.powabase.canonical import digest_json
from upshot.powabase.change import Change, apply_change, compare, invert
from upshot.powabase.diff import BlockUpdate, Diff, EdgeRef, digest_diff
from upshot.powabase.findings import Code, Finding, InvalidWorkflow, errors_of, shown, sort_findings
from upshot.powabase.graph import Block, Edge, Graph, build_graph, digest_graph
from upshot.powabase.names import rename_references, texts_of
from upshot.powabase.resolve import Find, Resolver
from upshot.powabase.secrets.hide import MADE_FIELD, NEW, Place, check_stand_ins
from upshot.powabase.state import CUT, WITHHELD
from upshot.powabase.validate import block_label, edge_label, validate_change

_MADE: Final = ("webhook_id", MADE_FIELD)
"""Fields of a webhook that no change sets: Powabase's clients make them."""
_STEP_Y: Final = 200.0
"""Between blocks that come without a position."""


class Applied(Struct, frozen=True):
    """A change that may be used."""

    after: Graph
    """With stand-ins where `before` has them; its version is still the one of `before`."""
    change: Change
    findings: tuple[Finding, ...] = ()
    """What a reader must know; no errors."""


def apply_diff(
    before: Graph, diff: Diff, *, workflow_id: str = "", cut: frozenset[Place] = frozenset()
) -> Applied:
    """The graph after the change. `before` has its secrets hidden and is not touched.

    `workflow_id` makes new ids its own: two workflows may begin alike. `cut`: what the Copilot saw
    only the beginning of (`State.cut`).
    Raises InvalidWorkflow with every problem of the change and of what would come of it.
    """
    resolver = Resolver(before, diff, workflow_id)
    blocks = {block.id: block for block in before.blocks if resolver.is_kept(block.id)}
    blocks |= {block.id: block for block in _new_blocks(resolver, list(blocks.values()))}
    for update in diff.update_blocks:
        _update(update, blocks, resolver, cut)
    edges = _edges(before, diff, blocks, resolver)
    after = build_graph(blocks.values(), edges, before.version)
    findings = sort_findings(
        [
            *diff.findings,
            *resolver.findings,
            *_cut_texts(before, after),
            *check_stand_ins(before, after),
            *validate_change(before, after),
        ]
    )
    if errors_of(findings):
        raise InvalidWorkflow("the proposed change", findings)
    return Applied(after, compare(before, after), findings)


def undo(after: Graph, applied: Applied) -> Graph:
    """The graph before. Raises InvalidWorkflow when `after` is no longer what was applied."""
    return apply_change(after, invert(applied.change))


def bind(before: Graph, diff: Diff, after: Graph) -> str:
    """What an approval is bound to: SHA-256 in hexadecimal over version, both graphs and the diff.

    All three as they leave us, secrets hidden.
    """
    return digest_json(
        {
            "version": before.version,
            "before": digest_graph(before),
            "diff": digest_diff(diff),
            "after": digest_graph(after),
        }
    )


def _new_blocks(resolver: Resolver, kept: list[Block]) -> Iterator[Block]:
    lowest = max(kept, key=lambda block: (block.y, block.id), default=None)
    x, y = (lowest.x, lowest.y) if lowest else (300.0, 50.0 - _STEP_Y)
    for temp_id, (block_id, new) in resolver.new.items():
        if new.position is None:
            y += _STEP_Y
        config = default_config(new.type) | rename_references(new.config, resolver.reference)
        if new.type == "webhook":
            config |= {"webhook_id": resolver.new_id("webhook", block_id), MADE_FIELD: NEW}
        yield Block(
            id=block_id,
            type=new.type,
            name=resolver.final_names[temp_id],
            x=(new.position or (x, y))[0],
            y=(new.position or (x, y))[1],
            config=tidy_config(config),
        )


def _update(
    update: BlockUpdate, blocks: dict[str, Block], resolver: Resolver, cut: frozenset[Place]
) -> None:
    """Merges the fields into the block, in place of the one in `blocks`."""
    found = resolver.find(update.ref, what="an update")
    if found is None:
        return
    if found not in blocks:
        text = f"the change updates block {shown(update.ref)} and removes it"
        resolver.findings.append(Finding(Code.CONTRADICTION, shown(update.ref), text))
        return
    block = blocks[found]
    label = block_label(block)
    fields = rename_references(update.config, resolver.reference)
    for field in sorted(fields):
        is_same = field in block.config and digest_json(block.config[field]) == digest_json(
            fields[field]
        )
        if block.type == "webhook" and field in _MADE and not is_same:
            text = f"the change sets {field} of block {label}, which only Powabase's clients make"
            resolver.findings.append(Finding(Code.RESERVED_FIELD, label, text))
        if (found, field) in cut and not is_same:
            text = f"the Copilot rewrites {field} of block {label} and saw only a part of it"
            resolver.findings.append(Finding(Code.CUT_TEXT, label, text, is_error=False))
    blocks[found] = replace(block, config=tidy_config({**block.config, **fields}))


def _edges(before: Graph, diff: Diff, blocks: dict[str, Block], resolver: Resolver) -> list[Edge]:
    names = before.by_id() | blocks
    ends_removed = [
        ends for ref in diff.remove_edges if (ends := _ends(ref, resolver.find_old, "remove"))
    ]
    removed = {
        edge.ends
        for edge in before.edges
        for source, target, handle in ends_removed
        if (edge.source, edge.target) == (source, target) and handle in {"", edge.handle}
    }
    edges = [
        edge
        for edge in before.edges
        if edge.ends not in removed and edge.source in blocks and edge.target in blocks
    ]
    there = {edge.ends for edge in edges}
    added: set[tuple[str, str, str]] = set()
    for ref in diff.add_edges:
        ends = _ends(ref, resolver.find, "add")
        if ends is None:
            continue
        label = edge_label(names, *ends)
        if not {ends[0], ends[1]} <= blocks.keys():
            text = f"the change adds the edge {label}, and one of its blocks is removed"
            resolver.findings.append(Finding(Code.DANGLING_EDGE, label, text))
        elif ends in there or ends in added:
            text = f"the change adds the edge {label}, which is already there"
            resolver.findings.append(Finding(Code.DUPLICATE, label, text))
        else:
            added.add(ends)
    for source, target, handle in ends_removed:
        label = edge_label(names, source, target, handle)
        if any((a, b) == (source, target) and handle in {"", c} for a, b, c in added):
            text = f"the change adds the edge {label} and removes it, and the order is not known"
            resolver.findings.append(Finding(Code.CONTRADICTION, label, text))
        elif not any((a, b) == (source, target) and handle in {"", c} for a, b, c in removed):
            text = f"the change removes the edge {label}, which is not there"
            resolver.findings.append(Finding(Code.NO_SUCH_EDGE, label, text, is_error=False))
    return edges + [_new_edge(*ends) for ends in sorted(added)]


def _new_edge(source: str, target: str, handle: str) -> Edge:
    """Without an id: the server's must be its own in the whole project, so that it makes it."""
    return Edge(
        source=source,
        target=target,
        source_handle=handle or "output",
        condition=condition_for(handle),
    )


def _ends(ref: EdgeRef, find: Find, verb: str) -> tuple[str, str, str] | None:
    """Ids and handle; None, with findings, where an end is not known."""
    what = f"an edge to {verb}"
    source = find(ref.source, what=what, code=Code.DANGLING_EDGE)
    target = find(ref.target, what=what, code=Code.DANGLING_EDGE)
    return (source, target, ref.handle) if source and target else None


def _cut_texts(before: Graph, after: Graph) -> Iterator[Finding]:
    """Our own marks of cut texts that come back would overwrite what was cut."""
    old = before.by_id()
    for block in after.blocks:
        then = old[block.id].config if block.id in old else {}
        for field, value in block.config.items():
            is_marked = field == WITHHELD or any(CUT in text for text in texts_of(value))
            was_marked = field in then and digest_json(then[field]) == digest_json(value)
            if is_marked and not was_marked:
                label = block_label(block)
                text = f"the change sets {field} of block {label} to a text that was cut"
                yield Finding(Code.CUT_TEXT, f"{label} {field}", text)
