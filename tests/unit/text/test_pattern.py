"""`pattern`: an expression that is compiled when it is first used, and looked for by its marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upshot.evidence.failure import cause, details
from upshot.text import pattern


def test_it_matches_as_a_compiled_one_does() -> None:
    lazy, compiled = (
        pattern("(?P<word>b+)", re.IGNORECASE),
        re.compile("(?P<word>b+)", re.IGNORECASE),
    )
    for text in ("abBa", "bb", ""):
        for _ in range(2):
            assert [found["word"] for found in lazy.finditer(text)] == [
                found["word"] for found in compiled.finditer(text)
            ]
            assert bool(lazy.match(text)) == bool(compiled.match(text))
        assert lazy.sub("x", text) == compiled.sub("x", text)


def test_it_is_not_compiled_before_its_first_use() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("")


@pytest.mark.parametrize("text", ["", "a", "code", "xcode 12", "code 1 code 23"])
def test_marks_change_nothing_that_is_found(text: str) -> None:
    marked, compiled = pattern(r"code (\d)", marks=("code ",)), re.compile(r"code (\d)")
    for way in ("search", "match", "fullmatch"):
        found, expected = getattr(marked, way)(text), getattr(compiled, way)(text)
        assert (found and found.span(1)) == (expected and expected.span(1))
    assert [found[1] for found in marked.finditer(text)] == compiled.findall(text)
    assert marked.sub("-", text) == compiled.sub("-", text)


def test_it_is_not_compiled_for_a_text_without_its_marks() -> None:
    broken = pattern("a(", marks=("a", "b"))
    for way in ("search", "match", "fullmatch"):
        assert getattr(broken, way)("xyz") is None
        with pytest.raises(re.error):
            getattr(broken, way)("ab")
    assert list(broken.finditer("xyz")) == []
    assert broken.sub("", "xyz") == "xyz"


def marked_expressions(*modules: ModuleType) -> Iterator[tuple[re.Pattern[str], tuple[str, ...]]]:
    """Every expression that has marks, also those in a table, each with its marks."""
    for value in (value for module in modules for value in vars(module).values()):
        for each in value if isinstance(value, tuple) else (value,):
            if marks := getattr(each, "marks", None):
                yield re.compile(each.pattern, each.flags), marks


MARKED = list(marked_expressions(cause, details))


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(st.data())
@pytest.mark.parametrize(("expression", "marks"), MARKED, ids=[m[1][0] for m in MARKED])
def test_every_match_holds_a_mark(
    expression: re.Pattern[str], marks: tuple[str, ...], data: st.DataObject
) -> None:
    text = data.draw(st.from_regex(expression))
    found = expression.search(text)
    assert found
    assert any(mark in text for mark in marks)


def test_there_are_marked_expressions() -> None:
    assert len(MARKED) > 20
