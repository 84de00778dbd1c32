"""The lines of a code block come out as they went in, wherever the block stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.report.markdown.defang import defang_markdown
from upshot.report.markdown.escape import fence
from upshot.report.markdown.fit import COMMENT, cut_markdown, quoted, tidy
from upshot.report.markdown.text import wrap_block

GitHub = Callable[[str], Any]
LINES = st.lists(st.text(alphabet="ab> -`~ \t", max_size=8), min_size=1, max_size=6)


def in_list(markdown: str) -> str:
    return "- item\n\n" + "\n".join(f"  {line}" if line else "" for line in markdown.split("\n"))


PLACES: list[Callable[[str], str]] = [str, quoted, in_list]


def code_of(lines: list[str]) -> str:
    """The text of a block: empty lines at its ends are nothing that a fence shows."""
    return "\n".join(lines).strip("\n")


@given(LINES, st.lists(st.sampled_from(PLACES), max_size=3))
@settings(max_examples=300)
def test_every_line_of_code_keeps_the_blanks_at_its_end(
    github: GitHub, lines: list[str], places: list[Callable[[str], str]]
) -> None:
    text = code_of(lines)
    markdown = fence(text)
    for place in places:
        markdown = place(markdown)
    safe = defang_markdown(markdown, allowed_hosts=())
    for written in (safe, tidy(safe), cut_markdown(safe, COMMENT), tidy(quoted(safe))):
        assert [code.rstrip("\n") for code in github(written).code] == [text]


@pytest.mark.parametrize("place", PLACES)
def test_a_heredoc_and_a_makefile_can_be_copied(
    place: Callable[[str], str], github: GitHub
) -> None:
    text = "first \\ \n\tsecond  \n   \n\t\nlast\t"
    shown = tidy(defang_markdown(place(fence(text, "sh")), allowed_hosts=()))
    assert github(shown).code == [f"{text}\n"]


def test_a_wrapped_line_keeps_the_blanks_at_its_end() -> None:
    assert wrap_block("one two three  \nfour   ", 8) == "one two\n  three  \nfour   "
    assert wrap_block("wide      ", 6) == "wide      "


@given(st.text(alphabet="ab  \n", max_size=120), st.integers(10, 40))
def test_wrapping_changes_no_word_and_no_blank_at_an_end(text: str, width: int) -> None:
    wrapped = wrap_block(text, width)
    assert wrapped.split() == text.split()
    ends = [len(line) - len(line.rstrip()) for line in text.split("\n") if line.strip()]
    kept = [len(line) - len(line.rstrip()) for line in wrapped.split("\n") if line.strip()]
    assert [n for n in kept if n] == [n for n in ends if n]
