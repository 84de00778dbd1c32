"""T24: the only way to answer an approval is `backends.neo.answers`, which a person's command calls."""

from __future__ import annotations

import ast
from pathlib import Path

SRC = Path(__file__).parents[3] / "src" / "upshot"


def callers(name: str) -> set[str]:
    """The modules of Upshot in which something calls an attribute of this name."""
    return {
        path.relative_to(SRC).as_posix()
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    }


def test_t24_nothing_but_the_answers_confirms() -> None:
    assert callers("confirm") == {"backends/neo/answers.py"}


def test_t24_asking_and_following_do_not_know_the_answers() -> None:
    asking = ("backend.py", "asking.py", "session.py", "follow.py", "turn.py")
    for name in asking:
        assert "neo.answers" not in (SRC / "backends" / "neo" / name).read_text(encoding="utf-8")
