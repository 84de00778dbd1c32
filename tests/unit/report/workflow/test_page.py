"""Reports about a workflow: hostile names, values and answers do nothing, and pages keep their limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden.workflow.pages import CHANGED, PAGES, render
from tests.unit.report.test_hostile_report import PARTS

from upshot.gate.grammar import parse_command
from upshot.report.markdown.fit import COMMENT, SUMMARY, size
from upshot.report.redact.redact import Redactor
from upshot.report.workflow.page import (
    Arrow,
    ChangeRow,
    Node,
    Picture,
    Problem,
    ToolRow,
    WorkflowPage,
)
from upshot.report.workflow.picture import MOST_NODES, draw, near_changes
from upshot.report.workflow.words import count_changes
from upshot.secret import Secret

GitHub = Callable[[str], Any]
TEXT = st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join)
OURS = re.compile(r"https://github\.com/acme/support/(actions|commit)/")


@given(
    st.sampled_from(["not-asked", "waiting", "refused", "stale"]),
    st.lists(TEXT, min_size=8, max_size=8),
)
@settings(max_examples=80)
def test_t14_to_t22_t64_hostile_texts_do_nothing(
    github: GitHub, state: str, texts: list[str]
) -> None:
    page = WorkflowPage(
        state=state,
        apply="server",
        name=texts[0],
        version=1,
        session_id=texts[1],
        question=texts[2],
        answer=texts[3],
        changes=(
            ChangeRow("~", texts[4], texts[5], texts[6], texts[7], texts[0]),
            ChangeRow("+", texts[1], texts[2]),
        ),
        picture=Picture(
            nodes=(Node(texts[3], texts[4], texts[5], "+"), Node("b", texts[6], "", "-")),
            arrows=(Arrow(texts[3], "b", texts[7], "+"),),
        ),
        problems=(Problem(texts[0], texts[1], is_error=True),),
        tools=(ToolRow(texts[2], texts[3], is_dangerous=True),),
        message=texts[4],
        hint=texts[5],
        approvals=(texts[6],),
    )
    text = render(page).comment().text
    seen = github(text)
    assert not {"img", "input", "h1", "h2", "script", "iframe"} & set(seen.tags)
    assert not seen.comments
    assert not re.search(r"(?<!\w)[@\uff20]\w", seen.prose)
    assert all(OURS.match(link) for link in seen.links)
    assert not re.search(r"(?m)^/[a-z]+(\s|$)", text)


def test_the_line_to_paste_is_a_vote_as_it_stands() -> None:
    (line,) = [
        line for line in render(PAGES["waiting"]).comment().text.split("\n") if "/upshot" in line
    ]
    command = parse_command(line)
    assert command is not None
    assert command.request_id == "abcd-efgh-ijkl-mnop"


def test_a_block_is_named_once_with_its_properties() -> None:
    rows = [
        ChangeRow("+", "A", "agent"),
        ChangeRow("+", "A", "agent", "model", "", "o3"),
        ChangeRow("+", "A", "agent", "note", "", "x"),
        ChangeRow("-", "A", "agent"),
        ChangeRow("-", "B", "code"),
        ChangeRow("+", "A → B", "edge", "if"),
        ChangeRow("+", "A → B", "edge", "else"),
    ]
    text = render(WorkflowPage(state="not-asked", changes=tuple(rows))).comment().text
    shown = [line for line in text.split("\n") if line.startswith("| ")]
    assert [line.split("|")[1].strip() for line in shown] == [
        "Block", "🟢 `A`", "", "🔴 `A`", "🔴 `B`", "🟢 `A → B`", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, ""),
        ({"blocks-added": 0, "edges-removed": 0}, ""),
        ({"blocks-added": 1, "blocks-updated": 2, "edges-removed": 1}, "1 block added, 2 changed · 1 edge removed"),
        ({"edges-added": 1_200, "edges-removed": 3}, "1,200 edges added, 3 removed"),
    ],
)  # fmt: skip
def test_a_change_is_counted_by_what_it_does(counts: dict[str, int], words: str) -> None:
    assert count_changes(counts) == words


def test_t9_a_secret_is_masked_wherever_it_stands() -> None:
    redactor = Redactor(())
    redactor.add(Secret("hunter2hunter2"))
    text = "the key is hunter2hunter2"
    page = WorkflowPage(
        state="refused",
        name=text,
        question=text,
        answer=text,
        changes=(ChangeRow("~", text, text, text, text, text),),
        picture=Picture((Node("a", text, text),)),
        problems=(Problem(text, text, is_error=True),),
        tools=(ToolRow(text, text),),
        message=text,
        hint=text,
    )
    rendered = render(page, redactor=redactor)
    assert "hunter2" not in rendered.comment().text + rendered.summary().text


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_long_texts_keep_their_limits(name: str) -> None:
    long = "x" * 4_000
    page = WorkflowPage(
        state=PAGES[name].state,
        name=long,
        question=long,
        answer="\n\n".join([long[:3_000]] * 200),
        changes=tuple(ChangeRow("+", f"{long}{n}", long, long, long, long) for n in range(300)),
        picture=Picture(tuple(Node(str(n), long, long, "+") for n in range(100))),
        problems=tuple(Problem(long, long, is_error=True) for _ in range(50)),
        tools=tuple(ToolRow(long, long) for _ in range(200)),
        message=long,
        hint=long,
    )
    rendered = render(page)
    assert size(rendered.comment().text).fits(COMMENT)
    assert size(rendered.summary().text).fits(SUMMARY)
    assert rendered.comment().truncated


def test_a_small_graph_is_drawn_whole() -> None:
    assert near_changes(CHANGED.picture) == CHANGED.picture
    assert draw(Picture()) == ""


def test_of_a_large_graph_only_the_neighbourhood_of_the_change_is_drawn() -> None:
    nodes = tuple(Node(str(n), f"Block {n}", "agent", "~" if n == 60 else " ") for n in range(120))
    arrows = tuple(Arrow(str(n), str(n + 1)) for n in range(119))
    shown = near_changes(Picture(nodes, arrows))
    assert {node.id for node in shown.nodes} == {"59", "60", "61"}
    assert shown.left_out == 117
    assert "117 more blocks stay as they are" in draw(Picture(nodes, arrows))


def test_a_change_of_everything_is_bounded() -> None:
    nodes = tuple(Node(str(n), f"Block {n}", "agent", "+") for n in range(2_000))
    assert len(near_changes(Picture(nodes)).nodes) == MOST_NODES
