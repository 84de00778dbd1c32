"""Evidence without secrets, for an AI."""

from __future__ import annotations

from collections.abc import Callable

from upshot.evidence.excerpt import Excerpt
from upshot.model import Facts


class RedactedEvidence:
    """What an AI may read. The facts are redacted already; the cut text once more, as a whole:
    a secret over several lines shows only there.
    """

    def __init__(self, facts: Facts, redact: Callable[[str], str]) -> None:
        self._excerpt = Excerpt(facts)
        self._redact = redact

    def cut(self, budget_bytes: int) -> str:
        """As `model.EvidenceText`."""
        text = self._redact(self._excerpt.cut(budget_bytes))
        encoded = text.encode()
        if len(encoded) <= budget_bytes:
            return text
        return encoded[:budget_bytes].decode(errors="ignore")  # a mask may be longer than a secret
