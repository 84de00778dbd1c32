"""`upshot render TEMPLATE LOG`: the action's sandbox for templates, at a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples/comment.md.j2"
START = '{% extends "report.md.j2" %}\n'

Upshot = Callable[..., Any]


def write(folder: Path, text: str) -> str:
    path = folder / "mine.md.j2"
    path.write_text(text, "utf-8")
    return str(path)


def test_the_example_makes_its_page(upshot: Upshot, log: str) -> None:
    run = upshot("render", str(EXAMPLE), log)
    assert run.exit_code == 0
    assert run.out.startswith("## ❌ Infrastructure: Update failed")


def test_the_page_is_the_comment_or_the_summary(upshot: Upshot, log: str, tmp_path: Path) -> None:
    template = write(tmp_path, START + "{% block heading %}## For the {{ target }}{% endblock %}")
    assert upshot("render", template, log).out.startswith("## For the comment")
    run = upshot("render", template, log, "--target", "summary")
    assert run.out.startswith("## For the summary")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (START + "\n{% block heading %}{{ phrase }", "line 3"),
        (START + "\n{% block heading %}\n{{ range(9) }}\n{% endblock %}", "line 4"),
        (START + "\n{% block heading %}\n\n{{ nothing }}\n{% endblock %}", "line 5"),
        ("{{ phrase }}", "does not start with"),
        (START + "x" * 64_001, "64,000"),
    ],
    ids=["syntax", "not-allowed", "undefined", "no-parent", "long"],
)
def test_a_fault_says_what_and_where(
    upshot: Upshot, log: str, tmp_path: Path, text: str, says: str
) -> None:
    template = write(tmp_path, text)
    run = upshot("render", template, log)
    assert (run.exit_code, run.out) == (1, "")
    assert run.err.startswith(f"upshot: {template}: ")
    assert says in run.err


def test_t39_a_template_that_prints_for_ever_is_ended(
    upshot: Upshot, log: str, tmp_path: Path
) -> None:
    many = "{% for a in counts %}{% for b in counts %}" + "x" * 30_000 + "{% endfor %}{% endfor %}"
    run = upshot(
        "render", write(tmp_path, START + f"{{% block heading %}}{many}{{% endblock %}}"), log
    )
    assert run.exit_code in {0, 1}
    assert len(run.out) < 70_000


def test_a_template_that_is_not_there_is_reported(upshot: Upshot, log: str) -> None:
    run = upshot("render", "/no/such/template", log)
    assert (run.exit_code, run.out) == (1, "")
    assert "cannot be read" in run.err


def test_a_log_without_a_run_has_nothing_to_render(upshot: Upshot, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk.\n", "utf-8")
    assert upshot("render", str(EXAMPLE), str(tmp_path / "notes.txt")).exit_code == 1
