"""CONTRIBUTING.md names files, names and commands that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from upshot import registry

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
KINDS = {
    "A failure class",
    "A backend",
    "A publisher",
    "A mode",
    "An input",
    "An output",
    "An engine event",
    "A desk command",
    "A risk rule",
}


def test_there_is_a_list_for_everything_that_is_added_often() -> None:
    assert set(re.findall(r"^\*\*(An? [a-z ]+)\*\*", PAGE, re.MULTILINE)) == KINDS


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:src|tests|docs)/[\w./-]*)`", PAGE))))
def test_each_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)\b", PAGE))))
def test_each_make_target_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_every_generated_page_is_written_by_make_fix() -> None:
    rules = (ROOT / "Makefile").read_text("utf-8")
    fix = rules[rules.index("\nfix:") : rules.index("\ngolden:")]
    for tool in (
        "tools/readme_tables.py",
        "tools/composite.py",
        "tools/threats.py",
        "tools.catalogue",
        "tools.evaluate",
    ):
        assert tool in fix


def test_the_lists_of_the_registry_are_named() -> None:
    for name in ("MODES", "BACKENDS", "PUBLISHERS", "InputGroup"):
        assert hasattr(registry, name)
        assert f"`{name}`" in PAGE
