"""What is said of a decision: heading, what it means, who must act, who may. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from upshot.gate.decision import GateDecision, State
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Binding

DAY_S: Final = 86_400.0
_HOUR_S: Final = 3_600.0
_MINUTE_S: Final = 60.0


class Words(NamedTuple):
    icon: str
    title: str
    lead: str
    alert: str = "NOTE"
    """Kind of GitHub's alert."""


BY_STATE: Final = {
    State.WAITING: Words(
        "⏳",
        "Waiting for approval: {given} of {required}",
        "A person must act: {asked}",
        "IMPORTANT",
    ),
    State.APPROVED: Words("✅", "Approved by {people}", "No action needed. {until}"),
    State.REJECTED: Words(
        "⛔",
        "Rejected by {rejecting}",
        "The gate stays closed until {rejecting} approves, or a new commit asks anew.",
        "CAUTION",
    ),
    State.EXPIRED: Words(
        "⌛",
        "The approval has expired",
        "A person must act: approve again. An approval counts for {duration}.",
        "IMPORTANT",
    ),
    State.STALE: Words(
        "🔁",
        "Out of date: this is no longer the state of the pull request",
        "No approval of it counts. Look at the newest run of this workflow, or start one.",
        "WARNING",
    ),
    State.NOT_NEEDED: Words("✅", "No approval needed", "No action needed."),
    State.ERROR: Words(
        "❌",
        "Not approved: the approvals could not be checked",
        "What cannot be read counts as no approval. Run this job again; if every run says this, the "
        "workflow's author must act.",
        "CAUTION",
    ),
}
UNKNOWN: Final = BY_STATE[State.ERROR]
_BINDINGS: Final = {
    Binding.HEAD_SHA: "this commit. A new commit needs a new approval.",
    Binding.TREE: "the files of this commit. A rebase that changes no file keeps the approval.",
    Binding.PLAN: "this commit and this plan. When either changes, it needs a new approval.",
}
_WAYS: Final = {
    Source.COMMENT: "a comment with the line above",
    Source.REVIEW: "an approving review of this commit",
    Source.ENVIRONMENT: "the deployment's review",
}


def describe_binding(decision: GateDecision) -> str:
    return _BINDINGS.get(decision.request.binding, "what is shown here, and nothing else.")


def describe_ways(policy: Policy, binding: Binding) -> str:
    """How an approval is given, after `by`."""
    ways = dict(_WAYS)
    if binding is Binding.PLAN:
        ways[Source.REVIEW] = "an approving review whose text holds the id below"
    return " or ".join(ways[source] for source in policy.sources)


def duration(seconds: float) -> str:
    """`7 days`, `90 minutes`."""
    for size, word in ((DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute"), (1.0, "second")):
        if seconds >= size and seconds % size == 0:
            number = f"{seconds / size:,.0f}"
            return f"{number} {word}" + "s" * (number != "1")
    return f"{seconds:,.1f} seconds"


def moment(at: float | None) -> str:
    """`2026-11-21 10:00 UTC`; empty for what is no time."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""
    except (ValueError, OverflowError, OSError):
        return ""
