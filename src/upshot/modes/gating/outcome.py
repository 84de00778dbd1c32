"""What a gate came to, as a value."""

from __future__ import annotations

from msgspec import Struct

from upshot.errors import UpshotError
from upshot.gate.decision import GateDecision, State
from upshot.model import PullRequest, ReasonCode
from upshot.modes.gating.stakes import Stakes
from upshot.publish.github.approvals.collect import Reading

_REASONS = {
    State.APPROVED: ReasonCode.OK,
    State.NOT_NEEDED: ReasonCode.OK,
    State.ERROR: ReasonCode.GITHUB_UNAVAILABLE,
}


class GateOutcome(Struct, frozen=True, kw_only=True):
    """Without anything else: it could not be found out."""

    state: State = State.ERROR
    exit_code: int = 1
    decision: GateDecision | None = None
    """None when it is not known what is asked for, and where no pull request is needed."""
    reading: Reading | None = None
    stakes: Stakes = Stakes()
    pull: PullRequest | None = None
    """As the event or the look-up names it."""
    fault: UpshotError | None = None

    @property
    def is_open(self) -> bool:
        return self.state in {State.APPROVED, State.NOT_NEEDED}

    @property
    def reason_code(self) -> ReasonCode:
        return _REASONS.get(self.state, ReasonCode.NOT_APPROVED)

    @property
    def head(self) -> str:
        """The head commit as it was read, else as the event names it; empty when neither is known."""
        pull = self.reading.facts.pull if self.reading else None
        return pull.head_sha if pull else (self.pull.head_sha if self.pull else "")
