"""Which of a user's patterns are taken, and what they match: the syntax of RE2."""

from __future__ import annotations

import pytest

from upshot.linear import LONGEST_PATTERN, compile_pattern, pattern_problem


@pytest.mark.parametrize(
    "pattern",
    [
        r"internal-\d+", r"[A-Z]{3}-.*", "(?i)acme-[a-z]+", "(foo|bar)", "[)(+]+x", "(?:a+)b+",
        r"\(a\)+", "(?P<id>[0-9]{12})", "(one|two)?x", r"a\+\*", r"corp-[a-z0-9]{16,40}",
        r"(?:acme|corp|dev|prod)-\d{3}-?\d{2}-?\d{4}", r"[\w.]{1,64}@\w{1,64}\.\w{2,10}",
        r"key:\s*\S+", r"(?i)token[=:] ?.+?;", "(a+)+b", "a*b*c*d*e*f", "a{0,99}" * 9 + "b",
    ],
)  # fmt: skip
def test_a_pattern_that_means_something_is_taken(pattern: str) -> None:
    assert pattern_problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(x)\1", "no back-references"),
        ("(?=a)b", "no look-around"),
        ("(?<!a)b", "no look-around"),
        ("(?>a)b", "no atomic groups"),
        ("a++b", "no possessive repetitions"),
        ("x{2000}", "none above 1,000"),
        ("(", "cannot be read by RE2 (missing ): "),
        ("\ud800", "not in Unicode"),
        ("(?:[a-z]{0,99}x){0,99}y", "nested ones multiplied"),
        ("[a-z]{0,400}" * 9 + "x", "is too large"),
        ("a*", "empty text"),
        ("^", "empty text"),
        ("(a|)", "empty text"),
        ("a" * (LONGEST_PATTERN + 1), "longer than"),
    ],
)
def test_t38_a_pattern_that_is_not_taken_says_why(pattern: str, why: str) -> None:
    assert why in pattern_problem(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        ("b+", "aébb\ud800b", [(2, 4), (5, 6)]),
        ("^a[^b]+$", "aé\nac\nb", [(0, 2), (3, 5)]),
        ("a.*c", "a\nc a-c", [(4, 7)]),
        (r"key:\s*\S+", "key: x\nkey:\ny", [(0, 6)]),
        ("(?i)é", "É", [(0, 1)]),
    ],
)
def test_a_match_is_counted_in_characters_and_crosses_no_line(
    pattern: str, text: str, spans: list[tuple[int, int]]
) -> None:
    assert list(compile_pattern(pattern).spans(text)) == spans
