"""Reading graphs, their normal form and digests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.powabase.workflows import ANSWER, INPUT, REPLY, support

from upshot.powabase.canonical import digest_json, single, text_problem
from upshot.powabase.findings import Code, InvalidWorkflow
from upshot.powabase.graph import digest_graph, read_graph, to_snapshot, to_wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def wire(**changes: Any) -> dict[str, Any]:
    return {"version": 3, **to_wire(support()), **changes}


def codes(found: object) -> list[Code]:
    with pytest.raises(InvalidWorkflow) as refusal:
        read_graph(found)
    return [finding.code for finding in refusal.value.findings]


def test_what_is_written_reads_as_the_same_graph() -> None:
    assert read_graph(wire()) == support()
    assert to_wire(read_graph(json.loads(json.dumps(wire())))) == to_wire(support())


def test_a_snapshot_reads_as_the_same_blocks_and_edges() -> None:
    assert digest_graph(read_graph(to_snapshot(support()))) == digest_graph(support())


def test_the_order_of_blocks_and_edges_does_not_matter() -> None:
    turned = wire(blocks=wire()["blocks"][::-1], edges=wire()["edges"][::-1])
    assert read_graph(turned) == support()


@given(JSON, st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_the_order_of_keys(value: Any, chance: Any) -> None:
    def mixed(part: Any) -> Any:
        if isinstance(part, dict):
            names = list(part)
            chance.shuffle(names)
            return {name: mixed(part[name]) for name in names}
        return [mixed(one) for one in part] if isinstance(part, list) else part

    assert digest_json(value) == digest_json(mixed(value))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": None}, {}, False),
        ({"a": "1"}, {"a": 1}, False),
        ([1, 2], [2, 1], False),
        ({"a": "ü"}, {"a": "u\u0308"}, False),
    ],
)
def test_a_digest_gives_values_apart(one: object, other: object, *, is_same: bool) -> None:
    assert (digest_json(one) == digest_json(other)) is is_same


def test_neither_version_nor_ids_of_edges_are_in_the_digest() -> None:
    edges = [edge | {"id": ANSWER} for edge in wire()["edges"]]
    assert digest_graph(read_graph(wire(version=9, edges=edges))) == digest_graph(support())


@pytest.mark.parametrize("field", ["sourceHandle", "targetHandle"])
def test_no_handle_is_the_default_one(field: str) -> None:
    edges = [{name: value for name, value in e.items() if name != field} for e in wire()["edges"]]
    nulls = [edge | {field: None} for edge in edges]
    for given_edges in (edges, nulls):
        assert digest_graph(read_graph(wire(edges=given_edges))) == digest_graph(support())


def test_a_position_has_the_precision_of_the_servers_column() -> None:
    blocks = wire()["blocks"]
    blocks[0]["position"] = {"x": 123.456789, "y": 1e300}
    read = read_graph(wire(blocks=blocks)).blocks[0]
    assert (read.x, read.y) == (123.45679, 0.0)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_precision_survives_the_way_there_and_back(number: float) -> None:
    assert single(number) == number or single(single(number)) == single(number)
    assert single(float(repr(single(number)))) == single(number)


def test_ids_are_compared_without_case() -> None:
    upper = json.loads(json.dumps(wire()).replace(ANSWER, ANSWER.upper()))
    assert read_graph(upper) == support()


def test_fields_that_are_unknown_come_back_in_a_put() -> None:
    blocks = [block | {"parent": "x"} for block in wire()["blocks"]]
    edges = [edge | {"label": "y"} for edge in wire()["edges"]]
    put = to_wire(read_graph(wire(blocks=blocks, edges=edges)))
    assert {block["parent"] for block in put["blocks"]} == {"x"}
    assert {edge["label"] for edge in put["edges"]} == {"y"}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (None, Code.MISSING_FIELD),
        ([], Code.MISSING_FIELD),
        ({"blocks": []}, Code.MISSING_FIELD),
        ({"blocks": {}, "edges": []}, Code.MISSING_FIELD),
        ({"blocks": ["x"], "edges": []}, Code.BAD_SHAPE),
        ({"blocks": [{"type": "code"}], "edges": []}, Code.MISSING_FIELD),
        ({"blocks": [{"id": INPUT}], "edges": []}, Code.MISSING_FIELD),
        ({"blocks": [{"id": INPUT, "type": "code", "config": []}], "edges": []}, Code.BAD_SHAPE),
        ({"blocks": [{"id": INPUT, "type": "code", "name": 7}], "edges": []}, Code.BAD_SHAPE),
        ({"blocks": [{"id": INPUT, "type": "code", "enabled": 1}], "edges": []}, Code.BAD_SHAPE),
        ({"blocks": [{"id": INPUT, "type": "code", "name": "\0"}], "edges": []}, Code.BAD_TEXT),
        ({"blocks": [], "edges": [{"source": INPUT}]}, Code.MISSING_FIELD),
        ({"blocks": [], "edges": [7]}, Code.BAD_SHAPE),
        ({"blocks": [], "edges": [{"source": "a", "target": "b", "condition": 1}]}, Code.BAD_SHAPE),
        ({"blocks": [], "edges": [], "version": "3"}, Code.BAD_SHAPE),
        ({"blocks": [], "edges": [], "version": True}, Code.BAD_SHAPE),
        ({"blocks": [], "edges": [], "version": -1}, Code.BAD_SHAPE),
        ({"blocks": [{}] * 2_001, "edges": []}, Code.TOO_BIG),
    ],
)
def test_what_has_another_shape_is_refused(found: object, code: Code) -> None:
    assert code in codes(found)


def test_every_problem_is_reported_at_once() -> None:
    found = {"blocks": [{"type": "code"}, "x"], "edges": [{"target": REPLY}]}
    assert sorted(codes(found)) == [Code.BAD_SHAPE, Code.MISSING_FIELD, Code.MISSING_FIELD]


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("plain", ""),
        ({"a": ["\0"]}, "NUL"),
        ({"\0": 1}, "NUL"),
        ("\ud800", "half a character"),
        (float("nan"), "number"),
        (2**63, "63 bits"),
        ([[]] * 3, ""),
        (json.loads("[" * 70 + "]" * 70), "nested"),
    ],
)
def test_what_the_database_could_not_hold_is_found(value: object, part: str) -> None:
    problem = text_problem(value)
    assert part in problem
    assert bool(problem) is bool(part)
