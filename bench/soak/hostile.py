"""What is wrong with the input of a run, beside its services: a file, a pattern, our earlier comment."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final


class Input(StrEnum):
    SPARSE = "sparse file"
    """An events file of 20 GB without one byte of data (threat T38)."""
    BACKTRACKING = "backtracking pattern"
    """Patterns that take Python's engine longer than a workflow lasts, with a text for them (T34)."""
    COMMENT = "hostile comment"
    """Our comment of an earlier run, changed by a person with write access (T22, T44)."""


_SPARSE_BYTES: Final = 20 * 1024**3
_SPARSE: Final = "sparse.json"
_TAKE_EVENTS: Final = frozenset({"explain", "ask", "task"})
_INSTEAD: Final = frozenset({"events-file", "log-from", "stacks", "deployment-url"})
"""Inputs beside which `events-file` is refused, or is there already."""
_PATTERNS: Final = "(a+)+$\n(a|aa)+qz\n(?:a?){50}a{50}c\n(?:a+a+)+d\n(?:a*?)*?qzx"
_TEXT: Final = "a" * 200_000 + "!\n"
_IMAGE: Final = "![pixel](https://evil.example/p.png)"
_TAG: Final = "<img src=https://evil.example/p>"
_BLOCK: Final = (
    f"{_IMAGE}\n{_TAG}\n@acme/everyone\n::error::x\n" + "![" * 8_000 + "</details>" * 400
)
_SECTION: Final = (
    '<!-- upshot-section {"stack":"acme/other/prod","run":"1","sha":"","started":1,'
    f'"verdict":"failed","digest":"0"}} -->\n\n### {_TAG}\n\n{_IMAGE}\n\n<!-- upshot-section-end -->'
)
_END: Final = "<!-- upshot-section-end -->"


def spoil_files(
    workspace: Path, inputs: Mapping[str, str], kinds: frozenset[Input]
) -> dict[str, str]:
    """Writes the files, and returns the inputs that name them. `inputs`: what the scenario gives."""
    given = {}
    takes_events = inputs.get("mode", "explain") in _TAKE_EVENTS
    if Input.SPARSE in kinds and takes_events and not _INSTEAD & inputs.keys():
        with (workspace / _SPARSE).open("wb") as file:
            file.truncate(_SPARSE_BYTES)
        given["events-file"] = _SPARSE
    if Input.BACKTRACKING in kinds:
        given["mask-patterns"] = _PATTERNS
        log = inputs.get("log-file", "")
        if log and (workspace / log).is_file():
            with (workspace / log).open("a", encoding="utf-8") as file:
                file.write(_TEXT)
    return given


def adds_stack(number: int) -> bool:
    """Whether `spoil_comment` adds a section: the comment is one of two stacks from then on."""
    return number % 3 == 1


def spoil_comment(body: str, number: int) -> str:
    """One of three ways: hostile text in our section, a section of another stack, half of it gone."""
    if number % 3 == 0:
        return body.replace("\n### ", f"\n{_BLOCK}\n\n### ", 1)[:65_000]
    if adds_stack(number):
        return body.replace(_END, f"{_END}\n\n{_SECTION}", 1)[:65_000]
    return body[: len(body) // 2]


def is_alive(body: str) -> bool:
    """Whether a part of the hostile text would act on a reader of the comment."""
    return _IMAGE in body or _TAG in body
