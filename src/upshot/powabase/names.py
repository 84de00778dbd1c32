"""Names of blocks: how the Copilot is shown them, and references to them in configs. Pure.

A config refers to a block's result by `<Block Name.output.field>` or `<id.output>`. The engine
reads names of letters, digits, spaces, underscores and hyphens; it leaves any other as plain text.
Source: the Studio's panel (names shown, "Name #1"), the engine's resolver (references).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from upshot.powabase.graph import Graph

OUTPUTS: Final = (
    "output",
    "route",
    "result",
    "status_code",
    "headers",
    "error",
    "content",
    "usage",
)
"""What a block's result has; `<div.card>` in a text is no reference."""
_REFERENCE: Final = re.compile(
    rf"<([^<>.\n]{{1,255}})\.({'|'.join(OUTPUTS)})((?:\.\w{{1,255}}){{0,50}})>"
)


def display_names(graph: Graph) -> dict[str, str]:
    """Block id -> the one name that the Copilot knows it by; no two are alike.

    A name that several blocks have gets ` #1`, ` #2`, … in the order of ids; a block without a name
    goes by its id.
    """
    bases = {block.id: block.name or block.id for block in graph.blocks}
    counts = Counter(bases.values())
    taken = {base for base, count in counts.items() if count == 1}
    names: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for block_id, base in bases.items():
        name = base if counts[base] == 1 else ""
        while not name or (name != base and name in taken):
            numbers[base] += 1
            name = f"{base} #{numbers[base]}"
        taken.add(name)
        names[block_id] = name
    return names


def unique_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with ` 2`, ` 3`, … the first that is free; added to `taken`."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} {number}"
    taken.add(name)
    return name


def is_readable(name: str) -> bool:
    """Whether the engine reads a reference with this name."""
    return re.fullmatch(r"[\w -]+", name) is not None


def find_references(value: object) -> Iterator[str]:
    """The names in all references of a config, as they are written there."""
    for text in texts_of(value):
        yield from (match[1] for match in _REFERENCE.finditer(text))


def rename_references(value: Any, new_name: Callable[[str], str]) -> Any:
    """A copy in which each reference has the name that `new_name` gives for the one it had."""

    def renamed(match: re.Match[str]) -> str:
        return f"<{new_name(match[1])}.{match[2]}{match[3]}>"

    return map_texts(value, lambda text: _REFERENCE.sub(renamed, text))


def without_references(text: str) -> str:
    """The text with each reference left out."""
    return _REFERENCE.sub("", text)


def texts_of(value: object) -> Iterator[str]:
    """Every text of decoded JSON, keys of objects not included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A deep copy of decoded JSON with each text changed, keys of objects not included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: map_texts(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [map_texts(part, change) for part in value]
    return value
