"""What policy says about the facts, how each verdict is shown, and why a run of Upshot ended so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.model.engine import Outcome


class ReasonCode(StrEnum):
    """Why Upshot's run ended as it did: a closed list, documented in docs/outputs.md.

    `verdict` and `failure-class` are about the deployment; this is about the report: what, if
    anything, went wrong with it. The first that applies wins, in the order written here.
    """

    BAD_INPUT = "bad-input"
    BAD_EVENT = "bad-event"
    NOT_ALLOWED = "not-allowed"
    """The person who triggered the run may not (comment-triggered runs)."""
    FORBIDDEN_BY_POLICY = "forbidden-by-policy"
    """`fail-on` or `risk-threshold` says no."""
    NOT_DONE = "not-done"
    """What was asked for was not done, and a later step must not believe that it was."""
    NOT_APPROVED = "not-approved"
    """Mode `gate`: people have not approved it, or no longer."""
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    """The workflow run was cancelled while Upshot ran."""
    INTERNAL_ERROR = "internal-error"
    GITHUB_UNAVAILABLE = "github-unavailable"
    """A mode that fails closed could not read GitHub."""
    NO_SUBJECT = "no-subject"
    NO_EVIDENCE = "no-evidence"
    """The update is known, but there is no evidence of what happened in it."""
    PULUMI_UNAVAILABLE = "pulumi-unavailable"
    """Pulumi Cloud could not be read; the facts come from elsewhere or are few."""
    COMMENT_FAILED = "comment-failed"
    AI_SELF_HOSTED = "ai-self-hosted"
    AI_TOKEN = "ai-token"  # noqa: S105 - a reason, not a token
    AI_FORBIDDEN = "ai-forbidden"
    AI_USAGE_LIMIT = "ai-usage-limit"
    AI_RATE_LIMITED = "ai-rate-limited"
    AI_UNREACHABLE = "ai-unreachable"
    AI_UNAVAILABLE = "ai-unavailable"
    AI_TIMED_OUT = "ai-timed-out"
    AI_NOT_FOUND = "ai-not-found"
    AI_BAD_REPLY = "ai-bad-reply"
    AI_DECLINED = "ai-declined"
    """The service chose not to answer (204): no fault."""
    TASK_AWAITS = "task-awaits"
    """A Neo task waits for a person."""
    STILL_RUNNING = "still-running"
    """The update had not ended when it was read."""
    DEPLOYMENT_FAILED = "deployment-failed"
    DEPLOYMENT_CANCELLED = "deployment-cancelled"
    NO_CHANGES = "no-changes"
    OK = "ok"


class VerdictStatus(StrEnum):
    """How the deployment ended, the worst first: reports of several stacks are sorted so."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    NO_CHANGES = "no-changes"

    @classmethod
    def read(cls, text: str) -> VerdictStatus:
        """The status of this name; UNKNOWN for any other text."""
        return cls(text) if text in _SHOWN else cls.UNKNOWN

    @property
    def rank(self) -> int:
        """Place in the order, 0 for the worst."""
        return tuple(VerdictStatus).index(self)

    @property
    def shown(self) -> Shown:
        return _SHOWN[self]


class Shown(Struct, frozen=True, kw_only=True):
    """How one verdict is shown, wherever it is."""

    icon: str
    ending: str
    """After the kind of the run: `Update failed`."""
    alone: str
    """Without the kind of the run, in a table."""
    tally: str
    """After a number of stacks: `4 unchanged`."""
    outcome: Outcome
    """How the engine's run ended, for a report that joins several."""
    reason: ReasonCode
    commit_state: str
    """State of the commit status [GitHub: error, failure, pending, success]."""


RUNNING_ICON: Final = "⏳"
"""For an update that had not ended when it was read, whatever its verdict."""
WARNING_ICON: Final = "⚠️"
"""For a success that breaks a rule, or loses data."""

_SHOWN: Final[Mapping[str, Shown]] = {
    VerdictStatus.FAILED: Shown(
        icon="❌", ending="failed", alone="failed", tally="failed",
        outcome=Outcome.FAILED, reason=ReasonCode.DEPLOYMENT_FAILED, commit_state="failure",
    ),
    VerdictStatus.CANCELLED: Shown(
        icon="🚫", ending="cancelled", alone="cancelled", tally="cancelled",
        outcome=Outcome.CANCELLED, reason=ReasonCode.DEPLOYMENT_CANCELLED, commit_state="failure",
    ),
    VerdictStatus.UNKNOWN: Shown(
        icon="❔", ending="with unknown outcome", alone="outcome unknown", tally="unknown",
        outcome=Outcome.UNKNOWN, reason=ReasonCode.NO_EVIDENCE, commit_state="error",
    ),
    VerdictStatus.SUCCEEDED: Shown(
        icon="✅", ending="succeeded", alone="succeeded", tally="succeeded",
        outcome=Outcome.SUCCEEDED, reason=ReasonCode.OK, commit_state="success",
    ),
    VerdictStatus.NO_CHANGES: Shown(
        icon="⚪", ending="without changes", alone="nothing changed", tally="unchanged",
        outcome=Outcome.SUCCEEDED, reason=ReasonCode.NO_CHANGES, commit_state="success",
    ),
}  # fmt: skip


class RiskLevel(StrEnum):
    """How risky the changes are, the lowest first."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Place in the order, 0 for none; the values themselves sort by letters."""
        return tuple(RiskLevel).index(self)

    @property
    def is_notable(self) -> bool:
        """Whether a report says it: from medium on."""
        return self.rank >= RiskLevel.MEDIUM.rank


_MOST_NAMED: Final = 5


class Breach(Struct, frozen=True):
    """One rule of `fail-on` that the facts break, or may break."""

    rule: str
    """A word of `fail-on`."""
    what: str
    """What was found, in words."""
    resources: tuple[str, ...] = ()
    """Names of the resources that it is about, as far as they are known."""
    stack: str = ""
    """Where several stacks share a report."""

    def __str__(self) -> str:
        where = f"{self.stack}: " if self.stack else ""
        shown = ", ".join(self.resources[:_MOST_NAMED])
        more = len(self.resources) - _MOST_NAMED
        names = f" ({shown}{f' and {more} more' if more > 0 else ''})" if shown else ""
        return f"{where}fail-on: {self.rule}: {self.what}{names}"


class Verdict(Struct, frozen=True):
    """What policy says about the facts; a model can raise the risk and never lower it."""

    status: VerdictStatus
    risk_level: RiskLevel = RiskLevel.NONE
    risk_reasons: tuple[str, ...] = ()
    breaches: tuple[Breach, ...] = ()
    """What `fail-on` forbids and the facts show; exit code 1 if there are any."""
