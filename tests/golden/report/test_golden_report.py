"""What people see, kept as files: `make golden` writes them again, read the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.golden.report.scenarios import SCENARIOS

from upshot.report.redact.redact import Redactor
from upshot.report.render import Renderer

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", SCENARIOS)
def test_comment_is_the_golden_one(name: str) -> None:
    rendered = Renderer(redactor=Redactor(())).comment(SCENARIOS[name]())
    path = FOLDER / f"{name}.md"
    if os.environ.get("UPSHOT_GOLDEN") == "write":
        path.write_text(rendered.text, encoding="utf-8")
    assert rendered.text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(SCENARIOS)
