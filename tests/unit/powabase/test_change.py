"""What differs between two graphs, whatever made the difference."""

from __future__ import annotations

from msgspec.structs import replace
from tests.unit.powabase.workflows import ANSWER, INPUT, OTHER, REPLY, block, edge, support

from upshot.powabase.change import apply_change, compare, invert
from upshot.powabase.graph import Graph, build_graph


def test_two_graphs_that_are_alike_differ_in_nothing() -> None:
    assert compare(support(), support()).is_empty


def test_every_kind_of_difference() -> None:
    after = build_graph(
        [
            block(INPUT, "starter", "Start", input={"question": "string"}),
            replace(block(ANSWER, "agent", "Answer", input="x"), x=5.0, enabled=False),
            block(OTHER, "code", "Clean"),
        ],
        [edge(INPUT, OTHER), edge(OTHER, ANSWER)],
        version=4,
    )
    change = compare(support(), after)
    assert [one.id for one in change.added] == [OTHER]
    assert [one.id for one in change.removed] == [REPLY]
    assert [[p.path for p in one.properties] for one in change.updated] == [
        ["name"],
        ["position", "enabled", "config.input", "config.model"],
    ]
    assert {e.ends for e in change.edges_added} == {(INPUT, OTHER, ""), (OTHER, ANSWER, "")}
    assert {e.ends for e in change.edges_removed} == {(INPUT, ANSWER, ""), (ANSWER, REPLY, "")}
    assert apply_change(support(), change) == after
    assert apply_change(after, invert(change)) == support()


def test_true_is_not_one() -> None:
    one, true = (Graph((block(INPUT, "starter", "I", a=value),)) for value in (1, True))
    assert compare(one, true).counts["blocks-updated"] == 1


def test_null_is_not_absent() -> None:
    none, null = (
        Graph((block(INPUT, "starter", "I"),)),
        Graph((block(INPUT, "starter", "I", a=None),)),
    )
    (change,) = compare(none, null).updated
    (found,) = change.properties
    assert (found.path, found.was_there, found.is_there) == ("config.a", False, True)


def test_an_edge_with_another_id_is_the_same_edge() -> None:
    renamed = build_graph(support().blocks, [replace(e, id=OTHER) for e in support().edges], 3)
    assert compare(support(), renamed).is_empty


def test_an_edge_with_another_condition_is_another_edge() -> None:
    edges = [replace(e, condition="if") for e in support().edges]
    counts = compare(support(), build_graph(support().blocks, edges)).counts
    assert (counts["edges-added"], counts["edges-removed"]) == (2, 2)
