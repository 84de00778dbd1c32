"""A workflow graph as a value: reading it, its one normal form, its digest. Pure.

Blocks are in order of id and edges in order of their ends, since the server keeps no order
(its queries have none). Positions have single precision, as in the server's columns.
Source: Powabase v0.7.0 `routes/workflows.py`, migrations 0003 and 0007.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.lenient import as_dict, as_int, as_list, as_number, as_text
from upshot.powabase.canonical import digest_json, is_uuid, single, text_problem, whole
from upshot.powabase.findings import Code, Finding, InvalidWorkflow, errors_of, shown

MOST_BLOCKS: Final = 2_000
MOST_EDGES: Final = 10_000
DEFAULT_HANDLE: Final = "output"
"""What the server stores where an edge names no source handle; `input` for the target."""
_BLOCK_FIELDS: Final = frozenset({"id", "type", "name", "position", "config", "enabled"})
_EDGE_FIELDS: Final = frozenset(
    {"id", "source", "target", "sourceHandle", "targetHandle", "condition"}
)


class Block(Struct, frozen=True, kw_only=True):
    """One step. Treat `config` and `extra` as read-only; `apply` copies before it changes."""

    id: str
    type: str
    name: str = ""
    x: float = 0.0
    y: float = 0.0
    config: dict[str, Any] = {}
    enabled: bool = True
    extra: dict[str, Any] = {}
    """Fields that this version does not know; a put sends them back as they came."""


class Edge(Struct, frozen=True, kw_only=True):
    """A connection of two blocks, by their ids."""

    source: str
    target: str
    source_handle: str | None = DEFAULT_HANDLE
    target_handle: str | None = "input"
    condition: str | None = None
    """The route that the source must have taken; the engine reads this and not the handle."""
    id: str = ""
    """No part of the meaning; not in the digest."""
    extra: dict[str, Any] = {}

    @property
    def handle(self) -> str:
        """The source handle, empty for the only one of a plain block."""
        return "" if self.source_handle in {None, "", DEFAULT_HANDLE} else str(self.source_handle)

    @property
    def ends(self) -> tuple[str, str, str]:
        """What makes an edge this one: source, target, handle."""
        return self.source, self.target, self.handle


class Graph(Struct, frozen=True):
    """Blocks and edges in their normal order; made by `build_graph` or `read_graph`."""

    blocks: tuple[Block, ...] = ()
    edges: tuple[Edge, ...] = ()
    version: int = 0
    """The server's, which counts puts; 0 when unknown."""

    def by_id(self) -> dict[str, Block]:
        return {block.id: block for block in self.blocks}


def build_graph(blocks: Iterable[Block], edges: Iterable[Edge], version: int = 0) -> Graph:
    """A graph in its normal order."""
    return Graph(
        tuple(sorted(blocks, key=lambda block: (block.id, block.name))),
        tuple(sorted(edges, key=lambda edge: (*edge.ends, str(edge.condition), edge.id))),
        version,
    )


def read_graph(found: object, *, subject: str = "the workflow") -> Graph:
    """The graph in decoded JSON: `{version, blocks, edges}`, or a snapshot's `{nodes, edges}`.

    Checks shapes only; `validate` checks what they mean. Raises InvalidWorkflow with every problem;
    `subject` begins its message.
    """
    record = as_dict(found)
    raw_blocks = record.get("blocks", record.get("nodes"))
    raw_edges = record.get("edges")
    problems: list[Finding] = []
    for name, value in (("blocks", raw_blocks), ("edges", raw_edges)):
        if not isinstance(value, list):
            text = f"{name} must be a list"
            problems.append(Finding(Code.MISSING_FIELD, name, text))
    if len(as_list(raw_blocks)) > MOST_BLOCKS or len(as_list(raw_edges)) > MOST_EDGES:
        text = f"a workflow may have at most {MOST_BLOCKS:,} blocks and {MOST_EDGES:,} edges"
        problems.append(Finding(Code.TOO_BIG, "workflow", text))
    if problems:
        raise InvalidWorkflow(subject, problems)
    blocks = [_read_block(raw, n, problems) for n, raw in enumerate(as_list(raw_blocks), 1)]
    edges = [_read_edge(raw, n, problems) for n, raw in enumerate(as_list(raw_edges), 1)]
    version = record.get("version", 0)
    if as_int(version) is None or version < 0:
        text = "version must be a whole number, as the server gave it"
        problems.append(Finding(Code.BAD_SHAPE, "version", text))
    if errors_of(problems):
        raise InvalidWorkflow(subject, problems)
    return build_graph(filter(None, blocks), filter(None, edges), version)


def to_wire(graph: Graph) -> dict[str, Any]:
    """The body of a put: `{blocks, edges}` with every field that the server knows."""
    return {
        "blocks": [_wire_block(block) for block in graph.blocks],
        "edges": [_wire_edge(edge) for edge in graph.edges],
    }


def to_snapshot(graph: Graph) -> dict[str, Any]:
    """A `pre_snapshot` as the Studio writes and reads it: `{nodes, edges}`."""
    wire = to_wire(graph)
    return {"nodes": wire["blocks"], "edges": wire["edges"]}


def digest_graph(graph: Graph) -> str:
    """SHA-256 in hexadecimal over what the graph means, whatever the order of keys and items.

    Version and ids of edges are not in it; 1 and 1.0 are the same number, and no handle is the
    default one.
    """
    wire = to_wire(build_graph(graph.blocks, [plain_edge(edge) for edge in graph.edges]))
    return digest_json(wire)


def _read_block(raw: object, number: int, problems: list[Finding]) -> Block | None:
    record, where = as_dict(raw), f"block {number}"
    if not record:
        problems.append(Finding(Code.BAD_SHAPE, where, f"{where} must be an object"))
        return None
    where = shown(as_text(record.get("name")) or as_text(record.get("id")) or where)
    problems += [
        Finding(Code.MISSING_FIELD, where, f"block {where} has no {name}")
        for name in ("id", "type")
        if not as_text(record.get(name))
    ]
    wanted = {"config": dict, "position": dict, "enabled": bool, "name": str}
    for name, kind in wanted.items():
        if record.get(name) is not None and not isinstance(record[name], kind):
            text = f"{name} of block {where} must be {_JSON_NAMES[kind]}"
            problems.append(Finding(Code.BAD_SHAPE, where, text))
    if problem := text_problem(record):
        problems.append(Finding(Code.BAD_TEXT, where, f"block {where} {problem}"))
    position = as_dict(record.get("position"))
    return Block(
        id=_same_case(as_text(record.get("id"))),
        type=as_text(record.get("type")),
        name=as_text(record.get("name")),
        x=single(as_number(position.get("x")) or 0.0),
        y=single(as_number(position.get("y")) or 0.0),
        config=as_dict(record.get("config")),
        enabled=record.get("enabled") is not False,
        extra={name: value for name, value in record.items() if name not in _BLOCK_FIELDS},
    )


_JSON_NAMES: Final = {dict: "an object", bool: "true or false", str: "a text"}


def _read_edge(raw: object, number: int, problems: list[Finding]) -> Edge | None:
    record, where = as_dict(raw), f"edge {number}"
    if not record:
        problems.append(Finding(Code.BAD_SHAPE, where, f"{where} must be an object"))
        return None
    problems += [
        Finding(Code.MISSING_FIELD, where, f"{where} has no {name}")
        for name in ("source", "target")
        if not as_text(record.get(name))
    ]
    if problem := text_problem(record):
        problems.append(Finding(Code.BAD_TEXT, where, f"{where} {problem}"))
    texts = {name: record.get(name) for name in ("sourceHandle", "targetHandle", "condition")}
    for name, value in texts.items():
        if not isinstance(value, str | None):
            problems.append(Finding(Code.BAD_SHAPE, where, f"{name} of {where} must be a text"))
            texts[name] = None
    return Edge(
        source=_same_case(as_text(record.get("source"))),
        target=_same_case(as_text(record.get("target"))),
        source_handle=texts["sourceHandle"] if "sourceHandle" in record else DEFAULT_HANDLE,
        target_handle=texts["targetHandle"] if "targetHandle" in record else "input",
        condition=texts["condition"],
        id=_same_case(as_text(record.get("id"))),
        extra={name: value for name, value in record.items() if name not in _EDGE_FIELDS},
    )


def _wire_block(block: Block) -> dict[str, Any]:
    return {
        "id": block.id,
        "type": block.type,
        "name": block.name,
        "position": {"x": whole(block.x), "y": whole(block.y)},
        "config": block.config,
        "enabled": block.enabled,
        **block.extra,
    }


def _wire_edge(edge: Edge) -> dict[str, Any]:
    return {
        **({"id": edge.id} if edge.id else {}),
        "source": edge.source,
        "target": edge.target,
        "sourceHandle": edge.source_handle,
        "targetHandle": edge.target_handle,
        "condition": edge.condition,
        **edge.extra,
    }


def plain_edge(edge: Edge) -> Edge:
    """The edge without its id, with the default for a handle that is not there."""
    return replace(
        edge,
        source_handle=edge.handle or DEFAULT_HANDLE,
        target_handle=edge.target_handle or "input",
        id="",
    )


def _same_case(text: str) -> str:
    return text.lower() if is_uuid(text) else text
