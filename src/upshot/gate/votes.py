"""Each vote found and judged by itself: comments, reviews, approvals of an environment.

First what makes a vote void, then what could not be read, then what keeps a genuine approval from
counting. So a vote that is void anyway costs no request and breaks no decision (threat T58).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.gate.decision import Rule, Vote
from upshot.gate.facts import (
    Account,
    Comment,
    EnvironmentApproval,
    GateFacts,
    PullRequest,
    Review,
    Revision,
)
from upshot.gate.grammar import MAX_REASON, Command, Verb, parse_command
from upshot.gate.people import find_own, refuse_account, refuse_standing
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Binding, Request, names_request
from upshot.text import clean_text

MAX_SKEW_S: Final = 300.0
"""How far the runner's clock may be behind GitHub's."""
_BY_COMMIT: Final = frozenset({Binding.HEAD_SHA, Binding.TREE})
_REVIEWS: Final = {
    "APPROVED": Verb.APPROVE,
    "CHANGES_REQUESTED": Verb.REJECT,
    "DISMISSED": None,
}
"""The states that are an opinion, as GitHub counts them; a comment in between replaces none."""
_GENUINE: Final = frozenset(
    {
        Rule.COUNTS, Rule.REJECTS, Rule.EXPIRED,
        Rule.OWN_PULL, Rule.OWN_COMMIT, Rule.CO_AUTHOR, Rule.OWN_PUSH, Rule.OWN_MERGE,
    }
)  # fmt: skip


class Judged(Struct, frozen=True):
    """A vote with the rule that it meets by itself."""

    vote: Vote
    order: float
    """Its time among the votes of one person."""
    author: Account | None = None
    lacks: tuple[Rule, ...] = ()
    """Everything that could not be read of a vote that would stand otherwise."""
    commit: str = ""
    """Of a review, the commit."""

    @property
    def is_genuine(self) -> bool:
        """This person did vote so, and may vote: a newer one replaces an older one."""
        return self.vote.rule in _GENUINE


def judge_votes(
    facts: GateFacts, policy: Policy, request: Request, pull: PullRequest
) -> Iterator[Judged]:
    """Every vote of the sources that count, in no order."""
    judge = _Judge(facts, policy, request, pull)
    if Source.COMMENT in policy.sources:
        for comment in facts.comments or ():
            command = parse_command(comment.body)
            if command and (command.verb.is_vote or (command.tried and command.tried.is_vote)):
                yield judge.comment(comment, command)
    if Source.REVIEW in policy.sources:
        newest = _newest(facts.reviews or ())
        for review in facts.reviews or ():
            if review.state in _REVIEWS and review.submitted_at is not None:
                yield judge.review(review, review.submitted_at, is_newest=review.id in newest)
    if Source.ENVIRONMENT in policy.sources:
        for place, approval in enumerate(facts.environment_approvals or (), start=1):
            yield judge.environment(place, approval)


def _newest(reviews: Iterable[Review]) -> set[int]:
    """Ids of the newest opinion of each account; of two in one second, the one that does not approve."""
    found: dict[int | None, Review] = {}
    for review in reviews:
        if review.state not in _REVIEWS or review.submitted_at is None:
            continue
        author = review.author.id if review.author else None
        known = found.get(author)
        if known is None or _rank(review) >= _rank(known):
            found[author] = review
    return {review.id for review in found.values()}


def _rank(review: Review) -> tuple[float, bool, int]:
    return review.submitted_at or 0.0, review.state != "APPROVED", review.id


class _Judge:
    """Judges one vote after the other by the same facts."""

    def __init__(
        self, facts: GateFacts, policy: Policy, request: Request, pull: PullRequest
    ) -> None:
        self._facts = facts
        self._policy = policy
        self._request = request
        self._id = request.id
        self._pull = pull
        self._commit = facts.commit.sha if facts.commit else pull.head_sha

    def comment(self, comment: Comment, command: Command) -> Judged:
        verb = command.verb if command.verb.is_vote else None
        vote = Vote(
            source=Source.COMMENT,
            id=comment.id,
            verb=verb,
            author_id=comment.author.id if comment.author else None,
            login=comment.author.login if comment.author else "",
            at=comment.created_at,
            permission=self._permission(comment.author),
            rule=Rule.COUNTS,
            reason=command.reason,
        )
        judged = Judged(vote, comment.created_at, comment.author)
        if verb is None:
            return _with(judged, Rule.MALFORMED)
        if command.request_id != self._id:
            return _with(judged, Rule.OTHER_REQUEST)
        if not self._commit.startswith(command.commit):
            return _with(judged, Rule.OTHER_COMMIT)
        refused = refuse_account(comment.author, comment.app)
        if comment.updated_at != comment.created_at:
            refused = refused or Rule.EDITED
        refused = refused or _refuse_revision(comment.revision)
        lacks = [] if comment.revision else [Rule.UNKNOWN_EDITS]
        return self._stand(judged, refused, lacks, at=comment.created_at)

    def review(self, review: Review, at: float, *, is_newest: bool) -> Judged:
        verb = _REVIEWS[review.state]
        vote = Vote(
            source=Source.REVIEW,
            id=review.id,
            verb=verb,
            author_id=review.author.id if review.author else None,
            login=review.author.login if review.author else "",
            at=at,
            permission=self._permission(review.author),
            rule=Rule.COUNTS,
            reason=_first_line(review.body),
        )
        judged = Judged(vote, at, review.author, commit=review.commit)
        if not is_newest:
            return _with(judged, Rule.NOT_NEWEST)
        if verb is None:
            return _with(judged, Rule.DISMISSED)
        lacks: list[Rule] = []
        if review.commit != self._commit:
            if self._request.binding is not Binding.TREE:
                return _with(judged, Rule.OTHER_COMMIT)
            if review.tree is None:
                lacks.append(Rule.UNKNOWN_TREE)
            elif review.tree != self._request.bound:
                return _with(judged, Rule.OTHER_COMMIT)
        refused = refuse_account(review.author, "")
        if verb is Verb.APPROVE and self._request.binding not in _BY_COMMIT:
            # The text says what is approved, so it must be the person's own.
            if not names_request(review.body, self._id):
                return _with(judged, Rule.NO_REQUEST_ID)
            refused = refused or _refuse_revision(review.revision)
            lacks += [] if review.revision else [Rule.UNKNOWN_EDITS]
        return self._stand(judged, refused, lacks, at=at)

    def environment(self, place: int, approval: EnvironmentApproval) -> Judged:
        verb = {"approved": Verb.APPROVE, "rejected": Verb.REJECT}.get(approval.state)
        vote = Vote(
            source=Source.ENVIRONMENT,
            id=place,
            verb=verb,
            author_id=approval.user.id if approval.user else None,
            login=approval.user.login if approval.user else "",
            at=None,
            permission=self._permission(approval.user),
            rule=Rule.COUNTS,
            reason=_first_line(approval.comment),
        )
        run = self._facts.run
        # Its time is unknown: an approval is as old as it can be, a rejection is the last word.
        order = inf if verb is Verb.REJECT else run.created_at or 0.0
        judged = Judged(vote, order, approval.user)
        names = {name.casefold() for name in approval.environments}
        if verb is None or self._policy.environment.casefold() not in names:
            return _with(judged, Rule.OTHER_ENVIRONMENT)
        if run.sha and run.sha not in self._commits_of_run():
            return _with(judged, Rule.OTHER_COMMIT)
        refused = refuse_account(approval.user, "")
        lacks = [Rule.UNKNOWN_TIME] if run.created_at is None else []
        return self._stand(judged, refused, lacks, at=run.created_at, is_timed=False)

    def _commits_of_run(self) -> set[str]:
        merged = self._pull.is_merged and self._facts.run.is_push
        return {self._commit, self._pull.merge_sha} if merged else {self._commit}

    def _stand(
        self,
        judged: Judged,
        refused: Rule | None,
        lacks: list[Rule],
        *,
        at: float | None,
        is_timed: bool = True,
    ) -> Judged:
        """The rules that all votes have in common; `refused` and `lacks` are what is known before."""
        author = judged.author
        if refused or author is None:
            return _with(judged, refused or Rule.NO_ACCOUNT)
        if is_timed and at is not None and not at >= self._pull.created_at:
            return _with(judged, Rule.BEFORE_PULL)
        refused, unread = refuse_standing(author, self._facts, self._policy)
        if refused:
            return _with(judged, refused)
        lacks = [*lacks, *unread]
        if at is not None and not at <= self._facts.now + MAX_SKEW_S:
            lacks.append(Rule.UNKNOWN_TIME)
        if judged.vote.verb is Verb.REJECT:
            return _with(judged, *(lacks or [Rule.REJECTS]))
        limit = self._limit(author, at)
        if limit and limit.is_unknown:
            lacks.append(limit)
        return _with(judged, *(lacks or [limit or Rule.COUNTS]))

    def _limit(self, author: Account, at: float | None) -> Rule | None:
        """What keeps a genuine approval from counting; a rejection has no such limit."""
        own = None if self._policy.allow_self else find_own(author, self._pull, self._facts)
        if own and not own.is_unknown:
            return own
        if at is not None and not self._facts.now - at < self._policy.expires_s:
            return Rule.EXPIRED
        return own

    def _permission(self, author: Account | None) -> str:
        found = self._facts.permissions.get(author.id) if author else None
        return found.permission if found else ""


def _with(judged: Judged, *rules: Rule) -> Judged:
    """The vote with its rule; several rules are all that could not be read."""
    lacks = tuple(rule for rule in rules if rule.is_unknown)
    return replace(judged, vote=replace(judged.vote, rule=rules[0]), lacks=lacks)


def _refuse_revision(revision: Revision | None) -> Rule | None:
    if revision is None:
        return None
    if revision.last_edited_at is not None:
        return Rule.EDITED
    return Rule.MINIMISED if revision.is_minimised else None


def _first_line(text: str) -> str:
    """The first line that holds something, for people: one line, cut."""
    lines = (line.strip() for line in clean_text(text[: 8 * MAX_REASON]).split("\n"))
    return " ".join(next(filter(None, lines), "").split())[:MAX_REASON]
