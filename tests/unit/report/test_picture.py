"""The Mermaid graph: only our nodes and arrows, whatever the names hold."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from upshot.model import Failure
from upshot.report.failures.picture import MOST_NODES, draw_failures

NODE = re.compile(
    r'  (?:n\d+|more)\["[^"`<>{}\[\]|()]*(?:\([^"`<>{}\[\]|()]*\))?"\]:::(?:cause|cascade)'
)
ARROW = re.compile(r"  (?:n\d+|causes) --> n\d+")
GROUP = {
    '  subgraph causes["failed first"]',
    "  end",
    "  style causes fill:none,stroke:#8c959f",
}


def failure(name: str, *, is_cascade: bool = False) -> Failure:
    return Failure("m", "m", name=name, type="aws:s3/bucket:Bucket", is_cascade=is_cascade)


def assert_well_formed(picture: str) -> None:
    lines = picture.split("\n")
    assert lines[0] == "```mermaid"
    assert lines[-1] == "```"
    body = [line for line in lines[3:-1] if not line.startswith("  classDef ")]
    assert all(NODE.fullmatch(x) or ARROW.fullmatch(x) or x in GROUP for x in body), body


def test_one_failure_makes_no_picture() -> None:
    assert draw_failures([failure("a")]) == ""


def test_the_cause_points_to_what_followed() -> None:
    picture = draw_failures(
        [failure("cause"), failure("b", is_cascade=True), failure("c", is_cascade=True)]
    )
    assert_well_formed(picture)
    assert "  n0 --> n1\n  n0 --> n2\n" in picture
    assert 'n0["cause (Bucket)"]:::cause' in picture


def test_of_several_causes_none_is_blamed_alone() -> None:
    picture = draw_failures([failure("a"), failure("b"), failure("c", is_cascade=True)])
    assert_well_formed(picture)
    assert "  causes --> n2" in picture


def test_at_most_twenty_boxes_the_last_one_counts_the_rest() -> None:
    picture = draw_failures([failure(f"r{i}") for i in range(200)])
    assert_well_formed(picture)
    assert len(NODE.findall(picture)) == MOST_NODES
    assert 'more["181 more"]' in picture


@given(st.lists(st.text(max_size=60), min_size=2, max_size=5))
def test_t19_t39_names_cannot_add_nodes_or_directives(names: list[str]) -> None:
    assert_well_formed(draw_failures([failure(name) for name in names]))


def test_t19_known_break_outs_are_only_text() -> None:
    for name in (
        '"]:::x; click n0 "https://evil.example"',
        "```\nend",
        "%%{init: {}}%%",
        "<img src=x>",
        "#quot;]",
    ):
        assert_well_formed(draw_failures([failure(name), failure("b", is_cascade=True)]))
