"""The values that the gate's template uses: safe Markdown, what a person must do first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from upshot.gate.decision import GateDecision, Rule, State, Vote
from upshot.gate.policy import Source
from upshot.report.gate.page import GatePage, PlanRow
from upshot.report.gate.words import (
    BY_STATE,
    UNKNOWN,
    describe_binding,
    describe_ways,
    duration,
    moment,
)
from upshot.report.markdown.escape import code_span, fence
from upshot.report.markdown.text import clip_line
from upshot.report.rows import plain

MOST_VOTES: Final = 50
_LONGEST_NAME: Final = 120
_LONGEST_REASON: Final = 300
_LONGEST_FAULT: Final = 2_000
_MOST_NAMES: Final = 10
_SHORT: Final = 7
_OPEN: Final = frozenset({State.WAITING, State.EXPIRED, State.REJECTED})
_SAID: Final = frozenset({State.APPROVED, State.WAITING, State.REJECTED})
"""Their title says why."""
_OPERATIONS: Final = {
    "create": "{} to create",
    "update": "{} to update",
    "replace": "**{} to replace**",
    "delete": "**{} to delete**",
}


def view_values(page: GatePage, *, commit_url: Callable[[str], str]) -> dict[str, Any]:
    """All values of the template but the notices. Texts of `page` are redacted."""
    decision = page.decision
    if decision is None:
        words = UNKNOWN if page.is_needed else BY_STATE[State.NOT_NEEDED]
        return _shell(words.icon, words.title, words.lead, words.alert) | {"fault": _fault(page)}
    words, asked = BY_STATE[decision.state], decision.request
    fields = {
        "given": len(decision.people),
        "required": decision.policy.required,
        "people": _names(decision.people),
        "rejecting": _names(decision.rejecting),
        "duration": duration(decision.policy.expires_s),
        "until": _until(decision),
        "asked": "paste the line below as a new comment, or approve as the table says.",
    }
    if decision.policy.sources == (Source.COMMENT,):
        fields["asked"] = "paste the line below as a new comment."
    elif Source.COMMENT not in decision.policy.sources:
        fields["asked"] = "approve as the table says."
    is_open = decision.state in _OPEN
    has_line = is_open and Source.COMMENT in decision.policy.sources
    can_refuse = has_line and decision.state is not State.REJECTED
    shown = decision.votes[-MOST_VOTES:]
    return _shell(
        words.icon, words.title.format(**fields), words.lead.format(**fields), words.alert
    ) | {
        "why": "" if decision.state in _SAID else plain(decision.why, 500),
        "reason": plain(decision.reason, _LONGEST_REASON),
        "facts": list(_facts(page, decision, commit_url)),
        "line": f"/upshot approve {asked.id}" if has_line else "",
        "refusal": f"/upshot reject {asked.id}" if can_refuse else "",
        "fault": _fault(page),
        "votes": [_vote_row(vote) for vote in reversed(shown)],
        "votes_label": _count(decision.votes),
        "votes_omitted": len(decision.votes) - len(shown),
        "audit": code_span(clip_line(page.audit, 1_000)),
    }


def _shell(icon: str, title: str, lead: str, alert: str) -> dict[str, Any]:
    return {
        "icon": icon, "title": title, "lead": lead.strip(), "alert": alert, "why": "", "reason": "",
        "facts": [], "line": "", "refusal": "", "fault": "", "votes": [], "votes_label": "",
        "votes_omitted": 0, "audit": "",
    }  # fmt: skip


def _facts(
    page: GatePage, decision: GateDecision, commit_url: Callable[[str], str]
) -> Iterable[tuple[str, str]]:
    asked, policy = decision.request, decision.policy
    commit = page.commit or decision.commit
    stacks = asked.stacks or tuple(row.stack for row in page.plan if row.stack)
    what = f"[`{commit[:_SHORT]}`]({commit_url(commit)})" if commit else "the head commit"
    where = f" to {_names(stacks)}" if stacks else ""
    yield "Asked for", f"deploying {what} of pull request {asked.pull}{where}"
    for row in page.plan:
        yield "Plan", _plan(row, with_stack=len(page.plan) > 1)
    if decision.state is State.NOT_NEEDED:
        return
    yield "Holds for", describe_binding(decision)
    if decision.state in _OPEN:
        yield "Who may", _who(decision)
        yield "How", f"by {describe_ways(policy, asked.binding)}"
        yield "Until", f"an approval counts for {duration(policy.expires_s)}"
    yield "So far", _so_far(decision)
    yield "Request", f"`{asked.id}`"


def _plan(row: PlanRow, *, with_stack: bool) -> str:
    counts = [
        _OPERATIONS[word].format(f"{n:,}") for word, n in row.counts if n and word in _OPERATIONS
    ]
    text = ", ".join(counts) or ("no changes" if row.counts else "not known")
    return f"{_name(row.stack)}: {text}" if with_stack and row.stack else text


def _who(decision: GateDecision) -> str:
    policy = decision.policy
    who = "everyone with write access"
    if policy.approvers is not None:
        who = f"{_names(policy.approvers)}, with write access"
    if not policy.allow_self:
        who += "; not who made the change"
    return who + (f"; {policy.required} different people" if policy.required > 1 else "")


def _so_far(decision: GateDecision) -> str:
    count = f"{len(decision.people)} of {decision.policy.required}"
    by = f": {_names(decision.people)}" if decision.people else ""
    no = f"; rejected by {_names(decision.rejecting)}" if decision.rejecting else ""
    return f"{count}{by}{no}"


def _until(decision: GateDecision) -> str:
    until = moment(decision.expires_at)
    return f"The approval counts until {until}." if until else ""


def _vote_row(vote: Vote) -> str:
    mark = (
        "✅"
        if vote.rule is Rule.COUNTS
        else "⛔"
        if vote.rule is Rule.REJECTS
        else "\N{WHITE CIRCLE}"
    )
    verb = vote.verb.value if vote.verb else "?"
    why = vote.why if vote.rule is not Rule.COUNTS else ""
    reason = plain(vote.reason, _LONGEST_REASON)
    at = moment(vote.at)
    words = " ".join(filter(None, (why, reason)))
    return f"| {mark} {_name(vote.name)} | {verb} | {vote.source.value} | {at} | {words} |"


def _count(votes: tuple[Vote, ...]) -> str:
    return "1 vote" if len(votes) == 1 else f"{len(votes):,} votes"


def _names(names: Iterable[str]) -> str:
    names = tuple(names)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(map(_name, names[:_MOST_NAMES])) + more


def _name(text: str) -> str:
    return code_span(clip_line(text, _LONGEST_NAME), in_table=True)


def _fault(page: GatePage) -> str:
    said = "\n".join(filter(None, (page.fault, page.hint)))
    return fence(said[:_LONGEST_FAULT]) if said else ""
