"""What people see of a workflow, kept as files: `make golden` writes them again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.golden.workflow.pages import PAGES, render

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_the_golden_one(name: str) -> None:
    rendered = render(PAGES[name]).comment()
    path = FOLDER / f"{name}.md"
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(rendered.text, encoding="utf-8")
    assert rendered.text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(PAGES)
