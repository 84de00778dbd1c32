"""What the Copilot is sent of a workflow."""

from __future__ import annotations

import json

from msgspec.structs import replace
from tests.unit.powabase.workflows import ANSWER, INPUT, REPLY, block, edge, support

from upshot.powabase.graph import build_graph
from upshot.powabase.state import CUT, LONGEST_TEXT, MOST_CHARACTERS, build_state


def test_it_has_names_for_ids() -> None:
    assert build_state(support()).body == {
        "nodes": [
            {"id": "Input", "type": "starter", "name": "Input", "position": {"x": 0, "y": 0},
             "config": {"input": {"question": "string"}}},
            {"id": "Answer", "type": "agent", "name": "Answer", "position": {"x": 0, "y": 0},
             "config": {"input": "<Input.output.question>", "model": "gpt-5.2"}},
            {"id": "Reply", "type": "response", "name": "Reply", "position": {"x": 0, "y": 0},
             "config": {"output": "<Answer.output>"}},
        ],
        "edges": [
            {"source": "Input", "target": "Answer", "sourceHandle": None},
            {"source": "Answer", "target": "Reply", "sourceHandle": None},
        ],
    }  # fmt: skip


def test_a_branch_is_reported_by_its_handle() -> None:
    blocks = [block(INPUT, "condition", "Route"), block(ANSWER, "code", "Do")]
    state = build_state(build_graph(blocks, [edge(INPUT, ANSWER, "if")]))
    assert state.body["edges"] == [{"source": "Route", "target": "Do", "sourceHandle": "if"}]


def test_a_long_text_is_cut_and_reported() -> None:
    graph = build_graph([block(INPUT, "code", "C", code="x" * 2_001, note="y" * 2_000)], [])
    state = build_state(graph)
    assert state.body["nodes"][0]["config"]["code"] == "x" * LONGEST_TEXT + CUT
    assert state.cut == {(INPUT, "code")}
    assert graph.blocks[0].config["code"] == "x" * 2_001


def test_of_too_much_the_longest_configs_are_withheld() -> None:
    many = {f"field_{n}": "z" * 1_900 for n in range(20)}
    blocks = [
        block(INPUT, "starter", "Small", a=1),
        replace(block(ANSWER, "code", "Large"), config=many),
        replace(block(REPLY, "code", "Larger"), config={**many, "more": "z" * 100}),
    ]
    state = build_state(build_graph(blocks, []))
    configs = {node["name"]: node["config"] for node in state.body["nodes"]}
    assert len(json.dumps(state.body)) <= MOST_CHARACTERS
    assert configs["Larger"] == {"_truncated": True}
    assert configs["Large"] == many
    assert {place[0] for place in state.cut} == {REPLY}
