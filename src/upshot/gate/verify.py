"""The verifier: facts fetched now, a policy and a request give a decision.

Pure: no network, no clock, no memory. It fails closed: anything that could not be read makes the
decision an `error` (threat T57), and nothing that can be edited is believed (threat T51).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.gate.decision import GateDecision, Rule, State, Vote
from upshot.gate.facts import Account, Commit, GateFacts, PullRequest
from upshot.gate.grammar import Verb
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Binding, Request
from upshot.gate.votes import Judged, judge_votes

_NEEDED_OF: Final = {
    Source.COMMENT: ("comments", "the comments of the pull request"),
    Source.REVIEW: ("reviews", "the reviews of the pull request"),
    Source.ENVIRONMENT: ("environment_approvals", "the approvals of this run's environments"),
}
_UNKNOWN: Final = {
    Rule.UNKNOWN_EDITS: "whether {} was edited or hidden",
    Rule.UNKNOWN_PERMISSION: "the permission of the author of {}",
    Rule.UNKNOWN_TEAM: "whether the author of {} is in the team",
    Rule.UNKNOWN_PUSHER: "who pushed the commit that {} approves",
    Rule.UNKNOWN_TREE: "the files of the commit of {}",
    Rule.UNKNOWN_TIME: "the time of {}",
}
_SHOWN: Final = 5
"""Things that one line names; the rest is counted."""


class Missing(Struct, frozen=True):
    """What a decision still needs, of votes that nothing else makes void. Empty: verify."""

    permissions: tuple[Account, ...] = ()
    memberships: tuple[tuple[str, Account], ...] = ()
    """(`org/team`, account)."""
    comments: tuple[int, ...] = ()
    """Ids of the comments whose `Revision` is needed."""
    reviews: tuple[int, ...] = ()
    trees: tuple[str, ...] = ()
    """Commits of reviews whose git tree is needed."""
    pushers: bool = False


def find_missing(facts: GateFacts, policy: Policy, request: Request) -> Missing:
    """What to fetch before `verify`, so that strangers and void votes cost no request.

    Call it again after fetching: who turns out to be an approver may need a further answer.
    """
    if facts.pull is None or not policy.is_needed:
        return Missing()
    lacking = [vote for vote in judge_votes(facts, policy, request, facts.pull) if vote.lacks]

    def of(rule: Rule, source: Source | None = None) -> list[Judged]:
        return [v for v in lacking if rule in v.lacks and source in {None, v.vote.source}]

    memberships = {
        (team, vote.author.id): (team, vote.author)
        for vote in of(Rule.UNKNOWN_TEAM)
        for team in sorted(policy.teams)
        if vote.author and (team, vote.author.id) not in facts.memberships
    }
    people = {v.author.id: v.author for v in of(Rule.UNKNOWN_PERMISSION) if v.author}
    return Missing(
        permissions=tuple(people.values()),
        memberships=tuple(memberships.values()),
        comments=tuple(v.vote.id for v in of(Rule.UNKNOWN_EDITS, Source.COMMENT)),
        reviews=tuple(v.vote.id for v in of(Rule.UNKNOWN_EDITS, Source.REVIEW)),
        trees=tuple(dict.fromkeys(v.commit for v in of(Rule.UNKNOWN_TREE))),
        pushers=bool(of(Rule.UNKNOWN_PUSHER)),
    )


def verify(facts: GateFacts, policy: Policy, request: Request) -> GateDecision:
    """Whether the request is approved by these facts. Never raises for any facts."""
    decision = GateDecision(
        state=State.ERROR,
        request=request,
        policy=policy,
        at=facts.now,
        why="",
        commit=facts.commit.sha if facts.commit else "",
    )
    pull = facts.pull
    if not policy.is_needed:
        return replace(
            decision, state=State.NOT_NEEDED, why="This run meets no word of approval-required-on."
        )
    if pull is None:
        return _error(decision, ["the pull request", *facts.unread])
    if (pull.repository, pull.number) != (request.repository, request.pull):
        return _error(decision, ["the pull request of this request: another one was read"])
    judged = list(judge_votes(facts, policy, request, pull))
    votes = tuple(_settle(judged))
    decision = replace(decision, votes=votes)
    stale = _why_stale(facts, request, pull)
    if stale:
        return replace(decision, state=State.STALE, why=stale)
    unread = [*_unread(facts, policy, pull), *_unknown(judged)]
    if unread:
        return _error(decision, unread)
    return _count(decision, votes)


def _error(decision: GateDecision, unread: Sequence[str]) -> GateDecision:
    unread = tuple(dict.fromkeys(unread))
    return replace(
        decision, state=State.ERROR, unread=unread, why=f"Not read: {_joined(unread, '; ')}."
    )


def _unread(facts: GateFacts, policy: Policy, pull: PullRequest) -> Iterator[str]:
    if facts.commit is None:
        yield "the head commit"
    if facts.pull_again is None:
        yield "the pull request a second time"
    if _is_push_of_merge(facts, pull) and facts.merge is None:
        yield "the merge commit"
    for source in policy.sources:
        name, words = _NEEDED_OF[source]
        if getattr(facts, name) is None:
            yield words
    for words, read in (("comments", facts.comments or ()), ("reviews", facts.reviews or ())):
        if len({each.id for each in read}) != len(set(read)):
            yield f"the {words}: one changed while they were read"
    yield from facts.unread


def _unknown(judged: Iterable[Judged]) -> Iterator[str]:
    for each in judged:
        vote = each.vote
        what = f"{vote.source} {vote.id} of {vote.name}"
        yield from (_UNKNOWN[rule].format(what) for rule in each.lacks)


def _why_stale(facts: GateFacts, request: Request, pull: PullRequest) -> str:
    """Why the pull request is no longer what was asked about; empty when it is."""
    commit, again = facts.commit, facts.pull_again
    if not (pull.is_open or pull.is_merged):
        return "The pull request is closed."
    if pull.is_locked:
        return "The pull request is locked."
    bound = _bound_commit(request)
    if bound and bound != pull.head_sha:
        return f"The head is {pull.head_sha[:7]}, and the request is for {bound[:7]}."
    if commit is not None:
        if commit.sha != pull.head_sha:
            return "The head moved while it was read."
        if request.binding is Binding.TREE and commit.tree != request.bound:
            return f"The files of {commit.sha[:7]} are not those of the request."
        if _is_push_of_merge(facts, pull):
            why = _why_other_merge(facts, pull, commit)
            if why:
                return why
    if again is not None and _standing(again) != _standing(pull):
        return "The pull request changed while it was read."
    return ""


def _is_push_of_merge(facts: GateFacts, pull: PullRequest) -> bool:
    return facts.run.is_push and facts.run.sha != pull.head_sha


def _why_other_merge(facts: GateFacts, pull: PullRequest, commit: Commit) -> str:
    if not pull.is_merged or facts.run.sha != pull.merge_sha:
        return f"{facts.run.sha[:7]} is not the merge of the pull request."
    merge = facts.merge
    if merge is not None and (merge.sha != pull.merge_sha or merge.tree != commit.tree):
        return f"The merge {pull.merge_sha[:7]} does not have the files of {commit.sha[:7]}."
    return ""


def _bound_commit(request: Request) -> str:
    if request.binding in {Binding.HEAD_SHA, Binding.PLAN}:
        return request.bound.partition(":")[0]
    return ""


def _standing(pull: PullRequest) -> tuple[object, ...]:
    return (
        pull.repository,
        pull.number,
        pull.head_sha,
        pull.base_ref,
        pull.is_open,
        pull.is_merged,
        pull.is_locked,
        pull.merge_sha if pull.is_merged else "",
    )


def _settle(judged: Iterable[Judged]) -> Iterator[Vote]:
    """The votes in their order, each person's older genuine ones replaced by the newest."""
    ordered = sorted(judged, key=_when)
    newest = {each.vote.author_id: each for each in ordered if each.is_genuine}
    for each in ordered:
        replaced = each.is_genuine and newest[each.vote.author_id] is not each
        yield replace(each.vote, rule=Rule.SUPERSEDED) if replaced else each.vote


def _when(judged: Judged) -> tuple[float, bool, int]:
    """By time; of two in the same second, the rejection is the last word (threat T30)."""
    return judged.order, judged.vote.verb is Verb.REJECT, judged.vote.id


def _count(decision: GateDecision, votes: Sequence[Vote]) -> GateDecision:
    """The state that the votes give; everything about them is known."""
    counted = [vote for vote in votes if vote.rule is Rule.COUNTS]
    closing = [vote for vote in votes if vote.rule is Rule.REJECTS]
    expired = [vote for vote in votes if vote.rule is Rule.EXPIRED]
    policy = decision.policy
    people, rejecting = _names(counted), _names(closing)
    decision = replace(
        decision, people=people, rejecting=rejecting, reason=_reason(closing or counted)
    )
    if closing:
        return replace(decision, state=State.REJECTED, why=f"Rejected by {_joined(rejecting)}.")
    if len(counted) >= policy.required:
        return replace(
            decision,
            state=State.APPROVED,
            why=f"Approved by {_joined(people)}.",
            expires_at=_expiry(counted, decision),
        )
    so_far = f" of {policy.required} approvals"
    if expired:
        why = f"Expired: the approval by {_joined(_names(expired))}; {len(counted)}{so_far} left."
        return replace(decision, state=State.EXPIRED, why=why)
    by = f", by {_joined(people)}" if people else ""
    return replace(decision, state=State.WAITING, why=f"{len(counted)}{so_far}{by}.")


def _expiry(counted: Sequence[Vote], decision: GateDecision) -> float | None:
    """When fewer approvals than are required will be left; None where one of them has no time."""
    times = sorted((vote.at for vote in counted if vote.at is not None), reverse=True)
    needed = decision.policy.required
    return times[needed - 1] + decision.policy.expires_s if len(times) >= needed else None


def _reason(votes: Sequence[Vote]) -> str:
    return next((vote.reason for vote in reversed(votes) if vote.reason), "")


def _names(votes: Iterable[Vote]) -> tuple[str, ...]:
    return tuple(sorted((vote.name for vote in votes), key=str.lower))


def _joined(names: Sequence[str], by: str = ", ") -> str:
    more = f"{by}{len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return by.join(names[:_SHOWN]) + more
