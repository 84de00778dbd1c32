"""What the Copilot is sent of a workflow: display names for ids, texts cut to its limits. Pure.

Source: the Studio's panel (shape), the documentation's limits. The server itself cuts only the
shape with `data`, so that the limits are kept here.
"""

from __future__ import annotations

import json
from typing import Any, Final

from msgspec import Struct

from upshot.powabase.canonical import whole
from upshot.powabase.graph import Graph
from upshot.powabase.names import display_names, map_texts
from upshot.powabase.secrets.hide import Place

MOST_CHARACTERS: Final = 50_000
"""Of the whole state as JSON."""
LONGEST_TEXT: Final = 2_000
"""Characters of one text in a config."""
CUT: Final = "... [truncated]"
WITHHELD: Final = "_truncated"


class State(Struct, frozen=True):
    """The body's `workflow_state`, and what is not in it."""

    body: dict[str, Any]
    """`{nodes, edges}`; nodes have display names as ids."""
    cut: frozenset[Place] = frozenset()
    """Block and field of which only the beginning is shown, or nothing; it must not come back."""


def build_state(graph: Graph) -> State:
    """The state of a graph whose secrets are hidden.

    When all of it is too long, the longest configs are withheld, one after the other.
    """
    names = display_names(graph)
    cut: set[Place] = set()
    nodes = []
    for block in graph.blocks:
        config = {}
        for field, value in block.config.items():
            config[field] = map_texts(value, _shorten)
            if config[field] != value:
                cut.add((block.id, field))
        nodes.append(
            {
                "id": names[block.id],
                "type": block.type,
                "name": names[block.id],
                "position": {"x": whole(block.x), "y": whole(block.y)},
                "config": config,
            }
        )
    edges = [
        {
            "source": names.get(edge.source, edge.source),
            "target": names.get(edge.target, edge.target),
            "sourceHandle": edge.handle or None,
        }
        for edge in graph.edges
    ]
    body = {"nodes": nodes, "edges": edges}
    sizes = sorted(
        ((len(json.dumps(node["config"])), number) for number, node in enumerate(nodes)),
        reverse=True,
    )
    too_many = len(json.dumps(body)) - MOST_CHARACTERS
    for size, number in sizes:
        if too_many <= 0:
            break
        nodes[number]["config"] = {WITHHELD: True}
        cut |= {(graph.blocks[number].id, field) for field in graph.blocks[number].config}
        too_many -= size - len(json.dumps(nodes[number]["config"]))
    return State(body, frozenset(cut))


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT
