"""Sources without what is written for readers: comments, docstrings, and texts that stand alone.

What is left are the lines that a traceback shows, each where it was, a quarter smaller.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

_SHEBANG = "#!"


def drop_words(source: bytes) -> bytes:
    """The same program, line by line. Raises SyntaxError and UnicodeDecodeError."""
    text = source.decode("utf-8")
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.line.startswith(_SHEBANG):
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    for statement, is_alone in _texts(ast.parse(source)):
        rows = range(statement.lineno - 1, (statement.end_lineno or statement.lineno))
        indent = lines[rows[0]][: statement.col_offset]
        if indent.strip() or not lines[rows[-1]].rstrip().endswith(("'", '"')):
            continue  # something else is in the same line
        for row in rows:
            lines[row] = ""
        if is_alone:
            lines[rows[0]] = f"{indent}pass"
    return "\n".join(lines).encode("utf-8")


def _texts(tree: ast.Module) -> Iterator[tuple[ast.Expr, bool]]:
    """Each statement that is nothing but a text, and whether its block holds nothing else."""
    for node in ast.walk(tree):
        for _, block in ast.iter_fields(node):
            if isinstance(block, list):
                texts = [statement for statement in block if is_text(statement)]
                for text in texts:
                    yield text, text is texts[0] and len(texts) == len(block)


def is_text(statement: object) -> bool:
    """Whether a statement is a text that nothing uses, such as a docstring."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
        return False
    return isinstance(statement.value.value, str)
