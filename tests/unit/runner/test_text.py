"""Harmless text: what is taken out, what is broken, what stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.runner.text import (
    break_commands,
    cut_utf16,
    escape_data,
    escape_property,
    strip_invisible,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("tab\tstays", "tab\tstays"),
        ("\u202egnirts\u202c", "gnirts"),
        ("日本語 العربية", "日本語 العربية"),
    ],
)
def test_what_is_left_are_plain_lines(text: str, expected: str) -> None:
    assert strip_invisible(text) == expected


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40))
def test_t3_no_control_or_format_character_is_left(text: str) -> None:
    left = strip_invisible(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in left if c not in "\n\t")


@pytest.mark.parametrize("code", [0x200B, 0x34F, 0xFE0F, 0xE0061, 0x2060, 0xAD, 0x00, 0x3164])
def test_t2_a_character_that_may_count_as_nothing_hides_no_command(code: int) -> None:
    assert break_commands(strip_invisible(f"x ##{chr(code)}[error]y")) == "x ## [error]y"
    assert break_commands(strip_invisible(f":{chr(code)}:error::y")) == ": :error::y"


@pytest.mark.parametrize(
    "text", ["std::string", "aws:s3/bucket::logs", "a # # [b]", "urn:pulumi::x"]
)
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert break_commands(text) == text


@settings(deadline=None)
@given(st.text(max_size=30))
def test_escaping_can_be_undone(text: str) -> None:
    def undo(escaped: str) -> str:
        for shown, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ",")):
            escaped = escaped.replace(shown, plain)
        return escaped.replace("%25", "%")

    assert undo(escape_data(text)) == text
    assert undo(escape_property(text)) == text
    assert not set(escape_property(text)) & set(":,\r\n")


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(2, 40))
def test_a_cut_text_fits_and_is_the_beginning(text: str, limit: int) -> None:
    cut = cut_utf16(text, limit)
    assert len(cut.encode("utf-16-le", "replace")) // 2 <= limit
    assert cut == text or text.startswith(cut.removesuffix("…"))


def test_t38_a_long_hostile_text_takes_linear_time() -> None:
    # Quadratic work on this would take minutes; the test would not come back.
    text = ("\x1b[" + "0;" * 10 + "\x1b]" + "::" + "##[") * 100_000
    assert "##[" not in break_commands(strip_invisible(text))
