"""Which resource types hold data that a delete or a replacement would lose.

The list is data: stateful.txt, one type a line. It is read once, when the first resource that
would be deleted or replaced is seen.
"""

from __future__ import annotations

from functools import cache

from upshot.evidence.urn import display_type


def is_stateful(type_token: str) -> bool:
    """Whether the type (`aws:rds/instance:Instance` or `aws:rds:Instance`) holds data."""
    return display_type(type_token).lower() in _types()


@cache
def _types() -> frozenset[str]:
    from pathlib import Path

    text = (Path(__file__).parent / "stateful.txt").read_text(encoding="utf-8")
    return frozenset(
        line.strip().lower() for line in text.splitlines() if line.strip() and line[0] != "#"
    )
