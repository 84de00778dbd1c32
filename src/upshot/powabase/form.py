"""A workflow's JSON written like the text that it takes the place of, so that a change is a small difference.

Pure. What a person has put in another order, indented in another way, or left out because it is the
default, stays so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from typing import Any, Final

from upshot.lenient import as_dict, as_list
from upshot.powabase.canonical import digest_json
from upshot.powabase.graph import DEFAULT_HANDLE

_INDENT: Final = re.compile(r"\A\s*\{\n([ \t]{1,8})\S")
_DEFAULTS: Final[dict[str, Any]] = {
    "sourceHandle": DEFAULT_HANDLE,
    "targetHandle": "input",
    "condition": None,
    "enabled": True,
    "config": {},
    "name": "",
    "position": {"x": 0, "y": 0},
}
"""What reading takes for a field that is not there."""


def keep_form(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """`new` in the order of `old`: fields, blocks by id, edges by their ends; the rest as it is in `new`."""
    listed = {
        "blocks": _ordered(old.get("blocks"), new["blocks"], _block_id),
        "edges": _ordered(old.get("edges"), new["edges"], _ends),
    }
    unknown = {name: value for name, value in old.items() if name not in new and name != "nodes"}
    return _in_order(old, unknown | new | listed)


def dump_like(text: str, value: dict[str, Any]) -> str:
    """JSON with the indentation, the escapes and the last line end of `text`."""
    found = _INDENT.match(text)
    is_ascii = text.isascii() and "\\u" in text
    written = json.dumps(
        value, indent=found[1] if found else (2 if "\n" in text else None), ensure_ascii=is_ascii
    )
    return written + ("\n" if text.endswith("\n") else "")


def _ordered(old: object, new: list[Any], key: Callable[[Any], Hashable]) -> list[Any]:
    """What was there before in its old order and form, then what came."""
    left = {key(one): one for one in new}
    kept = []
    for before in as_list(old):
        after = left.pop(key(before), None)
        if after is not None:
            kept.append(_without_defaults(before, _merged(before, after)))
    return kept + list(left.values())


def _without_defaults(old: dict[str, Any], merged: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in merged.items()
        if name in old
        or name not in _DEFAULTS
        or digest_json(value) != digest_json(_DEFAULTS[name])
    }


def _block_id(block: object) -> Hashable:
    return str(as_dict(block).get("id")).lower()


def _ends(edge: object) -> Hashable:
    record = as_dict(edge)
    handle = record.get("sourceHandle") or DEFAULT_HANDLE
    return str(record.get("source")).lower(), str(record.get("target")).lower(), str(handle)


def _merged(old: Any, new: Any) -> Any:
    """`new` with what is the same as in `old` in the old form."""
    if digest_json(old) == digest_json(new):
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        return _in_order(old, {name: _merged(old.get(name), value) for name, value in new.items()})
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_merged(before, after) for before, after in zip(old, new, strict=True)]
    return new


def _in_order(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    known = {name: new[name] for name in old if name in new}
    return known | {name: value for name, value in new.items() if name not in known}
