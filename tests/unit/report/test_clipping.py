"""Text cut for people: lines, blocks, long lines."""

from __future__ import annotations

from upshot.report.markdown.text import (
    clip_block,
    clip_line,
    wrap_block,
)


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
