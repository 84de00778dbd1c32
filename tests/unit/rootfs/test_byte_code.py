"""Byte code does what its source does; docstrings are no part of that."""

from __future__ import annotations

import marshal
import py_compile
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from rootfs.byte_code import make_byte_code

SOURCE = b'''\
"""Module."""

class Thing:
    """Class."""

    def empty(self):
        """Function."""

    async def later(self):
        """Function."""
        assert self
        return "kept"

    name = "kept"
    """Not a docstring, but text that is never a constant."""
'''


def run(byte_code: bytes) -> dict[str, Any]:
    code: CodeType = marshal.loads(byte_code[16:])
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_it_is_what_python_would_write(tmp_path: Path) -> None:
    source, made = tmp_path / "thing.py", tmp_path / "thing.pyc"
    source.write_bytes(SOURCE)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(made), "/thing.py", invalidation_mode=mode)
    ours = make_byte_code(SOURCE, "/thing.py", has_docstrings=True)
    assert ours[:16] == made.read_bytes()[:16]
    assert marshal.loads(ours[16:]) == marshal.loads(made.read_bytes()[16:])


def test_docstrings_are_left_out_and_nothing_else(tmp_path: Path) -> None:
    names = run(make_byte_code(SOURCE, "/thing.py", has_docstrings=False))
    thing = names["Thing"]
    assert [names.get("__doc__"), thing.__doc__, thing.empty.__doc__] == [None] * 3
    assert thing().empty() is None
    with pytest.raises(AssertionError):
        thing.later(None).send(None)
    assert thing.name == "kept"


def test_lines_stay_where_they_are() -> None:
    code = run(make_byte_code(SOURCE, "/thing.py", has_docstrings=False))["Thing"].later.__code__
    assert code.co_firstlineno == 9
    assert max(line for _, _, line in code.co_lines() if line) == 12


def test_a_source_that_is_none_is_refused() -> None:
    with pytest.raises(SyntaxError, match=r"thing\.py"):
        make_byte_code(b"def", "/thing.py", has_docstrings=True)
