"""Property paths, as the engine writes them in `detailedDiff`: `tags.owner`, `rules[0]["a.b"]`.

Source of the grammar: shipped client (`resource.ParsePropertyPath`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from upshot.text import pattern

Steps = tuple[str | int, ...]
"""Keys of objects and indexes of lists, from the outside in."""

MISSING: Final = object()
"""There is nothing at the path."""

_STEP = pattern(
    r"\.?(?P<name>[^.\[\]\"]+)|\[(?P<index>\d{1,9})\]|\[\"(?P<key>(?:[^\"\\]|\\.)*)\"\]"
)
_PLAIN = pattern(r"[^.\[\]\"\s]+")
_ESCAPED = pattern(r"\\(.)")


def parse_path(text: str) -> Steps:
    """The steps of a path; a text that is no path is one key."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return (text,)
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["key"] is not None:
            steps.append(_ESCAPED.sub(r"\1", match["key"]))
        else:
            steps.append(match["name"])
        at = match.end()
    return tuple(steps)


def write_path(steps: Steps) -> str:
    """The path of the steps, as `parse_path` reads it."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
    return text


def look_up(value: Any, steps: Steps, stops: Callable[[Any], bool]) -> Any:
    """What stands at the path, or `MISSING`; a value that `stops` accepts stands for all within it."""
    for step in steps:
        if stops(value):
            return value
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value
