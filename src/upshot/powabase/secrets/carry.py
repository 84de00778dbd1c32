"""Stand-ins of one graph in terms of another one's, which has the same secrets at other numbers. Pure.

A stand-in counts the secrets of its field. A change that drops a secret moves the ones after it, so
that a stand-in of the graph before may stand for another secret in the graph after (threat T64).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from upshot.powabase.graph import Graph
from upshot.powabase.names import map_texts
from upshot.powabase.secrets.hide import NEW, STAND_IN, Place, map_fields


def carry_stand_ins(target: Graph, known: Graph, now: Graph) -> Graph:
    """`target` with the stand-ins of `now`; NEW for a secret that `now` does not have any more.

    `target` and `known` count alike, and `known` and `now` are the same graph but for the numbers
    (`digest_masked`). A secret stays in its block and its field.
    """
    there = dict(_fields(now))
    numbers: dict[Place, dict[str, str]] = {
        place: dict(_pairs(value, there.get(place))) for place, value in _fields(known)
    }

    def carried(place: Place, value: Any) -> Any:
        known_here = numbers.get(place, {})
        return map_texts(
            value, lambda text: STAND_IN.sub(lambda m: known_here.get(m[0], NEW), text)
        )

    return map_fields(target, lambda _, place, value: carried(place, value))


def _fields(graph: Graph) -> Iterator[tuple[Place, Any]]:
    for block in graph.blocks:
        for where, fields in ((block.id, block.config), (f"{block.id}/extra", block.extra)):
            for name, value in fields.items():
                yield (where, name), value


def _pairs(one: Any, other: Any) -> Iterator[tuple[str, str]]:
    """Stand-ins at the same spot of two values; texts of another shape have none in common."""
    if isinstance(one, str) and isinstance(other, str):
        found, there = STAND_IN.findall(one), STAND_IN.findall(other)
        if len(found) == len(there):
            yield from zip(found, there, strict=True)
    elif isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() & other.keys():
            yield from _pairs(one[name], other[name])
    elif isinstance(one, list) and isinstance(other, list):
        for left, right in zip(one, other, strict=False):
            yield from _pairs(left, right)
