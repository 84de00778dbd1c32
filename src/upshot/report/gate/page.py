"""What the report of a gate shows, as a value. Reasons, names and faults in it are untrusted text."""

from __future__ import annotations

from msgspec import Struct

from upshot.gate.decision import GateDecision


class PlanRow(Struct, frozen=True):
    """What the preview of one stack would do."""

    stack: str
    """Empty when unknown."""
    counts: tuple[tuple[str, int], ...] = ()
    """(`create`, number), …; empty when unknown."""


class GatePage(Struct, frozen=True, kw_only=True):
    decision: GateDecision | None = None
    """None where it is not even known what is asked for."""
    is_needed: bool = True
    """False: no word of `approval-required-on` is met, and there is no pull request to show."""
    plan: tuple[PlanRow, ...] = ()
    """Empty where no evidence was read."""
    commit: str = ""
    """The commit that is asked about; empty when it is not known."""
    audit: str = ""
    """One line about the decision (`gate.audit.audit_line`)."""
    fault: str = ""
    """Why it is not known; our words, with a service's inside."""
    hint: str = ""
    """Who must act about that."""
