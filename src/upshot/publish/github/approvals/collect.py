"""Everything that one decision of a gate depends on, read from GitHub at one moment.

The pull request is read first and again last, and in between only what could change the decision:
strangers and void votes cost no request (threat T58). Where there are votes, the last request reads the
pull request, the head commit and the edits of the votes at once. What cannot be read is left out and
named, and the decision is an error then (threat T57).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.decision import GateDecision
from upshot.gate.facts import Account, Commit, GateFacts, PullRequest, ThisRun
from upshot.gate.policy import Policy
from upshot.gate.request import Request
from upshot.gate.verify import Missing, find_missing, verify
from upshot.lenient import as_text, look
from upshot.publish.github.approvals.attempts import Attempts
from upshot.publish.github.approvals.commits import (
    find_commit,
    needs_accounts,
    read_commit,
    with_accounts,
)
from upshot.publish.github.approvals.conversation import Conversation
from upshot.publish.github.approvals.last_look import look_last
from upshot.publish.github.approvals.people import is_member, read_permission, read_pushers
from upshot.publish.github.approvals.shapes import parse_pull
from upshot.publish.github.approvals.sources import read_sources
from upshot.publish.github.client import GitHub

Ask = Callable[[PullRequest, Callable[[str], str]], Request]
"""What is to be approved, once the pull request is known. The second argument reads the git tree of a
commit, and raises GitHubError."""
MOST_PEOPLE: Final = 100
"""People whose rights are looked up for one decision."""
_MOST_ROUNDS: Final = 6
"""Each answer may show that another one is needed: a team's member, then that person's rights."""


class Occasion(Struct, frozen=True, kw_only=True):
    """What is known of the run that asks, before anything is read."""

    run_id: str
    is_push: bool = False
    sha: str = ""
    """As `ThisRun.sha`."""
    pusher: Account | None = None
    """Who pushed `sha`, by the event itself; None where the event does not say."""


class Reading(Struct, frozen=True):
    """What was read, and what was asked for by then."""

    facts: GateFacts
    request: Request
    raw_comments: tuple[Any, ...] = ()
    """All comments as REST sent them; empty where comments were not read."""
    is_fork: bool = False
    """The head is another repository's, or that repository is gone."""
    faults: tuple[GitHubError, ...] = ()
    """Why parts could not be read."""

    def decide(self, policy: Policy) -> GateDecision:
        return verify(self.facts, policy, self.request)


def read_gate(
    github: GitHub,
    number: int,
    *,
    policy: Policy,
    occasion: Occasion,
    ask: Ask,
) -> Reading:
    """Reads what a decision about pull request `number` needs.

    Raises GitHubError when the pull request, or what `ask` needs, cannot be read: then it is not even
    known what is asked for.
    """
    return _Collector(github, number, policy, occasion).read(ask)


class _Collector:
    def __init__(self, github: GitHub, number: int, policy: Policy, occasion: Occasion) -> None:
        self._github = github
        self._number = number
        self._policy = policy
        self._occasion = occasion
        self._talk = Conversation(github, number)
        self._attempts = Attempts()
        self._commits: dict[str, Commit | None] = {}
        self._raw: Any = None

    def read(self, ask: Ask) -> Reading:
        occasion = self._occasion
        self._raw = self._read_pull()
        pull = parse_pull(self._raw)
        request = ask(pull, self._tree_of)
        run = ThisRun(is_push=occasion.is_push, sha=occasion.sha)
        commit = self._commits.get(pull.head_sha)
        facts = GateFacts(now=self._now(), pull=pull, commit=commit, run=run)
        if self._policy.is_needed:
            facts = read_sources(
                self._github,
                facts,
                pull,
                sources=self._policy.sources,
                talk=self._talk,
                run_id=occasion.run_id,
                raw=self._raw,
                attempts=self._attempts,
            )
            facts = self._read_missing(facts, request)
            facts = self._look_last(facts, request, pull)
        facts = self._complete(facts, pull)
        facts = replace(facts, now=self._now(), unread=tuple(self._attempts.unread))
        return Reading(
            facts,
            request,
            tuple(self._talk.raw_comments),
            self._is_fork,
            tuple(self._attempts.faults),
        )

    def _look_last(self, facts: GateFacts, request: Request, pull: PullRequest) -> GateFacts:
        """The edits of the votes that may count; with them, as far as it is said, the rest.

        Where no edit matters, as of reviews, the rest can be read in another way, too.
        """
        missing = find_missing(facts, self._policy, request)
        keys = (
            *(("comments", number) for number in missing.comments),
            *(("reviews", number) for number in missing.reviews),
        )
        if not keys and not self._attempts.count:
            return facts
        try:
            found = look_last(self._github, self._talk, pull, keys)
        except GitHubError as error:
            if keys:
                self._attempts.note("whether votes were edited or hidden", error)
            return facts
        comments = tuple(
            replace(each, revision=found.revisions.get(("comments", each.id), each.revision))
            for each in facts.comments or ()
        )
        reviews = tuple(
            replace(each, revision=found.revisions.get(("reviews", each.id), each.revision))
            for each in facts.reviews or ()
        )
        return replace(
            facts,
            comments=None if facts.comments is None else comments,
            reviews=None if facts.reviews is None else reviews,
            commit=found.commit or facts.commit,
            # It was read last only if nothing else is to be read after it.
            pull_again=found.pull if found.commit else None,
        )

    def _complete(self, facts: GateFacts, pull: PullRequest) -> GateFacts:
        """The head commit, who made it where that matters, and the pull request again, last of all."""
        if facts.commit is None:
            commit = self._attempts.read(
                "the head commit", lambda: read_commit(self._github, pull.head_sha)
            )
            facts = replace(facts, commit=commit)
        if facts.pull_again is None:
            if self._attempts.count and not self._policy.allow_self:
                facts = self._read_authors(facts)
            again = self._attempts.read("the pull request a second time", self._pull_again)
            facts = replace(facts, pull_again=again)
        return facts

    @property
    def _is_fork(self) -> bool:
        head, base = (look(self._raw, end, "repo", "full_name") for end in ("head", "base"))
        return not head or str(head).lower() != str(base).lower()

    def _now(self) -> float:
        return self._github.clock.now()

    def _read_pull(self) -> Any:
        return self._github.get(f"pulls/{self._number}", doing=f"read pull request {self._number}")

    def _pull_again(self) -> PullRequest:
        return parse_pull(self._read_pull())

    def _read_missing(self, facts: GateFacts, request: Request) -> GateFacts:
        for _ in range(_MOST_ROUNDS):
            missing = find_missing(facts, self._policy, request)
            if missing == Missing():
                break
            before = self._attempts.count
            facts = self._answer(facts, missing)
            if self._attempts.count == before:
                break
        return facts

    def _answer(self, facts: GateFacts, missing: Missing) -> GateFacts:
        """The facts with what is missing, as far as it can be read; nothing is tried twice."""
        facts = self._read_people(facts, missing)
        facts = self._read_trees(facts, missing)
        if missing.pushers and self._attempts.is_new("pushers"):
            pushers = self._attempts.read(
                "who pushed the commit", lambda: self._read_pushers(facts)
            )
            facts = replace(facts, pushers=pushers)
        return facts

    def _read_people(self, facts: GateFacts, missing: Missing) -> GateFacts:
        """Teams first: they may show that a person is no approver, and no more is asked then."""
        memberships, permissions = dict(facts.memberships), dict(facts.permissions)
        for team, person in missing.memberships[:MOST_PEOPLE]:
            if self._attempts.is_new(("member", team, person.id)):
                what = f"whether {person.login} is in the team {team}"
                is_in = self._attempts.read(what, partial(is_member, self._github, team, person))
                if is_in is not None:
                    memberships[team, person.id] = is_in
        waiting = {person.id for _, person in missing.memberships}
        for person in missing.permissions[:MOST_PEOPLE]:
            if person.id not in waiting and self._attempts.is_new(("permission", person.id)):
                what = f"the permission of {person.login}"
                found = self._attempts.read(what, partial(read_permission, self._github, person))
                if found is not None:
                    permissions[person.id] = found
        return replace(facts, memberships=memberships, permissions=permissions)

    def _read_trees(self, facts: GateFacts, missing: Missing) -> GateFacts:
        for sha in missing.trees:
            if self._attempts.is_new(("tree", sha)):
                tree = self._attempts.read("a reviewed commit", partial(self._tree_of, sha))
                reviews = tuple(
                    replace(each, tree=tree) if each.commit == sha else each
                    for each in facts.reviews or ()
                )
                facts = replace(facts, reviews=reviews)
        return facts

    def _tree_of(self, sha: str) -> str:
        """Empty when GitHub no longer has the commit."""
        self._commits[sha] = commit = find_commit(self._github, sha)
        return commit.tree if commit else ""

    def _read_authors(self, facts: GateFacts) -> GateFacts:
        """The accounts behind addresses; asked only when there is a vote that might be theirs."""
        commit = facts.commit
        if commit is None or not needs_accounts(commit):
            return facts
        found = self._attempts.read(
            "the co-authors of the head commit", lambda: with_accounts(self._github, commit)
        )
        return replace(facts, commit=found or commit)

    def _read_pushers(self, facts: GateFacts) -> tuple[Account, ...] | None:
        occasion, pull = self._occasion, facts.pull
        assert pull is not None  # noqa: S101 - nothing is missing without it
        is_head = occasion.sha == pull.head_sha
        if occasion.pusher is not None and (is_head or occasion.is_push):
            return (occasion.pusher,)
        if occasion.is_push and not is_head:  # of a merge: the branch's pusher made another commit
            return None
        repository = as_text(look(self._raw, "head", "repo", "full_name"))
        branch = as_text(look(self._raw, "head", "ref"))
        if not repository or not branch:
            return None
        return read_pushers(self._github, repository, branch, pull.head_sha)
