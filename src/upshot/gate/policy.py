"""Who may approve what, and how: the inputs of a gate, checked and typed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

WEEK_S: Final = 7 * 86_400.0


class Source(StrEnum):
    """Where an approval may come from (`approval-from`)."""

    COMMENT = "comment"
    REVIEW = "review"
    ENVIRONMENT = "environment"


class Policy(Struct, frozen=True, kw_only=True):
    """The inputs of a gate. Raises ValueError for values that would leave it open or senseless."""

    sources: tuple[Source, ...] = (Source.COMMENT, Source.REVIEW)
    required: int = 1
    """Distinct people, at least 1."""
    approvers: tuple[str, ...] | None = None
    """Logins and `@org/team`; None: everyone who has write access now; empty: no one."""
    environment: str = ""
    """Name of the environment whose approvals count; needed with that source."""
    allow_self: bool = False
    expires_s: float = WEEK_S
    """An approval of this age, in seconds, counts no more."""
    is_needed: bool = True
    """Whether `approval-required-on` asks for an approval. True also where that cannot be found out."""

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("an approval must be able to come from somewhere")
        if self.required < 1:
            raise ValueError("at least one approval is required")
        if not self.expires_s > 0:  # nor for a number that is none
            raise ValueError("an approval must be valid for some time")
        if Source.ENVIRONMENT in self.sources and not self.environment:
            raise ValueError("approvals of an environment need its name")

    @property
    def logins(self) -> frozenset[str] | None:
        """The approvers that are people, in lower case; None when everyone with write access is."""
        return self._named(teams=False)

    @property
    def teams(self) -> frozenset[str]:
        """The approvers that are teams, `org/team` in lower case."""
        return self._named(teams=True) or frozenset()

    def _named(self, *, teams: bool) -> frozenset[str] | None:
        if self.approvers is None:
            return None
        names = (name.removeprefix("@").lower() for name in self.approvers)
        return frozenset(name for name in names if ("/" in name) is teams)
