"""Cut texts are whole, within every reading of the limit, and say what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.report.markdown.fit import (
    COMMENT,
    Room,
    Size,
    cut_markdown,
    fit_rows,
    fit_rows_shrinking,
    quoted,
    size,
    tidy,
)

GitHub = Callable[[str], Any]
TEXTS = st.text(alphabet="ab\né支🚀`", max_size=200)


@given(TEXTS)
def test_a_size_is_measured_in_all_three_units(text: str) -> None:
    assert size(text) == (len(text), len(text.encode("utf-16-le")) // 2, len(text.encode()))


def test_the_comment_budget_leaves_room_for_the_marker_in_every_reading() -> None:
    assert COMMENT.code_points + 2_000 <= 60_000
    assert COMMENT.utf16 + 2_000 <= 65_536
    assert COMMENT.utf8 + 2_000 * 4 <= 262_144


@given(st.lists(TEXTS, max_size=20), st.integers(0, 600))
def test_t41_kept_rows_fit_and_all_are_accounted_for(rows: list[str], budget: int) -> None:
    room = Room(Size(budget, budget, budget * 2))
    kept, omitted = fit_rows(rows, str, room)
    assert list(kept) == rows[: len(kept)]
    assert len(kept) + omitted == len(rows)
    assert size("\n".join(kept)).fits(Size(budget, budget, budget * 2))


def test_rows_are_written_only_until_the_room_is_full() -> None:
    written = []

    def write(number: int) -> str:
        written.append(number)
        return "x" * 99

    kept, omitted = fit_rows(range(20_000), write, Room(Size(1_000, 1_000, 1_000)))
    assert len(kept) == len(written) - 1 == 10
    assert omitted == 19_990


def test_details_shrink_before_rows_are_left_out() -> None:
    items = ["one", "two", "three"]
    forms = [lambda item: item * 100, lambda item: item * 10, lambda item: item]
    wide = fit_rows_shrinking(items, forms, Room(Size(10_000, 10_000, 10_000)))
    narrow = fit_rows_shrinking(items, forms, Room(Size(200, 200, 200)))
    tiny = fit_rows_shrinking(items, forms, Room(Size(9, 9, 9)))
    assert [len(row) for row in wide.kept] == [300, 300, 500]
    assert [len(row) for row in narrow.kept] == [30, 30, 50]
    assert tiny == (("one", "two"), 1)


def test_a_share_gives_back_what_it_did_not_use() -> None:
    room = Room(Size(100, 100, 100))
    share = room.part(1, 2)
    assert share.room.take("x" * 19)
    assert not share.room.take("x" * 40)
    share.settle()
    assert room.left == (80, 80, 80)


PIECES = ["```\n", "````python\n", "> ```\n", "~~~\n", "<details><summary>s</summary>\n\n", "\n</details>\n\n",
          "word ", "\n", "| a | b |\n", "- item\n", "🚀支", "`code` "]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.integers(420, 700))
@settings(max_examples=200)
def test_t19_t41_a_cut_text_closes_what_it_opened(github: GitHub, text: str, budget: int) -> None:
    limit = Size(budget, budget, budget)
    cut = cut_markdown(text * 5, limit)
    assert size(cut).fits(limit)
    after = github(f"{cut}\n\n---\n\nlast words")
    assert "last words" in after.prose
    kept = set(cut.splitlines())
    assert all(line in {*(text * 5).splitlines(), "", "</details>"} or set(line) <= set("`~> ") for line in kept)  # fmt: skip


def test_what_fits_and_is_closed_is_left_alone() -> None:
    assert cut_markdown("```\nx\n```\n\n- a", COMMENT) == "```\nx\n```\n\n- a"


def test_t19_what_fits_and_is_open_is_closed() -> None:
    assert cut_markdown("> ````py\n> x", COMMENT) == "> ````py\n> x\n> ````"
    assert cut_markdown("<details>\n\nx", COMMENT) == "<details>\n\nx\n\n</details>"


def test_quoting_keeps_empty_lines_in_the_quote() -> None:
    assert quoted("a\n\nb") == "> a\n>\n> b"


def test_tidying_leaves_code_alone() -> None:
    assert tidy("a\n\n\n\nb\n\n```\nx\n\n\n\ny\n```\n\n\n") == "a\n\nb\n\n```\nx\n\n\n\ny\n```"


@given(st.text(alphabet="a\n`~> ", max_size=120))
def test_tidying_loses_no_line_that_says_something(text: str) -> None:
    def said(markdown: str) -> list[str]:
        return [line for line in markdown.split("\n") if line.strip()]

    assert said(tidy(text)) == said(text)
    assert not re.search(r"\n\n\n", tidy(text)) or "`" in text or "~" in text


def test_blanks_at_the_end_of_a_line_of_code_stay_in_a_quote() -> None:
    assert quoted("```\nkey: |  \n  \n\nend\t\n```") == "> ```\n> key: |  \n>   \n>\n> end\t\n> ```"
