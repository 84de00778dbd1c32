"""Sources keep what runs, line by line, and lose what is written for readers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from rootfs.words import drop_words, is_text

from upshot_sandbox.machine import ROOT

MODULES = sorted((ROOT / "src/upshot").rglob("*.py"))
SOURCE = '''\
#!/usr/bin/python -I
"""Module."""  # told twice

from typing import Protocol  # noqa: X

class Thing(Protocol):
    """Class,
    in two lines."""

    name: str = "größe # no comment"
    """Of a thing."""

    def empty(self) -> None:
        """Function."""

    # A comment
    def full(self) -> str: "kept in its line"

    def shown(self) -> str:
        return """a # text
        that is used"""
'''
LEFT = '''\
#!/usr/bin/python -I


from typing import Protocol

class Thing(Protocol):



    name: str = "größe # no comment"


    def empty(self) -> None:
        pass


    def full(self) -> str: "kept in its line"

    def shown(self) -> str:
        return """a # text
        that is used"""
'''


def test_comments_docstrings_and_texts_that_stand_alone_are_gone() -> None:
    assert drop_words(SOURCE.encode()).decode() == LEFT


def test_a_text_beside_other_code_stays() -> None:
    source = b"'a'; b = 1\nif b: 'c'\n"
    assert drop_words(source) == source


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_each_module_of_ours_is_the_same_program_with_the_same_lines(path: Path) -> None:
    source = path.read_bytes()
    left = ast.parse(drop_words(source))
    whole = ast.parse(source)
    _drop_texts(whole)
    assert _told(left) == _told(whole)
    assert not any(is_text(node) for node in ast.walk(left))


def _drop_texts(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        for name, block in ast.iter_fields(node):
            if isinstance(block, list) and any(is_text(statement) for statement in block):
                kept = [statement for statement in block if not is_text(statement)]
                alone = ast.copy_location(ast.Pass(), block[0])
                alone.end_lineno = alone.lineno
                is_module = isinstance(node, ast.Module)
                setattr(node, name, kept or ([] if is_module else [alone]))


def _told(tree: ast.Module) -> list[tuple[str, int]]:
    """Every node with its line; a module that is nothing but words is one `pass` or none."""
    nodes = [node for node in ast.walk(tree) if not isinstance(node, ast.Pass)]
    return [(type(node).__name__, getattr(node, "lineno", 0)) for node in nodes]


def test_a_traceback_shows_the_same_line(tmp_path: Path) -> None:
    source = b'"""Words."""\n\ndef fail():\n    """Words."""\n    # words\n    1 / 0\n\nfail()\n'
    shown = []
    for content in (source, drop_words(source)):
        path = tmp_path / "program.py"
        path.write_bytes(content)
        done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
        shown.append(done.stderr)
    assert "line 6, in fail\n    1 / 0\n" in shown[0]
    assert shown[0] == shown[1]
