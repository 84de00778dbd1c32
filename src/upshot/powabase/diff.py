"""The change that the Copilot proposes, as it was said: names and temporary ids, unresolved. Pure.

Everything in it is model output that the server has not checked.
Source: Powabase v0.7.0 `services/copilot.py` (the tool `modify_workflow`). The documentation speaks
of added, removed and modified blocks and edges without naming keys: such keys are read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from msgspec import Struct

from upshot.lenient import as_dict, as_int, as_list, as_number, as_text
from upshot.powabase.canonical import digest_json, single, text_problem
from upshot.powabase.findings import Code, Finding, InvalidWorkflow, errors_of, shown

T = TypeVar("T")

MOST_ITEMS: Final = 2_000
_SUBJECT: Final = "the proposed change"
_KEYS: Final = {
    "add_blocks": ("add_blocks", "added_blocks"),
    "remove_blocks": ("remove_blocks", "removed_blocks"),
    "update_blocks": ("update_blocks", "updated_blocks", "modified_blocks"),
    "add_edges": ("add_edges", "added_edges"),
    "remove_edges": ("remove_edges", "removed_edges"),
}
_GROUPS: Final = {"added": "add", "removed": "remove", "modified": "update", "updated": "update"}


class NewBlock(Struct, frozen=True, kw_only=True):
    """A block to add. `temp_id` lives in this diff only, such as `agent_1`."""

    temp_id: str
    type: str
    name: str = ""
    """Empty: the kind's own name."""
    position: tuple[float, float] | None = None
    config: dict[str, Any] = {}


class BlockUpdate(Struct, frozen=True, kw_only=True):
    """Fields of a config to set; those that are not here stay."""

    ref: str
    """A display name, or the temporary id of a block of the same diff."""
    config: dict[str, Any]


class EdgeRef(Struct, frozen=True, kw_only=True):
    """An edge by display names or temporary ids. No handle: the only one, or (removing) any."""

    source: str
    target: str
    handle: str = ""


class Diff(Struct, frozen=True, kw_only=True):
    """The calls of one turn, put together by key; the order between the keys is lost."""

    add_blocks: tuple[NewBlock, ...] = ()
    remove_blocks: tuple[str, ...] = ()
    update_blocks: tuple[BlockUpdate, ...] = ()
    add_edges: tuple[EdgeRef, ...] = ()
    remove_edges: tuple[EdgeRef, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What was noticed in reading; no errors."""

    @property
    def is_empty(self) -> bool:
        return not (
            self.add_blocks
            or self.remove_blocks
            or self.update_blocks
            or self.add_edges
            or self.remove_edges
        )


def read_diff(found: object) -> Diff:
    """The diff in decoded JSON; None and an empty object are an empty one.

    Raises InvalidWorkflow with every item that is not what it must be.
    """
    problems: list[Finding] = []
    if found is None:
        return Diff()
    if not isinstance(found, dict):
        raise InvalidWorkflow(_SUBJECT, [_shape("change", "the change must be an object")])
    if problem := text_problem(found):
        text = f"the change {problem}"
        raise InvalidWorkflow(_SUBJECT, [Finding(Code.BAD_TEXT, "change", text)])
    lists = {key: list(_items(found, key, problems)) for key in _KEYS}
    _note_unknown(found, problems)
    if sum(map(len, lists.values())) > MOST_ITEMS:
        text = f"a change may have at most {MOST_ITEMS:,} items"
        raise InvalidWorkflow(_SUBJECT, [Finding(Code.TOO_BIG, "change", text)])

    def read(key: str, one: Callable[[object, str, list[Finding]], T | None]) -> tuple[T, ...]:
        named = ((raw, f"{key} {number}") for number, raw in enumerate(lists[key], 1))
        parsed = [one(raw, where, problems) for raw, where in named]
        return tuple(item for item in parsed if item is not None)

    diff = Diff(
        add_blocks=read("add_blocks", _read_block),
        remove_blocks=read("remove_blocks", _read_name),
        update_blocks=read("update_blocks", _read_update),
        add_edges=read("add_edges", _read_edge),
        remove_edges=read("remove_edges", _read_edge),
        findings=tuple(finding for finding in problems if not finding.is_error),
    )
    if errors_of(problems):
        raise InvalidWorkflow(_SUBJECT, problems)
    return diff


def digest_diff(diff: Diff) -> str:
    """SHA-256 in hexadecimal over what the diff says; the order of keys does not matter."""
    return digest_json(
        {
            "add_blocks": [
                [one.temp_id, one.type, one.name, list(one.position or ()), one.config]
                for one in diff.add_blocks
            ],
            "remove_blocks": list(diff.remove_blocks),
            "update_blocks": [[one.ref, one.config] for one in diff.update_blocks],
            "add_edges": [[one.source, one.target, one.handle] for one in diff.add_edges],
            "remove_edges": [[one.source, one.target, one.handle] for one in diff.remove_edges],
        }
    )


def _items(found: dict[str, Any], key: str, problems: list[Finding]) -> Iterator[object]:
    """The items of a key under any of its names; `{"added": {"blocks": …}}` is one."""
    verb, _, kind = key.partition("_")
    values = [(name, found[name]) for name in _KEYS[key] if name in found]
    values += [
        (f"{group}.{kind}", as_dict(found[group])[kind])
        for group, means in _GROUPS.items()
        if means == verb and kind in as_dict(found.get(group))
    ]
    for name, value in values:
        if value is None:
            continue
        if not isinstance(value, list):
            problems.append(_shape(name, f"{name} must be a list"))
        yield from as_list(value)


def _note_unknown(found: dict[str, Any], problems: list[Finding]) -> None:
    known = {name for names in _KEYS.values() for name in names} | set(_GROUPS)
    unknown = [name for name in found if name not in known]
    is_error = len(unknown) == len(found)  # nothing of it was understood
    problems += [
        Finding(
            Code.UNKNOWN_FIELD,
            shown(name),
            f"the change has a part {shown(name)} that is not known; known are {', '.join(_KEYS)}",
            is_error,
        )
        for name in unknown[:10]
    ]
    for group, means in _GROUPS.items():
        parts = {"blocks"} if means == "update" else {"blocks", "edges"}
        value = found.get(group)
        if value is not None and not (isinstance(value, dict) and set(value) <= parts):
            text = f"{group} must be an object with {' and '.join(sorted(parts))}, each a list"
            problems.append(_shape(group, text))


def _read_block(raw: object, where: str, problems: list[Finding]) -> NewBlock | None:
    record = as_dict(raw)
    place = shown(record.get("name") or record.get("id") or where)
    missing = [name for name in ("id", "type") if not as_text(record.get(name))]
    problems += [
        Finding(Code.MISSING_FIELD, place, f"new block {place} has no {name}") for name in missing
    ]
    config = record.get("config")
    if config is not None and not isinstance(config, dict):
        problems.append(_shape(place, f"the config of new block {place} must be an object"))
    name = record.get("name")
    if name is not None and not isinstance(name, str):
        problems.append(_shape(place, f"the name of new block {place} must be a text"))
    x, y = (as_number(as_dict(record.get("position")).get(axis)) for axis in ("x", "y"))
    if missing:
        return None
    return NewBlock(
        temp_id=record["id"],
        type=record["type"],
        name=as_text(name).strip(),
        position=None if x is None or y is None else (single(x), single(y)),
        config=as_dict(config),
    )


def _read_name(raw: object, where: str, problems: list[Finding]) -> str | None:
    name = as_text(raw) or as_text(as_dict(raw).get("id")) or as_text(as_dict(raw).get("name"))
    if not name:
        problems.append(_shape(where, f"{where} must be the name of a block"))
    return name or None


def _read_update(raw: object, where: str, problems: list[Finding]) -> BlockUpdate | None:
    record = as_dict(raw)
    ref = as_text(record.get("id")) or as_text(record.get("name"))
    others = sorted(set(record) - {"id", "config"} - (set() if "id" in record else {"name"}))
    if others:
        text = f"an update sets only the config; {', '.join(map(shown, others[:5]))} is left out"
        problems.append(Finding(Code.UNKNOWN_FIELD, shown(ref or where), text, is_error=False))
    if not ref:
        problems.append(Finding(Code.MISSING_FIELD, where, f"{where} does not say which block"))
    if not isinstance(record.get("config"), dict):
        text = f"the change of block {shown(ref or where)} has no config"
        problems.append(Finding(Code.MISSING_FIELD, shown(ref or where), text))
        return None
    return BlockUpdate(ref=ref, config=record["config"]) if ref else None


def _read_edge(raw: object, where: str, problems: list[Finding]) -> EdgeRef | None:
    record = as_dict(raw)
    source, target = as_text(record.get("source")), as_text(record.get("target"))
    problems += [
        Finding(Code.MISSING_FIELD, where, f"{where} has no {name}")
        for name, value in (("source", source), ("target", target))
        if not value
    ]
    handle = record.get("sourceHandle")
    if as_int(handle) is not None:  # a branch of a split
        handle = str(handle)
    if handle is not None and not isinstance(handle, str):
        problems.append(_shape(where, f"sourceHandle of {where} must be a text"))
    if not (source and target):
        return None
    plain = as_text(handle)
    return EdgeRef(source=source, target=target, handle="" if plain == "output" else plain)


def _shape(where: str, text: str) -> Finding:
    return Finding(Code.BAD_SHAPE, where, text)
