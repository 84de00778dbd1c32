"""The record of a decision, for programs (docs/audit.schema.json), and its one line for people.

It holds ids, numbers, fixed words and logins; what people wrote goes through `redact` (threat T9).
`VERSION` grows when a field changes its meaning or goes away, not when one is added.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

from upshot.gate.decision import GateDecision, Vote
from upshot.model import Run

VERSION: Final = 1
MAX_VOTES: Final = 500
"""Votes in one record; those that count are never left out."""
_SHORT: Final = 7
_IN_LINE: Final = 5


def build_audit(
    decision: GateDecision, run: Run, *, redact: Callable[[str], str]
) -> dict[str, Any]:
    """The record as plain JSON values."""
    request, policy = decision.request, decision.policy
    votes = _bounded(decision.votes)
    return {
        "version": VERSION,
        "at": _time(decision.at),
        "state": decision.state.value,
        "approved": decision.approved,
        "why": redact(decision.why),
        "reason": redact(decision.reason),
        "request": {
            "id": request.id,
            "repository": request.repository,
            "pull": request.pull,
            "binding": request.binding.value,
            "bound": request.bound,
            "stacks": list(request.stacks),
        },
        "commit": decision.commit,
        "approved_sha": decision.approved_sha,
        "expires_at": _time(decision.expires_at),
        "people": list(decision.people),
        "rejecting": list(decision.rejecting),
        "policy": {
            "approval_from": [source.value for source in policy.sources],
            "required_approvals": policy.required,
            "approvers": None if policy.approvers is None else list(policy.approvers),
            "approval_environment": policy.environment,
            "allow_self_approval": policy.allow_self,
            "approval_expires_s": policy.expires_s if isfinite(policy.expires_s) else None,
        },
        "votes": [_vote(vote, redact) for vote in votes],
        "votes_omitted": len(decision.votes) - len(votes),
        "unread": [redact(what) for what in decision.unread],
        "run": {
            "repository": run.repository,
            "run_id": run.run_id,
            "run_attempt": run.run_attempt,
            "workflow": redact(run.workflow),
            "job": redact(run.job),
            "sha": run.sha,
            "actor": run.actor,
            "url": run.url,
        },
    }


def encode_audit(record: dict[str, Any]) -> bytes:
    """The record as the file `audit.json` holds it, with a line end."""
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "replace")  # halves of characters


def audit_line(decision: GateDecision, run: Run) -> str:
    """One line about the decision for the comment: text, not yet escaped for any sink.

    `rejected · request … · head-sha 1a2b3c4 · alice approve comment 5 superseded · run 7/1 · time`
    """
    asked = decision.request
    deciding = [vote for vote in decision.votes if vote.counts]
    others = len(decision.votes) - len(deciding)
    shown = deciding[-_IN_LINE:]
    left = len(deciding) - len(shown)
    parts = [
        decision.state.value,
        f"request {asked.id}",
        f"{asked.binding} {asked.bound[:_SHORT]}",
        *(f"{vote.name} {vote.verb} {vote.source} {vote.id}" for vote in shown),
        *([f"{left} more that count"] if left else []),
        *([_others(others)] if others else []),
        f"run {run.run_id}/{run.run_attempt}",
        _time(decision.at) or "",
    ]
    return " · ".join(parts)


def _others(number: int) -> str:
    return "1 that does not count" if number == 1 else f"{number} that do not count"


def _bounded(votes: tuple[Vote, ...]) -> list[Vote]:
    """All that count, and of the others the newest, in their order."""
    room = MAX_VOTES - sum(vote.counts for vote in votes)
    kept: list[Vote] = []
    for vote in reversed(votes):
        if vote.counts or room > 0:
            kept.append(vote)
            room -= not vote.counts
    return kept[::-1]


def _vote(vote: Vote, redact: Callable[[str], str]) -> dict[str, Any]:
    return {
        "source": vote.source.value,
        "id": vote.id,
        "verb": vote.verb.value if vote.verb else None,
        "author_id": vote.author_id,
        "login": vote.login,
        "at": _time(vote.at),
        "permission": vote.permission,
        "counts": vote.counts,
        "rule": vote.rule.value,
        "why": vote.why,
        "reason": redact(vote.reason),
    }


def _time(at: float | None) -> str | None:
    """RFC 3339 in UTC, whole seconds; None also for what is no time."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None
