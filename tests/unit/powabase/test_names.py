"""Names of blocks as the Copilot sees them, and references to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.powabase.workflows import ANSWER, INPUT, OTHER, REPLY, block

from upshot.powabase.graph import build_graph
from upshot.powabase.names import (
    display_names,
    find_references,
    is_readable,
    rename_references,
    unique_name,
    without_references,
)

IDS = [INPUT, ANSWER, REPLY, OTHER]
NAMES = st.sampled_from(["", "A", "A #1", "A #2", "B", INPUT])


def test_a_name_that_is_alone_stays() -> None:
    graph = build_graph([block(INPUT, "starter", "Input"), block(ANSWER, "agent", "Answer")], [])
    assert display_names(graph) == {INPUT: "Input", ANSWER: "Answer"}


def test_twins_are_numbered_in_the_order_of_their_ids() -> None:
    blocks = [block(ANSWER, "agent", "Ask"), block(INPUT, "agent", "Ask"), block(REPLY, "code")]
    found = display_names(build_graph(blocks, []))
    assert found == {INPUT: "Ask #1", ANSWER: "Ask #2", REPLY: REPLY}


def test_a_number_that_another_block_has_is_passed_over() -> None:
    blocks = [block(one, "agent", name) for one, name in zip(IDS, ["A", "A", "A #1"], strict=False)]
    assert sorted(display_names(build_graph(blocks, [])).values()) == ["A #1", "A #2", "A #3"]


@given(st.lists(NAMES, max_size=4))
def test_no_two_blocks_are_shown_alike(names: list[str]) -> None:
    blocks = [block(one, "agent", name) for one, name in zip(IDS, names, strict=False)]
    found = display_names(build_graph(blocks, []))
    assert len(set(found.values())) == len(blocks)


def test_a_free_name_is_found_by_counting() -> None:
    taken = {"X", "X 2"}
    assert unique_name("X", taken) == "X 3"
    assert unique_name("Y", taken) == "Y"
    assert taken == {"X", "X 2", "X 3", "Y"}


def test_references_are_found_at_any_depth() -> None:
    config = {"a": "x <Input.output.q> <Ask me.route>", "b": [{"c": "<Input.output>"}], "d": 7}
    assert list(find_references(config)) == ["Input", "Ask me", "Input"]


def test_what_only_looks_like_one_is_none() -> None:
    for text in (
        "<div.card>",
        "<a.b>",
        "a < b.output >",
        "<x\n.output>",
        "<.output>",
        "<A.B.output>",
    ):
        assert list(find_references(text)) == [], text


def test_renaming_keeps_the_path_and_all_other_text() -> None:
    config = {"a": ["<x_1.output.b.c> <div.card> <Input.output>"]}
    renamed = rename_references(config, lambda name: "Ask" if name == "x_1" else name)
    assert renamed == {"a": ["<Ask.output.b.c> <div.card> <Input.output>"]}


def test_a_text_without_its_references() -> None:
    assert without_references("Bearer <Vault.output.token>") == "Bearer "


def test_the_engine_reads_names_of_letters_digits_spaces_hyphens() -> None:
    assert all(map(is_readable, ["Input", "Ask me 2", "a-b_c", "Ünïcode", INPUT]))
    assert not any(map(is_readable, ["Ask?", "Ask #1", "a.b", ""]))
