"""Facts and evidence without secrets: redacted once, where they come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from upshot.evidence import Excerpt
from upshot.model import Facts

T = TypeVar("T", bound=Struct)

_TOO_SHORT = 8
"""Nothing shorter is ever masked."""


def redact_struct(value: T, redact: Callable[[str], str]) -> T:
    """The same value with every text in it redacted, however deep."""
    fields = {name: _redact_any(item, redact) for name, item in asdict(value).items()}
    return type(value)(**fields)


def _redact_any(value: Any, redact: Callable[[str], str]) -> Any:
    if type(value) is str:
        return redact(value) if len(value) >= _TOO_SHORT else value
    if isinstance(value, Struct):
        return redact_struct(value, redact)
    if isinstance(value, tuple):
        return tuple(_redact_any(item, redact) for item in value)
    if isinstance(value, dict):
        return {key: _redact_any(item, redact) for key, item in value.items()}
    return value


class RedactedEvidence:
    """What an AI may read. The facts are redacted already; the cut text once more, as a whole.

    A secret over several lines, or one that stands across two fields, shows only in the text.
    """

    def __init__(self, facts: Facts, redact: Callable[[str], str]) -> None:
        self._excerpt = Excerpt(facts)
        self._redact = redact

    def cut(self, budget_bytes: int) -> str:
        """As `model.EvidenceText`."""
        text = self._redact(self._excerpt.cut(budget_bytes))
        encoded = text.encode()
        if len(encoded) > budget_bytes:  # a mask may be longer than what it hides
            return encoded[:budget_bytes].decode(errors="ignore")
        return text
