"""Which graphs the server could not store or run, each problem as a finding."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.powabase.workflows import ANSWER, INPUT, OTHER, REPLY, block, edge, support

from upshot.powabase.findings import Code, InvalidWorkflow, errors_of
from upshot.powabase.graph import Block, Edge, build_graph
from upshot.powabase.validate import check_graph, validate_graph

START = block(INPUT, "starter", "Input", input={})


def found(blocks: Sequence[Block], edges: Sequence[Edge] = ()) -> dict[Code, str]:
    return {one.code: one.message for one in validate_graph(build_graph(blocks, edges))}


def test_a_good_graph_has_no_findings() -> None:
    assert validate_graph(support()) == ()


def test_an_empty_one_neither() -> None:
    assert found([]) == {}


def test_an_unknown_type_names_those_that_are_known() -> None:
    message = found([START, block(ANSWER, "llm", "Ask")])[Code.UNKNOWN_TYPE]
    assert message.startswith("block 'Ask' is of the unknown type 'llm'; known are agent, api_call")


@pytest.mark.parametrize(
    "block_id", ["start", "1", f"{INPUT} ", INPUT.replace("-", ""), f"urn:{INPUT}"]
)
def test_an_id_that_is_no_uuid(block_id: str) -> None:
    assert Code.BAD_ID in found([block(block_id, "starter", "Input")])


def test_an_id_that_two_blocks_have() -> None:
    assert Code.DUPLICATE in found([START, block(INPUT, "code", "Other")])


def test_an_edge_that_leads_nowhere() -> None:
    message = found([START], [edge(INPUT, OTHER)])[Code.DANGLING_EDGE]
    assert OTHER in message


def test_the_same_edge_twice() -> None:
    twice = [edge(INPUT, ANSWER), edge(INPUT, ANSWER, source_handle=None)]
    assert Code.DUPLICATE in found([START, block(ANSWER, "code", "C")], twice)


def test_two_branches_to_one_block_are_two_edges() -> None:
    route = block(ANSWER, "condition", "Route", branches=[{"expression": "x"}])
    edges = [edge(INPUT, ANSWER), edge(ANSWER, REPLY, "if"), edge(ANSWER, REPLY, "else")]
    assert found([START, route, block(REPLY, "code", "C")], edges) == {}


def test_a_circle_is_reported_in_its_order() -> None:
    blocks = [
        START,
        block(ANSWER, "code", "A"),
        block(REPLY, "code", "B"),
        block(OTHER, "code", "C"),
    ]
    edges = [edge(INPUT, ANSWER), edge(ANSWER, REPLY), edge(REPLY, OTHER), edge(OTHER, ANSWER)]
    assert "'A', 'B', 'C' wait for each other" in found(blocks, edges)[Code.CYCLE]


def test_a_block_that_waits_for_itself() -> None:
    assert Code.CYCLE in found([START], [edge(INPUT, INPUT)])


def test_two_circles_are_two_findings() -> None:
    ids = [INPUT, ANSWER, REPLY, OTHER]
    blocks = [block(one, "code", name) for one, name in zip(ids, "ABCD", strict=True)]
    edges = [edge(INPUT, ANSWER), edge(ANSWER, INPUT), edge(REPLY, OTHER), edge(OTHER, REPLY)]
    findings = validate_graph(build_graph(blocks, edges))
    assert [one.code for one in findings if one.is_error] == [Code.CYCLE, Code.CYCLE]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10, unique=True))
def test_a_circle_is_found_exactly_when_no_order_is_possible(arrows: list[tuple[int, int]]) -> None:
    ids = [f"{n}0000000-0000-4000-8000-000000000000" for n in range(6)]
    blocks = [block(one, "code", f"B{n}") for n, one in enumerate(ids)]
    edges = [edge(ids[a], ids[b]) for a, b in arrows]
    left = set(range(6))
    while free := {n for n in left if not any(b == n and a in left for a, b in arrows)}:
        left -= free
    assert (Code.CYCLE in found(blocks, edges)) is bool(left)


def test_an_unknown_reference() -> None:
    findings = found([START, block(ANSWER, "code", "C", code="<Missing.output>")])
    assert (
        findings[Code.UNKNOWN_REFERENCE]
        == "block 'C' refers to 'Missing', and no block has that name"
    )


def test_a_reference_by_id_is_known() -> None:
    late = block(ANSWER, "response", "Reply", output=f"<{INPUT}.output>")
    assert found([START, late], [edge(INPUT, ANSWER)]) == {}


def test_a_reference_to_a_later_block_is_reported() -> None:
    findings = validate_graph(
        build_graph([START, block(ANSWER, "response", "R", output="<Input.output>")], [])
    )
    assert [(one.code, one.is_error) for one in findings] == [(Code.LATE_REFERENCE, False)]


def test_a_reference_that_the_engine_does_not_read_is_reported() -> None:
    blocks = [
        block(INPUT, "starter", "Who?"),
        block(ANSWER, "response", "R", output="<Who?.output>"),
    ]
    findings = validate_graph(build_graph(blocks, [edge(INPUT, ANSWER)]))
    assert [(one.code, one.is_error) for one in findings] == [(Code.UNREAD_REFERENCE, False)]


@pytest.mark.parametrize(
    ("kind", "config", "handle", "code"),
    [
        ("condition", {"branches": [{}, {}]}, "elif_1", None),
        ("condition", {"branches": [{}, {}]}, "elif_2", Code.UNKNOWN_HANDLE),
        ("condition", {}, "else", None),
        ("condition", {"branches": [{}]}, "1", Code.UNKNOWN_HANDLE),
        ("condition", {"branches": [{}]}, "", Code.MISSING_HANDLE),
        ("split", {"branches": 3}, "3", None),
        ("split", {"branches": 3}, "4", Code.UNKNOWN_HANDLE),
        ("split", {"branches": "many"}, "2", None),
        ("split", {}, "", None),
        ("agent", {}, "anything", None),
    ],
)
def test_handles_of_branches(
    kind: str, config: dict[str, object], handle: str, code: Code | None
) -> None:
    blocks = [START, block(ANSWER, kind, "Route", **config), block(REPLY, "code", "C")]
    findings = found(blocks, [edge(INPUT, ANSWER), edge(ANSWER, REPLY, handle)])
    assert set(findings) == ({code} if code else set())


def test_a_workflow_with_two_triggers_or_none_is_reported() -> None:
    for blocks in ([block(ANSWER, "code", "C")], [START, block(ANSWER, "webhook", "Hook")]):
        findings = validate_graph(build_graph(blocks, []))
        assert [(one.code, one.is_error) for one in findings] == [(Code.TRIGGERS, False)]


def test_texts_that_no_column_holds() -> None:
    assert Code.TOO_BIG in found([block(INPUT, "starter", "n" * 256)])
    assert Code.TOO_BIG in found(
        [START, block(ANSWER, "code", "C")], [edge(INPUT, ANSWER, "h" * 51)]
    )
    assert Code.BAD_TEXT in found([block(INPUT, "starter", "a", x="\0")])
    assert Code.BAD_ID in found([START, block(ANSWER, "code", "C")], [edge(INPUT, ANSWER, id="e1")])


def test_a_name_is_shown_short_on_one_line_and_visible() -> None:
    name = "A\u202e`x`\n" + "b" * 300
    message = found([block(INPUT, "llm", name)])[Code.UNKNOWN_TYPE]
    assert "\u202e" not in message
    assert "\n" not in message
    assert "b" * 70 not in message


def test_checking_refuses_what_cannot_be_stored_and_lets_a_stale_reference_be() -> None:
    check_graph(build_graph([block(INPUT, "starter", "I", input="<Gone.output>")], []))
    with pytest.raises(InvalidWorkflow, match="no UUID") as refusal:
        check_graph(build_graph([block("a", "starter", "I"), block("b", "code", "I")], []))
    assert len(errors_of(refusal.value.findings)) == 2
    assert "and 1 more" in refusal.value.message
    assert "give each block a UUID" in refusal.value.hint
