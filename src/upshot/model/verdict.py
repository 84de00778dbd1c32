"""Policy's word on the facts, and why a run of ours ended as it did."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class ReasonCode(StrEnum):
    """Why Upshot's run ended as it did: a closed list, documented in docs/outputs.md.

    `verdict` and `failure-class` tell about the deployment; this tells what, if anything, stood
    in the way of the report. The first that applies wins, in the order written here.
    """

    BAD_INPUT = "bad-input"
    BAD_EVENT = "bad-event"
    NOT_ALLOWED = "not-allowed"
    """The person who triggered the run may not (comment-triggered runs)."""
    FORBIDDEN_BY_POLICY = "forbidden-by-policy"
    """`fail-on` or `risk-threshold` says no."""
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    """The workflow run was cancelled while we worked."""
    INTERNAL_ERROR = "internal-error"
    GITHUB_UNAVAILABLE = "github-unavailable"
    """A mode that fails closed could not read GitHub."""
    NO_SUBJECT = "no-subject"
    NO_EVIDENCE = "no-evidence"
    """The update is known, but nothing tells what happened in it."""
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
    """The service chose not to answer (204): no fault of anybody."""
    TASK_AWAITS = "task-awaits"
    """A Neo task waits for a person."""
    STILL_RUNNING = "still-running"
    """The update had not ended when it was read."""
    DEPLOYMENT_FAILED = "deployment-failed"
    DEPLOYMENT_CANCELLED = "deployment-cancelled"
    NO_CHANGES = "no-changes"
    OK = "ok"


class VerdictStatus(StrEnum):
    SUCCEEDED = "succeeded"
    NO_CHANGES = "no-changes"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class RiskLevel(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Verdict(Struct, frozen=True):
    """Policy's word on the facts; a model can raise the risk and never lower it."""

    status: VerdictStatus
    risk_level: RiskLevel = RiskLevel.NONE
    risk_reasons: tuple[str, ...] = ()
    breaches: tuple[str, ...] = ()
    """What `fail-on` or `risk-threshold` forbids and the facts show, in words; exit 1 if any."""
