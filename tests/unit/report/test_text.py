"""Text without what cannot be seen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.report.markdown.text import (
    clean_text,
    clip_block,
    clip_line,
    strip_hidden,
    wrap_block,
)


@pytest.mark.parametrize(
    "hidden",
    ["\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u200b", "\u200d",
     "\u2060", "\ufeff", "\u00ad", "\u180e", "\U000e0001", "\U000e007f", "\U000e0100", "\ufff9"],
)  # fmt: skip
def test_t22_hidden_characters_go(hidden: str) -> None:
    assert strip_hidden(f"a{hidden}b") == "ab"


def test_letters_of_every_script_stay() -> None:
    for text in ("خدمة الدفع", "支払い", "הזמנות", "naïve", "🚀", "❤️"):
        assert strip_hidden(text) == text


def test_t03_colours_controls_and_odd_ends_of_lines_go() -> None:
    assert clean_text("\x1b[31;1mred\x1b[0m\r\nb\rc\x07\x00\x9b1m\td") == "red\nb\nc\td"
    assert clean_text("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07") == "link"


@given(st.text(alphabet="\x1b[]0;m a\x07\\\n", max_size=60))
@settings(deadline=None)
def test_t03_no_escape_survives(text: str) -> None:
    assert "\x1b" not in clean_text(text)


def test_a_line_is_clipped_with_an_ellipsis() -> None:
    assert clip_line("a  b\nc", 10) == "a b c"
    assert clip_line("x" * 100, 10) == "x" * 9 + "…"


def test_a_block_keeps_its_start_and_its_end() -> None:
    text = "\n".join(f"line {i}" for i in range(1_000))
    clipped = clip_block(text, 300)
    assert clipped.startswith("line 0\n")
    assert clipped.endswith("line 999")
    assert "characters left out" in clipped
    assert len(clipped) < 400


def test_long_lines_are_wrapped_at_spaces() -> None:
    assert wrap_block("aaa bbb ccc ddd", 8) == "aaa bbb\n  ccc\n  ddd"
    assert wrap_block("\tx", 80) == "    x"
    assert wrap_block("x" * 200, 80) == "x" * 200
