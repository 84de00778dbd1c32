"""Harmless text: what is taken out, what is broken, what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.runner.commands import (
    break_commands,
    cut_utf16,
    escape_data,
    escape_property,
)
from upshot.text import strip_invisible


@pytest.mark.parametrize("code", [0x200B, 0x34F, 0xFE0F, 0xE0061, 0x2060, 0xAD, 0x00, 0x3164])
def test_t2_a_character_that_may_count_as_nothing_hides_no_command(code: int) -> None:
    assert break_commands(strip_invisible(f"x ##{chr(code)}[error]y")) == "x ## [error]y"
    assert break_commands(strip_invisible(f":{chr(code)}:error::y")) == ": :error::y"


@pytest.mark.parametrize(
    "text", ["std::string", "aws:s3/bucket::logs", "a # # [b]", "urn:pulumi::x"]
)
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert break_commands(text) == text


@given(st.text(max_size=30))
def test_escaping_can_be_undone(text: str) -> None:
    def undo(escaped: str) -> str:
        for shown, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
            escaped = escaped.replace(shown, plain)
        return escaped.replace("%25", "%")

    assert undo(escape_data(text)) == text
    assert undo(escape_property(text)) == text
    assert not set(escape_property(text)) & set(":,\r\n")


@given(st.text(max_size=60), st.integers(2, 40))
def test_a_cut_text_fits_and_is_the_beginning(text: str, limit: int) -> None:
    cut = cut_utf16(text, limit)
    assert len(cut.encode("utf-16-le", "replace")) // 2 <= limit
    assert cut == text or text.startswith(cut.removesuffix("…"))


def test_t38_a_long_hostile_text_takes_linear_time() -> None:
    # Quadratic work on this would take minutes; the test would not come back.
    text = ("\x1b[" + "0;" * 10 + "\x1b]" + "::" + "##[") * 100_000
    assert "##[" not in break_commands(strip_invisible(text))
