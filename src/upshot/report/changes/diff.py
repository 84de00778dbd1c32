"""Changed properties as the lines of a `diff` fence, which GitHub colours. Knows no Markdown.

`-` is what goes, `+` is what comes, `!` is a value that becomes another in one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from upshot.model import PropertyChange, PropertyChangeKind, StackOutput

_LONGEST_LINE: Final = 96
"""Characters of old and new value in one line; longer ones get a line each."""
_LONGEST_VALUE: Final = 220
_MOST_LINES: Final = 80
_MOST_OF_ONE: Final = 40
"""Lines of one property."""
_CONTEXT: Final = 2
_SIGNS: Final = {PropertyChangeKind.ADD: "+", PropertyChangeKind.DELETE: "-"}


def diff_lines(changes: Sequence[PropertyChange], omitted: int = 0) -> list[str]:
    """At most about 80 lines; the last one counts the properties that are left out."""
    lines: list[str] = []
    for at, change in enumerate(changes):
        if len(lines) >= _MOST_LINES:
            omitted += len(changes) - at
            break
        lines += _lines(change)
    return [*lines, f"  … {omitted:,} more"] if omitted else lines


def output_lines(outputs: Sequence[StackOutput], omitted: int = 0) -> list[str]:
    """A stack's outputs, those that change first; the others without a sign."""
    changed = [
        PropertyChange(output.name, _kind_of(output), output.old, output.new)
        for output in outputs
        if output.is_changed
    ]
    same = [
        line
        for output in outputs
        if not output.is_changed
        for line in _same_lines(_flat(output.name), output.new)
    ]
    lines = [*diff_lines(changed), *same[:_MOST_LINES]]
    omitted += max(0, len(same) - _MOST_LINES)
    return [*lines, f"  … {omitted:,} more"] if omitted else lines


def _kind_of(output: StackOutput) -> PropertyChangeKind:
    if output.old and output.new:
        return PropertyChangeKind.UPDATE
    return PropertyChangeKind.DELETE if output.old else PropertyChangeKind.ADD


def _same_lines(name: str, value: str) -> list[str]:
    first, *rest = value.split("\n")
    return [
        f"  {name}: {_shortened(first)}",
        *(f"    {_shortened(line)}" for line in rest[:_MOST_OF_ONE]),
    ]


def _lines(change: PropertyChange) -> list[str]:
    note = "  # forces replacement" if change.replaces else ""
    sign = _SIGNS.get(change.kind, "!")
    old, new = change.old, change.new
    if not old and not new:
        return [f"{sign} {_flat(change.path)}{note}"]
    name = _flat(change.path)
    if "\n" in old or "\n" in new:
        return [f"{sign} {name}:{note}", *_cut(_line_diff(old, new))]
    if change.kind is not PropertyChangeKind.UPDATE or not (old and new):
        return [f"{sign} {name}: {_shortened(old or new)}{note}"]
    if len(old) + len(new) <= _LONGEST_LINE:
        equal = ", changed" if old == new else ""
        return [f"! {name}: {old} → {new}{equal}{note}"]
    return [f"- {name}: {_shortened(old)}{note}", f"+ {name}: {_shortened(new)}"]


def _line_diff(old: str, new: str) -> Iterator[str]:
    """The lines that differ, each with its sign, between two lines around them."""
    from difflib import unified_diff  # costs 3 ms to import, and few reports need it

    pair = (old.split("\n") if old else [], new.split("\n") if new else [])
    for line in islice(unified_diff(*pair, n=_CONTEXT, lineterm=""), 2, None):
        if line.startswith("@@"):
            yield "    …"
        else:
            yield f"{line[0]}   {_shortened(line[1:])}"


def _cut(lines: Iterator[str]) -> list[str]:
    """At most 40 lines, without the sign of a gap at the start."""
    every = list(lines)
    if every and every[0].endswith("…"):
        every = every[1:]
    left = len(every) - _MOST_OF_ONE
    return [*every[:_MOST_OF_ONE], f"    … {left:,} more lines"] if left > 0 else every


def _shortened(text: str) -> str:
    """A long value without its middle: values differ at their ends, mostly."""
    if len(text) <= _LONGEST_VALUE:
        return text
    head = _LONGEST_VALUE * 2 // 3
    return f"{text[:head]}…{text[len(text) - (_LONGEST_VALUE - head - 1) :]}"


def _flat(path: str) -> str:
    return " ".join(path.split())
