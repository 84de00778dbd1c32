"""The report of a gate, as it looked when a person last looked at it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.golden.gate.pages import PAGES, render

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_the_one_that_was_looked_at(name: str) -> None:
    text = render(PAGES[name]).text
    path = HERE / f"{name}.md"
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


def test_each_file_is_a_page() -> None:
    assert {path.stem for path in HERE.glob("*.md")} == set(PAGES)
