"""The outputs of a stack, before and after, from the states of its own resource."""

from __future__ import annotations

from typing import Any

import msgspec

from upshot.evidence.properties.changes import read_state
from upshot.evidence.properties.shown import show
from upshot.model import StackOutput

_MISSING: Any = object()


def read_outputs(old: msgspec.Raw | bytes, new: msgspec.Raw | bytes) -> tuple[StackOutput, ...]:
    """Each output once, those that there were first; empty where no state has any."""
    before, after = read_state(old).outputs, read_state(new).outputs
    before = before if isinstance(before, dict) else {}
    after = after if isinstance(after, dict) else {}
    return tuple(
        StackOutput(
            str(name)[:300],
            _shown(before.get(name, _MISSING), name),
            _shown(after.get(name, _MISSING), name),
        )
        for name in dict.fromkeys((*before, *after))
    )


def _shown(value: Any, name: str) -> str:
    return "" if value is _MISSING else show(value, name)
