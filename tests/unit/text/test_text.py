"""Text without what cannot be seen: one list of invisible characters for reports, logs, prompts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upshot.backends.questions import visible_text
from upshot.evidence.text import strip_colour
from upshot.text import HIDDEN, clean_text, longest_run, strip_hidden, strip_invisible

CLEANERS = [clean_text, strip_invisible, strip_colour, visible_text]


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
def test_t03_no_escape_survives(text: str) -> None:
    assert "\x1b" not in clean_text(text)


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


@settings(max_examples=300)
@given(st.text(max_size=40))
def test_t3_no_control_or_format_character_is_left(text: str) -> None:
    left = strip_invisible(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in left if c not in "\n\t")


@pytest.mark.parametrize("clean", CLEANERS)
@given(
    text=st.text(st.characters() | st.sampled_from("\x1b\x9b[]m;\u200b\ufe0f\u2028"), max_size=60)
)
def test_every_room_takes_out_the_same_characters(clean: Callable[[str], str], text: str) -> None:
    left = clean(text)
    assert not re.search(f"[{HIDDEN}]", left)
    assert not any(unicodedata.category(char) == "Cc" for char in left if char not in "\n\t")
    assert clean(left) == left


def test_no_format_character_of_unicode_is_shown() -> None:
    """Cf but for those that show a sign of their own, as the Arabic number signs do."""
    every = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"}
    signs = {
        char
        for char in every
        if unicodedata.name(char).startswith(
            (
                "ARABIC NUMBER",
                "ARABIC SIGN",
                "ARABIC FOOTNOTE",
                "ARABIC END",
                "ARABIC POUND",
                "ARABIC PIASTRE",
                "ARABIC DISPUTED",
                "SYRIAC ABBREVIATION",
                "KAITHI NUMBER",
                "EGYPTIAN HIEROGLYPH",
            )
        )
    }
    assert {char for char in every - signs if strip_hidden(char)} == set()
    assert {char for char in signs if not strip_hidden(char)} == set()


def test_an_unended_sequence_swallows_no_line() -> None:
    for clean in CLEANERS:
        assert clean("a\x1b]0;title\nerror: boom") == "a\nerror: boom"


@pytest.mark.parametrize(
    ("text", "longest"), [("", 0), ("no", 0), ("`", 1), ("a``b`c```", 3), ("`" * 70, 70)]
)
def test_the_longest_run_of_backticks(text: str, longest: int) -> None:
    assert longest_run(text) == longest
