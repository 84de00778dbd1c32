"""A report on a terminal: plain lines that say the same, and nothing that a terminal would obey."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.runner.terminal import BOLD, paint, terminal_lines

GOLDEN = sorted((Path(__file__).parents[2] / "golden").rglob("*.md"))


def show(markdown: str, **more: int) -> list[str]:
    return terminal_lines(markdown, **more)  # type: ignore[arg-type]


def test_markers_tags_and_signs_are_away() -> None:
    body = (
        '<!-- upshot {"v":1} -->\n### Update **failed** \\#4\n\n\n'
        "<details><summary>2 more</summary>\n\n`a*b` and _c_d\n\n</details>\n"
    )
    assert show(body) == ["Update failed #4", "", "▸ 2 more", "", "a*b and _c_d"]


def test_a_link_keeps_its_address_but_in_a_table() -> None:
    assert show("[Run 3](https://a.example/3)") == ["Run 3 (https://a.example/3)"]
    table = show("| Run |\n|:--|\n| [3](https://a.example/3) |\n")
    assert table == ["Run", "───", "3"]


def test_a_table_stands_straight_and_narrow() -> None:
    rows = show(f"| a | b |\n|---|---|\n| long | {'x' * 90} |\n| 1<br>2 \\| 3 |  |\n")
    assert rows[0] == "a        b"
    assert rows[2] == f"long     {'x' * 59}…"
    assert rows[3] == "1 2 | 3"


def test_code_stays_as_it_is() -> None:
    code = "| no | table |\n<b>no tag</b> **no** [no](https://link.example)\n<!-- upshot no -->"
    assert show(f"```\n{code}\n```\nafter") == [*(f"    {x}" for x in code.split("\n")), "after"]


def test_a_box_has_a_bar_and_a_name() -> None:
    assert show("> [!WARNING]\n> **Data** is lost\n>\n> ```\n> x\n> ```") == [
        "│ Warning",
        "│ Data is lost",
        "│",
        "│     x",
    ]


def test_prose_is_wrapped_and_lists_hang() -> None:
    assert show("1. one two three", width=12) == ["1. one two", "   three"]


def test_the_picture_is_left_out() -> None:
    assert show("a\n\n```mermaid\nflowchart LR\n```\n\nb") == ["a", "", "b"]


def test_colour_only_where_it_is_asked_for() -> None:
    (line,) = terminal_lines("### Failed", paint=paint)
    assert line == f"\x1b[{BOLD}mFailed\x1b[0m"


@pytest.mark.parametrize(
    "text",
    ["\x1b]0;owned\x07", "\x1b[2J", "&#x1b;[2J", "&#27;[2J", "\x9b2J", "a\rb", "&#x202e;x"],
)
def test_t3_nothing_controls_the_terminal(text: str) -> None:
    for form in (text, f"`{text}`", f"| {text} |\n|---|\n| {text} |", f"```\n{text}\n```"):
        shown = "\n".join(show(form))
        assert all(c == "\n" or c.isprintable() for c in shown)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_no_golden_report_leaves_a_tag_or_a_marker(path: Path) -> None:
    inside = False
    for line in show(path.read_text("utf-8")):
        assert "<details" not in line
        assert "<br" not in line
        inside = inside or "<!-- upshot {" in line
    assert not inside


@given(st.text(alphabet="a|`>#-*_[]()<!\\\n ~&;x1", max_size=300))
@settings(max_examples=150)
def test_any_text_can_be_shown(text: str) -> None:
    assert all("\n" not in line for line in show(text))
