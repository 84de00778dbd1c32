"""Byte code as Python reads it from a file, and no more of it than a run needs."""

from __future__ import annotations

import ast
import marshal
from importlib.util import MAGIC_NUMBER, source_hash
from typing import Final

_UNCHECKED: Final = (1).to_bytes(4, "little")
"""The flags of PEP 552: made of a source of this hash, which nobody needs to look at."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def make_byte_code(source: bytes, place: str, *, has_docstrings: bool) -> bytes:
    """The content of the `.pyc` file of a module that lies at `place`.

    Without docstrings it is a tenth smaller; a source beside it has them still. Raises SyntaxError.
    """
    tree = ast.parse(source, place)
    if not has_docstrings:
        _drop_docstrings(tree)
    code = compile(tree, place, "exec", dont_inherit=True)
    return MAGIC_NUMBER + _UNCHECKED + source_hash(source) + marshal.dumps(code)


def _drop_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body.pop(0)
            # A body may not be empty.
            node.body = node.body or [ast.copy_location(ast.Pass(), first)]
