"""Each error links to a section of docs/troubleshooting.md that is there, and no section is idle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECTIONS = re.findall(
    r"^## ([a-z0-9-]+)$", (ROOT / "docs" / "troubleshooting.md").read_text("utf-8"), re.MULTILINE
)


def anchors() -> Iterator[str]:
    """Every text that the product gives to something called `anchor`."""
    for path in (ROOT / "composite").glob("start.*"):  # it starts without the product
        yield from re.findall(r"docs/troubleshooting\.md#([a-z0-9-]+)", path.read_text("utf-8"))
    for path in (ROOT / "src" / "upshot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.keyword(arg="anchor", value=ast.Constant(value=str(anchor))):
                    yield anchor
                case ast.Assign(targets=[ast.Name(id="anchor")], value=ast.Constant(value=anchor)):
                    yield str(anchor)


def test_every_anchor_has_a_section() -> None:
    missing = set(anchors()) - set(SECTIONS) - {""}
    assert not missing


def test_every_section_is_linked_to() -> None:
    assert set(SECTIONS) - set(anchors()) == set()


def test_no_section_is_there_twice() -> None:
    assert len(SECTIONS) == len(set(SECTIONS))
