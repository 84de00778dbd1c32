"""Byte code as Python reads it from a file."""

from __future__ import annotations

import marshal
from importlib.util import MAGIC_NUMBER, source_hash
from typing import Final

_UNCHECKED: Final = (1).to_bytes(4, "little")
"""The flags of PEP 552: made of a source of this hash, which Python does not check."""


def make_byte_code(source: bytes, place: str) -> bytes:
    """The content of the `.pyc` file of a module that lies at `place`. Raises SyntaxError."""
    code = compile(source, place, "exec", dont_inherit=True)
    return MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(code)
