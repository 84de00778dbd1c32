"""`pattern`: an expression that is compiled when it is first used."""

from __future__ import annotations

import re

import pytest

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
