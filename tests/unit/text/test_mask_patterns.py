"""Which of a user's patterns are taken: linear ones that mean something."""

from __future__ import annotations

import pytest

from upshot.secret import LONGEST_PATTERN, mask_pattern_problem


@pytest.mark.parametrize(
    "pattern",
    [
        r"internal-\d+", r"[A-Z]{3}-.*", "(?i)acme-[a-z]+", "(foo|bar)", "[)(+]+x", "(?:a+)b+",
        r"\(a\)+", "(?P<id>[0-9]{12})", "(one|two)?x", r"a\+\*",
    ],
)  # fmt: skip
def test_a_plain_pattern_is_taken(pattern: str) -> None:
    assert mask_pattern_problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a+)+$", "repeats a group"),
        ("(a|aa)+$", "repeats a group"),
        ("((a+)b)*c", "repeats a group"),
        ("(a?){3,}b", "repeats a group"),
        (r"(x)\1", "refers back"),
        ("(?=a)b", "looks around"),
        ("(?<!a)b", "looks around"),
        ("a*b*c*d*e*f", "unbounded"),
        ("a*", "empty text"),
        ("(", "not a regular expression"),
        ("a" * (LONGEST_PATTERN + 1), "longer than"),
    ],
)
def test_t38_a_pattern_that_may_blow_up_is_refused(pattern: str, why: str) -> None:
    assert why in mask_pattern_problem(pattern)
