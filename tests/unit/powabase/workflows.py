"""Graphs for tests: a small support workflow, and what a turn would make of it."""

from __future__ import annotations

from typing import Any

from upshot.powabase.apply import Applied, apply_diff
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import Code, InvalidWorkflow, errors_of
from upshot.powabase.graph import Block, Edge, Graph, build_graph

INPUT = "11111111-1111-4111-8111-111111111111"
ANSWER = "22222222-2222-4222-8222-222222222222"
REPLY = "33333333-3333-4333-8333-333333333333"
OTHER = "44444444-4444-4444-8444-444444444444"


def block(block_id: str, kind: str, name: str = "", **config: Any) -> Block:
    return Block(id=block_id, type=kind, name=name, config=config)


def edge(source: str, target: str, handle: str = "", **more: Any) -> Edge:
    handle_given = {"source_handle": handle, "condition": handle} if handle else {}
    return Edge(source=source, target=target, **{**handle_given, **more})


def support() -> Graph:
    """Input -> Answer -> Reply."""
    return build_graph(
        [
            block(INPUT, "starter", "Input", input={"question": "string"}),
            block(ANSWER, "agent", "Answer", input="<Input.output.question>", model="gpt-5.2"),
            block(REPLY, "response", "Reply", output="<Answer.output>"),
        ],
        [edge(INPUT, ANSWER), edge(ANSWER, REPLY)],
        version=3,
    )


def apply(diff: dict[str, Any], before: Graph | None = None) -> Applied:
    return apply_diff(support() if before is None else before, read_diff(diff))


def refused(diff: dict[str, Any], before: Graph | None = None) -> set[Code]:
    """The kinds of errors that the change is refused for; empty when it is not."""
    try:
        apply(diff, before)
    except InvalidWorkflow as refusal:
        return {finding.code for finding in errors_of(refusal.findings)}
    return set()


def named(graph: Graph, name: str) -> Block:
    """The only block of this name."""
    (found,) = [one for one in graph.blocks if one.name == name]
    return found
