"""docs/security.md names every threat once, with the tests that there are, or says why none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.threats import PAGE, find_tests, threats_of, with_tests

ROOT = Path(__file__).parents[2]
ROWS = {
    int(number): (threat.strip(), defence.strip(), tests.strip())
    for number, threat, defence, tests in re.findall(
        r"^\| T(\d+) \|([^|\n]*)\|([^|\n]*)\|([^|\n]*)\|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
}
ABSENT = "Does not apply"


def test_the_table_has_each_threat_once_and_in_order() -> None:
    """The first fifty are of every run; of the rest, those of the modes that are there."""
    assert list(ROWS)[:50] == list(range(1, 51))
    assert list(ROWS) == sorted(ROWS)


@pytest.mark.parametrize("number", ROWS)
def test_a_threat_has_tests_or_does_not_apply(number: int) -> None:
    threat, defence, tests = ROWS[number]
    assert threat
    assert (tests == "none") == defence.startswith(ABSENT), defence


def test_each_test_of_the_table_is_there_and_each_test_that_is_there_is_in_the_table() -> None:
    found = find_tests()
    assert set(found) <= set(ROWS), "a test names a threat that nobody knows"
    page = PAGE.read_text("utf-8")
    assert with_tests(page, found) == page, "run `make fix`"


def test_a_name_gives_its_threats() -> None:
    assert threats_of("test_t9_x") == threats_of("test_t09_x") == {9}
    assert threats_of("test_t1_t3_x") == {1, 3}
    assert threats_of("test_t14_to_t16_x") == {14, 15, 16}
    assert threats_of("test_t14_to_t16_t20_t2x") == {14, 15, 16, 20}
    assert threats_of("test_the_time") == set()
