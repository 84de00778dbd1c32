"""What must be true of every graph and every change (also: `python -m bench.work.graphs`)."""

from __future__ import annotations

import random
from collections import Counter

from bench.work.graphs import check_one, random_diff, random_graph
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.powabase.workflows import apply, refused, support

from upshot.powabase.apply import apply_diff, undo
from upshot.powabase.change import apply_change, compare, invert
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import InvalidWorkflow, errors_of
from upshot.powabase.graph import digest_graph, read_graph, to_wire
from upshot.powabase.names import display_names
from upshot.powabase.validate import validate_graph
from upshot.powabase.workflow_file import read_workflow, write_workflow

CHANCE = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_every_rule_holds_for_a_random_graph_and_change(seed: int) -> None:
    check_one(random.Random(seed), Counter())


@settings(max_examples=200)
@given(CHANCE)
def test_applying_and_undoing_is_the_identity(chance: random.Random) -> None:
    before = read_graph(random_graph(chance)[0])
    diff = read_diff(random_diff(chance, sorted(display_names(before).values())))
    try:
        applied = apply_diff(before, diff)
    except InvalidWorkflow:
        return
    assert to_wire(undo(applied.after, applied)) == to_wire(before)
    wrong_before = {(one.code, one.where) for one in errors_of(validate_graph(before))}
    wrong_after = {(one.code, one.where) for one in errors_of(validate_graph(applied.after))}
    assert wrong_after <= wrong_before


@settings(max_examples=200)
@given(CHANCE)
def test_any_two_graphs_lead_to_each_other(chance: random.Random) -> None:
    one, other = (read_graph(random_graph(chance)[0]) for _ in range(2))
    change = compare(one, other)
    assert digest_graph(apply_change(one, change)) == digest_graph(other)
    assert digest_graph(apply_change(other, invert(change))) == digest_graph(one)
    assert change.is_empty is (digest_graph(one) == digest_graph(other))


@settings(max_examples=200)
@given(CHANCE)
def test_an_empty_change_changes_nothing(chance: random.Random) -> None:
    before = read_graph(random_graph(chance)[0])
    applied = apply_diff(before, read_diff({"add_blocks": [], "update_blocks": []}))
    assert applied.after == before
    assert applied.change.is_empty


@settings(max_examples=200)
@given(CHANCE)
def test_a_file_gives_the_graph_back_and_is_stable(chance: random.Random) -> None:
    graph = read_graph(random_graph(chance)[0])
    text = write_workflow(graph)
    assert read_workflow(text) == graph
    raw = to_wire(graph)
    chance.shuffle(raw["blocks"])
    chance.shuffle(raw["edges"])
    assert write_workflow(read_graph({"version": graph.version, **raw})) == text


@given(st.permutations(range(4)))
def test_the_order_of_independent_items_does_not_matter(order: list[int]) -> None:
    blocks = [
        {"id": f"code_{n}", "type": "code", "name": "Same", "config": {"code": str(n)}}
        for n in range(4)
    ]
    edges = [{"source": "Answer", "target": f"code_{n}"} for n in range(4)]
    updates = [{"id": f"code_{n}", "config": {"note": n}} for n in range(4)]

    def diff(places: list[int]) -> dict[str, list[object]]:
        return {
            "add_blocks": [blocks[n] for n in places],
            "add_edges": [edges[n] for n in places],
            "update_blocks": [updates[n] for n in places],
        }

    assert apply(diff(order)).after == apply(diff([0, 1, 2, 3])).after


@given(CHANCE)
def test_what_is_refused_is_refused_again(chance: random.Random) -> None:
    diff = random_diff(chance, [block.name for block in support().blocks])
    assert refused(diff) == refused(diff)
