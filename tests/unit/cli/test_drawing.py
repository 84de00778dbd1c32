"""A report drawn by rich: within its width, with nothing left out, and nothing that a terminal obeys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from upshot.cli.terminal.drawing import FOLDED_LINES, draw

GOLDEN = sorted((Path(__file__).parents[2] / "golden").rglob("*.md"))
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def show(markdown: str, *, width: int = 80, colours: bool = False, all_: bool = True) -> list[str]:
    lines = draw(markdown, width=width, has_colours=colours, env={}, shows_all=all_)
    assert lines is not None
    return lines


def test_a_title_has_a_line_in_the_colour_of_the_verdict() -> None:
    (line,) = show("### ❌ Update failed", width=30)
    assert line == "❌ Update failed ─────────────"
    assert "\x1b[1;31m❌ Update failed" in show("### ❌ Update failed", colours=True)[0]
    assert "\x1b[1;32m✅" in show("### ✅ Update succeeded", colours=True)[0]


def test_a_title_that_is_too_long_is_not_cut() -> None:
    assert " ".join(show(f"### ❌ {'word ' * 20}", width=40)).split().count("word") == 20


def test_the_address_of_a_title_stands_below_it() -> None:
    lines = show("### ✅ Done · [acme/shop](https://app.pulumi.com/acme/shop)", width=60)
    assert lines[0].startswith("✅ Done · acme/shop ──")
    assert lines[1] == "https://app.pulumi.com/acme/shop"


def test_an_alert_is_a_frame_with_its_name() -> None:
    lines = show("> [!CAUTION]\n> **First:** it", width=24)
    assert lines == [
        "╭─ Caution ────────────╮",
        "│ First: it            │",
        "╰──────────────────────╯",
    ]


def test_what_somebody_wrote_has_a_bar() -> None:
    assert show("> one two three", width=9) == ["▌ one two", "▌ three"]


def test_a_table_wraps_its_cells_and_keeps_its_words() -> None:
    lines = show(f"| a | b |\n|---|---|\n| x | {'long ' * 20}|\n", width=40)
    assert " ".join(lines).count("long") == 20
    assert all(cell_len(line) <= 40 for line in lines)


def test_wide_letters_stand_straight() -> None:
    lines = show("| a | b |\n|---|---|\n| 東京 | x |\n| ab | y |\n", width=40)
    assert cell_len(lines[-2].partition("x")[0]) == cell_len(lines[-1].partition("y")[0])


def test_lists_hang() -> None:
    assert show("1. one two three", width=12) == ["1. one two", "   three"]
    assert show("- one") == ["• one"]


def test_differences_have_their_colours() -> None:
    lines = show("```diff\n- old\n+ new\n! both\n```", colours=True)
    assert [COLOURS.findall(line)[0] for line in lines] == ["\x1b[31m", "\x1b[32m", "\x1b[33m"]


def test_a_fold_shows_its_first_lines_and_how_many_more_there_are() -> None:
    items = "\n".join(f"- item {n}" for n in range(50))
    page = f"<details><summary>50 items</summary>\n\n{items}\n\n</details>\n\nAfter."
    lines = show(page, all_=False)
    assert lines[0] == "▸ 50 items"
    assert f"… {50 - FOLDED_LINES} more lines: --all shows them" in lines
    assert lines[-1] == "After."
    assert "• item 49" in show(page)
    assert "• item 49" in show(page.replace("<details>", "<details open>"), all_=False)


def test_folds_in_folds_and_code_that_looks_like_an_end() -> None:
    page = (
        "<details open><summary>outer</summary>\n\n```\n</details>\n```\n\n"
        "<details><summary>inner</summary>\n\nx\n\n</details>\n\n</details>\n\nafter\n"
    )
    assert [line.strip() for line in show(page) if line.strip()] == [
        "▸ outer",
        "</details>",
        "▸ inner",
        "x",
        "after",
    ]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [40, 100])
def test_every_report_fits_and_says_the_same(path: Path, width: int) -> None:
    page = path.read_text("utf-8")
    lines = show(page, width=width)
    assert all(cell_len(line) <= width for line in lines)
    coloured = show(page, width=width, colours=True)
    assert [COLOURS.sub("", line).rstrip() for line in coloured] == lines


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]0;owned\x07",
        "\x1b[2J",
        "&#x1b;[2J",
        "&#27;[2J",
        "\x9b2J",
        "a\rb",
        "&#x202e;x",
        "[red]x[/]",
    ],
)
def test_t3_nothing_controls_the_terminal(text: str) -> None:
    forms = (text, f"`{text}`", f"| {text} |\n|---|\n| {text} |", f"```\n{text}\n```")
    more = (
        f"### {text}",
        f"> [!NOTE]\n> {text}",
        f"<details><summary>{text}</summary>\n{text}\n</details>",
    )
    for form in (*forms, *more):
        shown = COLOURS.sub("", "\n".join(show(form, colours=True)))
        assert all(c == "\n" or c.isprintable() for c in shown)
        assert ("[red]" in shown) == ("[red]" in text), "no text is markup"


@given(st.text(alphabet="a|`>#-*_[]()<!\\\n ~&;x1é東", max_size=300))
@settings(max_examples=80)
def test_any_text_can_be_drawn(text: str) -> None:
    assert all("\n" not in line for line in show(text, width=20))
