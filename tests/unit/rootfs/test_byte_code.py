"""Byte code is what Python would write, and says that nobody needs to look at the source."""

from __future__ import annotations

import marshal
import py_compile
from pathlib import Path

import pytest
from rootfs.byte_code import make_byte_code

SOURCE = b"""\
class Thing:
    '''Text.'''

    async def later(self):
        assert self
"""


def test_it_is_what_python_would_write(tmp_path: Path) -> None:
    source, made = tmp_path / "thing.py", tmp_path / "thing.pyc"
    source.write_bytes(SOURCE)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(source), str(made), "/thing.py", invalidation_mode=mode)
    ours = make_byte_code(SOURCE, "/thing.py")
    assert ours[:16] == made.read_bytes()[:16]
    assert marshal.loads(ours[16:]) == marshal.loads(made.read_bytes()[16:])


def test_a_source_that_is_none_is_refused() -> None:
    with pytest.raises(SyntaxError, match=r"thing\.py"):
        make_byte_code(b"def", "/thing.py")
