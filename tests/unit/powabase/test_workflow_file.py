"""A workflow as a file of the repository."""

from __future__ import annotations

import difflib
import json
import random

import pytest
from bench.work.graphs import random_graph
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.powabase.test_apply import NOTIFY
from tests.unit.powabase.workflows import INPUT, apply, block, support

from upshot.powabase.findings import Code, InvalidWorkflow
from upshot.powabase.graph import Graph, build_graph, digest_graph, read_graph
from upshot.powabase.workflow_file import read_workflow, write_workflow


def codes(text: str) -> list[Code]:
    with pytest.raises(InvalidWorkflow, match=r"^the workflow file cannot be used") as refusal:
        read_workflow(text)
    return [finding.code for finding in refusal.value.findings]


def test_it_reads_as_what_was_written() -> None:
    text = write_workflow(support())
    assert read_workflow(text) == support()
    assert write_workflow(read_workflow(text)) == text
    assert list(json.loads(text)) == ["version", "blocks", "edges"]


def test_the_order_of_the_servers_answer_does_not_show() -> None:
    one, other = ({"b": 1, "a": {"d": 2, "c": 3}}, {"a": {"c": 3, "d": 2}, "b": 1})
    texts = {
        write_workflow(build_graph([block(INPUT, "starter", "I", **config)], []))
        for config in (one, other)
    }
    assert len(texts) == 1


def test_a_change_is_a_small_difference() -> None:
    before, after = write_workflow(support()), write_workflow(apply(NOTIFY).after)
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    assert [line for line in lines if line.startswith("-")] == []
    assert len([line for line in lines if line.startswith("+")]) == 15 + 7  # the block, the edge


def test_changing_one_value_changes_one_line() -> None:
    after = apply({"update_blocks": [{"id": "Answer", "config": {"model": "o3"}}]}).after
    lines = list(
        difflib.ndiff(write_workflow(support()).splitlines(), write_workflow(after).splitlines())
    )
    assert [line.strip() for line in lines if line[0] in "+-"] == [
        '-         "model": "gpt-5.2"',
        '+         "model": "o3"',
    ]


def test_text_beyond_ascii_is_readable() -> None:
    assert '"Grüße"' in write_workflow(build_graph([block(INPUT, "starter", "Grüße")], []))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.BAD_SHAPE),
        ("{", Code.BAD_SHAPE),
        ("[" * 100_000, Code.BAD_SHAPE),
        ('{"version": ' + "9" * 5_000 + "}", Code.BAD_SHAPE),
        (" " * (8 * 1024 * 1024 + 1), Code.BAD_SHAPE),
        ("[]", Code.MISSING_FIELD),
        ('{"blocks": [], "edges": []}', Code.MISSING_FIELD),
        ('{"version": 1}', Code.MISSING_FIELD),
        ('{"version": 1, "blocks": [{"id": "a", "type": "code"}], "edges": []}', Code.BAD_ID),
        ('{"version": 1, "blocks": [{"id": "a", "type": "code", "config": {"a": NaN}}], "edges": []}',
         Code.BAD_TEXT),
        ('{"version": 1, "blocks": [], "edges": [{"source": "a", "target": "b"}]}', Code.DANGLING_EDGE),
    ],
)  # fmt: skip
def test_what_could_not_be_put_is_refused(text: str, code: Code) -> None:
    assert code in codes(text)


def test_a_mistake_of_the_pen_is_reported_with_its_line() -> None:
    with pytest.raises(InvalidWorkflow, match="in line 3"):
        read_workflow('{"version": 1,\n "blocks": [],\n "edges" []}')


def by_hand(graph: Graph, seed: int, *, indent: int | None = 4) -> str:
    """As a person might have it: another order, other spaces, defaults left out, a field of their own."""
    chance = random.Random(seed)
    record = json.loads(write_workflow(graph))
    chance.shuffle(record["blocks"])
    chance.shuffle(record["edges"])
    for edge_row in record["edges"]:
        if edge_row["targetHandle"] == "input":
            del edge_row["targetHandle"]
    for row in record["blocks"]:
        row["config"] = dict(chance.sample(list(row["config"].items()), len(row["config"])))
    return json.dumps({"about": "The support bot.", **record}, indent=indent, ensure_ascii=False)


@settings(max_examples=100)
@given(st.integers(0, 2**32), st.sampled_from([None, 1, 2, 4]))
def test_what_does_not_differ_keeps_its_form(seed: int, indent: int | None) -> None:
    graph = read_graph(random_graph(random.Random(seed))[0])
    text = by_hand(graph, seed, indent=indent)
    assert write_workflow(read_workflow(text), text) == text
    other = read_graph(random_graph(random.Random(seed + 1))[0])
    assert digest_graph(read_workflow(write_workflow(other, text))) == digest_graph(other)


def test_a_change_of_a_file_that_was_written_by_hand_is_as_small() -> None:
    text = by_hand(support(), 3)
    after = apply({"update_blocks": [{"id": "Answer", "config": {"model": "o3"}}]}).after
    lines = list(difflib.ndiff(text.splitlines(), write_workflow(after, text).splitlines()))
    assert len([line for line in lines if line.startswith(("+", "-"))]) == 2
    added = write_workflow(apply(NOTIFY).after, text)
    lines = list(difflib.ndiff(text.splitlines(), added.splitlines()))
    assert [line for line in lines if line.startswith("-")] in ([], ["-         }"])
    assert json.loads(added)["about"] == "The support bot."


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "{}"])
def test_a_text_that_is_no_workflow_is_no_form(text: str) -> None:
    assert read_workflow(write_workflow(support(), text)) == support()
