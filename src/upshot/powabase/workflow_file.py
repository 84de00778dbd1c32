"""A workflow as a file of the repository: stable text, so that a change is a small difference. Pure.

Blocks are in the order of their ids, keys of configs in alphabetical order. Secrets are stand-ins.
"""

from __future__ import annotations

import json
from typing import Any, Final

from upshot.powabase.findings import Code, Finding, InvalidWorkflow
from upshot.powabase.form import dump_like, keep_form
from upshot.powabase.graph import Graph, read_graph, to_wire
from upshot.powabase.validate import check_graph

MOST_CHARACTERS: Final = 8 * 1024 * 1024
_SUBJECT: Final = "the workflow file"


def write_workflow(graph: Graph, like: str = "") -> str:
    """The file's text, `{"version", "blocks", "edges"}`; `graph` has its secrets hidden.

    The same graph gives the same text, and reading it gives the same graph. `like` is the text that it
    takes the place of: what does not differ keeps its order and its form. A text that is no JSON
    object counts as none.
    """
    wire = to_wire(graph)
    record = {
        "version": graph.version,
        "blocks": [block | {"config": _sorted(block["config"])} for block in wire["blocks"]],
        "edges": wire["edges"],
    }
    old = _read_object(like)
    if old is None:
        return json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    return dump_like(like, keep_form(old, record))


def read_workflow(text: str) -> Graph:
    """The graph of a file. Raises InvalidWorkflow when it could not be put as it is.

    A text without `version` is refused: without it the version that the file was made from is unknown.
    """
    problem = ""
    record = None
    if len(text) > MOST_CHARACTERS:
        problem = f"it has more than {MOST_CHARACTERS:,} characters"
    else:
        try:
            record = json.loads(text.removeprefix("\ufeff"))
        except json.JSONDecodeError as error:
            problem = f"it is no JSON, {error.msg[:100]} in line {error.lineno}"
        except (ValueError, RecursionError):
            problem = "it is no JSON that can be read"
    if problem:
        raise InvalidWorkflow(_SUBJECT, [Finding(Code.BAD_SHAPE, "file", problem)])
    if not isinstance(record, dict) or "version" not in record:
        text = 'it has no version; allowed is {"version": 3, "blocks": […], "edges": […]}'
        raise InvalidWorkflow(_SUBJECT, [Finding(Code.MISSING_FIELD, "version", text)])
    graph = read_graph(record, subject=_SUBJECT)
    check_graph(graph, subject=_SUBJECT)
    return graph


def _read_object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(part) for part in value] if isinstance(value, list) else value
