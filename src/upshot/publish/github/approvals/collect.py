"""Everything that one decision of a gate depends on, read from GitHub at one moment.

The pull request is read first and again last, and in between only what could change the decision:
strangers and void votes cost no request (threat T58). What cannot be read is left out and named, and
the decision is an error then (threat T57).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.decision import GateDecision
from upshot.gate.facts import Account, Commit, GateFacts, PullRequest, Revision, ThisRun
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Request
from upshot.gate.verify import Missing, find_missing, verify
from upshot.lenient import as_text, look
from upshot.publish.github.approvals.commits import (
    needs_accounts,
    read_commit,
    read_tree,
    with_accounts,
)
from upshot.publish.github.approvals.conversation import Conversation, is_short
from upshot.publish.github.approvals.people import is_member, read_permission, read_pushers
from upshot.publish.github.approvals.shapes import (
    parse_environment_approval,
    parse_pull,
    parse_time,
)
from upshot.publish.github.client import GitHub

T = TypeVar("T")

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
    ask: Callable[[PullRequest, Commit], Request],
) -> Reading:
    """Reads what a decision about pull request `number` needs.

    `ask` says what is to be approved, once the pull request and its head commit are known. Raises
    GitHubError when those two cannot be read: then it is not even known what is asked for.
    """
    return _Collector(github, number, policy, occasion).read(ask)


class _Collector:
    def __init__(self, github: GitHub, number: int, policy: Policy, occasion: Occasion) -> None:
        self._github = github
        self._number = number
        self._policy = policy
        self._occasion = occasion
        self._talk = Conversation(github, number)
        self._unread: list[str] = []
        self._faults: list[GitHubError] = []
        self._tried: set[object] = set()
        self._raw: Any = None

    def read(self, ask: Callable[[PullRequest, Commit], Request]) -> Reading:
        occasion = self._occasion
        self._raw = self._read_pull()
        pull = parse_pull(self._raw)
        commit = read_commit(self._github, pull.head_sha)
        request = ask(pull, commit)
        run = ThisRun(is_push=occasion.is_push, sha=occasion.sha)
        facts = GateFacts(now=self._now(), pull=pull, commit=commit, run=run)
        if self._policy.is_needed:
            facts = self._read_sources(facts, pull)
            facts = self._read_missing(facts, request)
        facts = replace(
            facts,
            pull_again=self._try("the pull request a second time", self._pull_again),
            now=self._now(),
            unread=tuple(self._unread),
        )
        return Reading(
            facts, request, tuple(self._talk.raw_comments), self._is_fork, tuple(self._faults)
        )

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

    def _read_sources(self, facts: GateFacts, pull: PullRequest) -> GateFacts:
        sources, run = self._policy.sources, facts.run
        if run.is_push and run.sha != pull.head_sha and pull.is_merged:
            merge = self._try("the merge commit", lambda: read_commit(self._github, run.sha))
            facts = replace(facts, merge=merge)
        if Source.COMMENT in sources:
            comments = self._try("the comments of the pull request", self._talk.read_comments)
            facts = replace(facts, comments=comments)
            if comments is not None and is_short(pull, self._raw, comments):
                self._unread.append("the comments: one went away while they were read")
        if Source.REVIEW in sources:
            reviews = self._try("the reviews of the pull request", self._talk.read_reviews)
            facts = replace(facts, reviews=reviews)
        if Source.ENVIRONMENT in sources:
            facts = self._read_environment(facts)
        return facts

    def _read_environment(self, facts: GateFacts) -> GateFacts:
        path = f"actions/runs/{quote(self._occasion.run_id, safe='')}"

        def approvals() -> tuple[Any, ...]:
            found = self._github.get(
                f"{path}/approvals", doing="read the approvals of this run's environments"
            )
            if not isinstance(found, list):
                raise GitHubError("GitHub's answer is not a list of approvals")
            return tuple(map(parse_environment_approval, found))

        def began() -> float:
            run = self._github.get(path, doing="read when this run began")
            return parse_time(look(run, "created_at"))

        found = self._try("the approvals of this run's environments", approvals)
        began_at = self._try("when this run began", began) if found else None
        return replace(
            facts,
            environment_approvals=found,
            run=replace(facts.run, created_at=began_at),
        )

    def _read_missing(self, facts: GateFacts, request: Request) -> GateFacts:
        for _ in range(_MOST_ROUNDS):
            missing = find_missing(facts, self._policy, request)
            if missing == Missing():
                break
            before = len(self._tried)
            facts = self._answer(facts, missing)
            if len(self._tried) == before:
                break
        return facts

    def _answer(self, facts: GateFacts, missing: Missing) -> GateFacts:
        """The facts with what is missing, as far as it can be read; nothing is tried twice."""
        facts = self._read_people(facts, missing)
        facts = self._read_revisions(facts, missing)
        facts = self._read_trees(facts, missing)
        if not self._policy.allow_self and self._is_new("authors"):
            facts = self._read_authors(facts)
        if missing.pushers and self._is_new("pushers"):
            pushers = self._try("who pushed the commit", lambda: self._read_pushers(facts))
            facts = replace(facts, pushers=pushers)
        return facts

    def _read_people(self, facts: GateFacts, missing: Missing) -> GateFacts:
        """Teams first: they may show that a person is no approver, and no more is asked then."""
        memberships, permissions = dict(facts.memberships), dict(facts.permissions)
        for team, person in missing.memberships[:MOST_PEOPLE]:
            if self._is_new(("member", team, person.id)):
                what = f"whether {person.login} is in the team {team}"
                is_in = self._try(what, partial(is_member, self._github, team, person))
                if is_in is not None:
                    memberships[team, person.id] = is_in
        waiting = {person.id for _, person in missing.memberships}
        for person in missing.permissions[:MOST_PEOPLE]:
            if person.id not in waiting and self._is_new(("permission", person.id)):
                what = f"the permission of {person.login}"
                found = self._try(what, partial(read_permission, self._github, person))
                if found is not None:
                    permissions[person.id] = found
        return replace(facts, memberships=memberships, permissions=permissions)

    def _read_revisions(self, facts: GateFacts, missing: Missing) -> GateFacts:
        comments = [number for number in missing.comments if self._is_new(("comment", number))]
        reviews = [number for number in missing.reviews if self._is_new(("review", number))]
        if comments:
            found = self._revisions_of("comments", comments)
            known = tuple(
                replace(each, revision=found.get(each.id, each.revision))
                for each in facts.comments or ()
            )
            facts = replace(facts, comments=known)
        if reviews:
            found = self._revisions_of("reviews", reviews)
            given = tuple(
                replace(each, revision=found.get(each.id, each.revision))
                for each in facts.reviews or ()
            )
            facts = replace(facts, reviews=given)
        return facts

    def _revisions_of(self, kind: str, ids: list[int]) -> dict[int, Revision]:
        what = f"whether {kind} were edited or hidden"
        return self._try(what, lambda: self._talk.read_revisions(kind, ids)) or {}

    def _read_trees(self, facts: GateFacts, missing: Missing) -> GateFacts:
        for sha in missing.trees:
            if self._is_new(("tree", sha)):
                tree = self._try("a reviewed commit", partial(read_tree, self._github, sha))
                reviews = tuple(
                    replace(each, tree=tree) if each.commit == sha else each
                    for each in facts.reviews or ()
                )
                facts = replace(facts, reviews=reviews)
        return facts

    def _is_new(self, key: object) -> bool:
        """Whether this was not tried yet; it counts as tried from now on."""
        is_first = key not in self._tried
        self._tried.add(key)
        return is_first

    def _read_authors(self, facts: GateFacts) -> GateFacts:
        """The accounts behind addresses; asked only when there is a vote that might be theirs."""
        commit = facts.commit
        if commit is None or not needs_accounts(commit):
            return facts
        found = self._try(
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

    def _try(self, what: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except GitHubError as error:
            self._unread.append(what)
            self._faults.append(error)
            return None
