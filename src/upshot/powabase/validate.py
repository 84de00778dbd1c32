"""Whether a graph may be used, and whether a change of one may: every problem is a finding. Pure.

The server checks types and dangling edges on a put, and nothing else: a cycle fails the next run,
an id that is no UUID fails with an internal error (v0.7.0).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from upshot.powabase.blocks import (
    LONGEST_HANDLE,
    LONGEST_NAME,
    TRIGGERS,
    TYPES,
    handles_of,
    missing_config,
)
from upshot.powabase.canonical import is_uuid, text_problem
from upshot.powabase.findings import (
    Code,
    Finding,
    InvalidWorkflow,
    errors_of,
    listed,
    shown,
    sort_findings,
)
from upshot.powabase.graph import Block, Edge, Graph
from upshot.powabase.names import find_references, is_readable

_INHERITED = frozenset({Code.UNKNOWN_REFERENCE, Code.UNKNOWN_HANDLE})
"""What may have been wrong before a change without making the change wrong."""


def validate_graph(graph: Graph) -> tuple[Finding, ...]:
    """Every problem of a graph, errors first. A graph without errors can be put and run."""
    ids = {block.id for block in graph.blocks}
    return sort_findings(
        [
            *_blocks(graph.blocks),
            *_edges(graph, ids),
            *_cycles(graph),
            *_handles(graph),
            *_references(graph),
            *_triggers(graph),
        ]
    )


def validate_change(before: Graph, after: Graph) -> tuple[Finding, ...]:
    """The problems of `after`; references and handles that were wrong before are no errors."""
    known = {(one.code, one.where) for one in validate_graph(before) if one.code in _INHERITED}
    changed = {block.id for block in after.blocks} - {block.id for block in before.blocks}
    return sort_findings(
        [
            *(
                replace(one, is_error=False) if (one.code, one.where) in known else one
                for one in validate_graph(after)
            ),
            *(
                finding
                for block in after.blocks
                if block.id in changed
                for finding in _incomplete(block)
            ),
        ]
    )


def check_graph(graph: Graph, *, subject: str = "the workflow") -> None:
    """Raises InvalidWorkflow for a graph that the server could not store or run.

    A reference or a handle that leads nowhere is not among that: it does nothing.
    """
    found = errors_of(validate_graph(graph))
    problems = [finding for finding in found if finding.code not in _INHERITED]
    if problems:
        raise InvalidWorkflow(subject, problems)


def block_label(block: Block) -> str:
    """A block for a message: its name in quotes, else its id."""
    return shown(block.name or block.id)


def _blocks(blocks: Iterable[Block]) -> Iterator[Finding]:
    counts = Counter(block.id for block in blocks)
    for block in blocks:
        label = block_label(block)
        if not is_uuid(block.id):
            text = f"the id {shown(block.id)} of block {label} is no UUID"
            yield Finding(Code.BAD_ID, label, text)
        if counts[block.id] > 1:
            text = f"the id {shown(block.id)} belongs to {counts[block.id]} blocks"
            yield Finding(Code.DUPLICATE, label, text)
        if block.type not in TYPES:
            text = (
                f"block {label} is of the unknown type {shown(block.type)}; "
                f"known are {', '.join(sorted(TYPES))}"
            )
            yield Finding(Code.UNKNOWN_TYPE, label, text)
        if len(block.name) > LONGEST_NAME:
            text = f"the name of block {label} is longer than {LONGEST_NAME} characters"
            yield Finding(Code.TOO_BIG, label, text)
        if problem := text_problem([block.name, block.config, block.extra]):
            yield Finding(Code.BAD_TEXT, label, f"block {label} {problem}")


def _edges(graph: Graph, ids: set[str]) -> Iterator[Finding]:
    found = graph.by_id()
    for ends, count in Counter(edge.ends for edge in graph.edges).items():
        label = edge_label(found, *ends)
        if count > 1:
            yield Finding(Code.DUPLICATE, label, f"the edge {label} is there {count} times")
    for edge in graph.edges:
        label = edge_label(found, *edge.ends)
        lost = [end for end in (edge.source, edge.target) if end not in ids]
        if lost:
            text = f"the edge {label} leads to {listed(lost)}, and no block has that id"
            yield Finding(Code.DANGLING_EDGE, label, text)
        handles = (edge.source_handle, edge.target_handle)
        is_long = any(len(handle or "") > LONGEST_HANDLE for handle in handles)
        if is_long or len(edge.condition or "") > LONGEST_NAME:
            text = (
                f"the edge {label} has a handle of more than {LONGEST_HANDLE} characters, "
                f"or a condition of more than {LONGEST_NAME}"
            )
            yield Finding(Code.TOO_BIG, label, text)
        if edge.id and not is_uuid(edge.id):
            yield Finding(Code.BAD_ID, label, f"the id of the edge {label} is no UUID")
        if problem := text_problem([*handles, edge.condition, edge.extra]):
            yield Finding(Code.BAD_TEXT, label, f"the edge {label} {problem}")
    for edge_id, count in Counter(edge.id for edge in graph.edges if edge.id).items():
        if count > 1:
            text = f"the id {shown(edge_id)} belongs to {count} edges"
            yield Finding(Code.DUPLICATE, shown(edge_id), text)


def edge_label(blocks: dict[str, Block], source: str, target: str, handle: str) -> str:
    """An edge for a message: 'A' (if) to 'B'."""
    ends = [block_label(blocks[end]) if end in blocks else shown(end) for end in (source, target)]
    return f"{ends[0]}{f' ({shown(handle)[1:-1]})' if handle else ''} to {ends[1]}"


def _cycles(graph: Graph) -> Iterator[Finding]:
    """One finding for each knot of blocks that can never be put into an order."""
    blocks = graph.by_id()
    after = _neighbours(graph.edges, blocks)
    waiting = Counter(target for targets in after.values() for target in targets)
    ready = [block_id for block_id in blocks if not waiting[block_id]]
    done: set[str] = set()
    while ready:
        block_id = ready.pop()
        done.add(block_id)
        for target in after[block_id]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    left = [block_id for block_id in blocks if block_id not in done]
    while left:
        ring = _find_ring(left[0], after, done)
        names = [blocks[block_id].name or block_id for block_id in ring]
        text = f"the blocks {listed(names)} wait for each other in a circle"
        yield Finding(Code.CYCLE, block_label(blocks[ring[0]]), text)
        done.update(_reach(ring[0], after), ring)
        left = [block_id for block_id in left if block_id not in done]


def _find_ring(start: str, after: dict[str, set[str]], done: set[str]) -> list[str]:
    """A circle among the blocks that are not done, from its smallest id on.

    Each of them waits for another one of them, so that going back always ends in a circle.
    """
    before: dict[str, set[str]] = defaultdict(set)
    for source, targets in after.items():
        if source not in done:
            for target in targets - done:
                before[target].add(source)
    way: dict[str, None] = {}
    at = start
    while at not in way:
        way[at] = None
        at = min(before[at])
    steps = list(way)
    ring = steps[steps.index(at) :][::-1]
    first = ring.index(min(ring))
    return ring[first:] + ring[:first]


def _reach(start: str, after: dict[str, set[str]]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        fresh = after[todo.pop()] - seen
        seen |= fresh
        todo += fresh
    return seen


def _neighbours(edges: Iterable[Edge], blocks: dict[str, Block]) -> dict[str, set[str]]:
    after: dict[str, set[str]] = {block_id: set() for block_id in blocks}
    for edge in edges:
        if edge.source in blocks and edge.target in blocks:
            after[edge.source].add(edge.target)
    return after


def _handles(graph: Graph) -> Iterator[Finding]:
    blocks = graph.by_id()
    for edge in graph.edges:
        allowed = handles_of(blocks[edge.source]) if edge.source in blocks else None
        if allowed is None:
            continue
        label = edge_label(blocks, *edge.ends)
        kind = blocks[edge.source].type
        if edge.handle and edge.handle not in allowed:
            text = (
                f"the edge {label} leaves by a handle that its {kind} does not have; "
                f"it has {', '.join(sorted(allowed)[:20])}"
            )
            yield Finding(Code.UNKNOWN_HANDLE, label, text)
        elif kind == "condition" and not (edge.handle or edge.condition):
            text = f"the edge {label} names no branch of its condition, so it is always followed"
            yield Finding(Code.MISSING_HANDLE, label, text, is_error=False)


def _references(graph: Graph) -> Iterator[Finding]:
    by_name: dict[str, set[str]] = defaultdict(set)
    for block in graph.blocks:
        by_name[block.id].add(block.id)
        if block.name:
            by_name[block.name].add(block.id)
    behind: dict[str, set[str]] = {}
    after = _neighbours(graph.edges, graph.by_id())
    for block in graph.blocks:
        label = block_label(block)
        for name in sorted(set(find_references(block.config))):
            found = by_name.get(name)
            where = f"{label} <{shown(name)[1:-1]}>"
            if not found:
                text = f"block {label} refers to {shown(name)}, and no block has that name"
                yield Finding(Code.UNKNOWN_REFERENCE, where, text)
                continue
            if not is_readable(name):
                text = (
                    f"block {label} refers to {shown(name)}, and the engine reads only names of "
                    "letters, digits, spaces, hyphens and underscores"
                )
                yield Finding(Code.UNREAD_REFERENCE, where, text, is_error=False)
            for other in found - behind.keys():
                behind[other] = _reach(other, after)
            if not any(block.id in behind[other] for other in found - {block.id}):
                text = f"block {label} refers to {shown(name)}, which does not run before it"
                yield Finding(Code.LATE_REFERENCE, where, text, is_error=False)


def _triggers(graph: Graph) -> Iterator[Finding]:
    names = [block.name or block.id for block in graph.blocks if block.type in TRIGGERS]
    if graph.blocks and len(names) != 1:
        text = f"a workflow has one starter or webhook, and this one has {len(names)}"
        yield Finding(Code.TRIGGERS, listed(names) if names else "workflow", text, is_error=False)


def _incomplete(block: Block) -> Iterator[Finding]:
    missing = missing_config(block)
    if missing:
        label = block_label(block)
        text = f"the new block {label} has no {', '.join(missing)}"
        yield Finding(Code.MISSING_CONFIG, label, text, is_error=False)
