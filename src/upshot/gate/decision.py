"""What a gate decides, and why each vote counts or does not: closed lists with their words."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.gate.grammar import Verb
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Request


class State(StrEnum):
    """The output `approval-state`."""

    APPROVED = "approved"
    WAITING = "waiting"
    REJECTED = "rejected"
    EXPIRED = "expired"
    STALE = "stale"
    NOT_NEEDED = "not-needed"
    ERROR = "error"


class Rule(StrEnum):
    """The rule that says whether a vote counts."""

    COUNTS = "counts"
    REJECTS = "rejects"
    SUPERSEDED = "superseded"

    MALFORMED = "malformed"
    OTHER_REQUEST = "other-request"
    OTHER_COMMIT = "other-commit"
    OTHER_ENVIRONMENT = "other-environment"
    NO_REQUEST_ID = "no-request-id"
    NOT_NEWEST = "not-newest"
    DISMISSED = "dismissed"
    EDITED = "edited"
    MINIMISED = "minimised"
    BEFORE_PULL = "before-pull-request"
    NO_ACCOUNT = "no-account"
    NO_PERSON = "no-person"
    APP = "app"
    NOT_APPROVER = "not-approver"
    OTHER_ACCOUNT = "other-account"
    NO_PERMISSION = "no-permission"

    OWN_PULL = "own-pull-request"
    OWN_COMMIT = "own-commit"
    CO_AUTHOR = "co-author"
    OWN_PUSH = "own-push"
    OWN_MERGE = "own-merge"
    EXPIRED = "expired"

    UNKNOWN_EDITS = "unknown-edits"
    UNKNOWN_PERMISSION = "unknown-permission"
    UNKNOWN_TEAM = "unknown-team"
    UNKNOWN_PUSHER = "unknown-pusher"
    UNKNOWN_TREE = "unknown-tree"
    UNKNOWN_TIME = "unknown-time"

    @property
    def is_unknown(self) -> bool:
        """The vote cannot be judged: the decision is an `error`."""
        return self.name.startswith("UNKNOWN_")


WHY: Final = {
    Rule.COUNTS: "It counts.",
    Rule.REJECTS: "It closes the gate until the same person approves.",
    Rule.SUPERSEDED: "A newer vote of the same person replaces it.",
    Rule.MALFORMED: "The command is not written as `/upshot help` shows.",
    Rule.OTHER_REQUEST: "It names another request.",
    Rule.OTHER_COMMIT: "It was given for another commit.",
    Rule.OTHER_ENVIRONMENT: "It was given for another environment, or has another state.",
    Rule.NO_REQUEST_ID: "The review's text does not name the request.",
    Rule.NOT_NEWEST: "A newer review of the same person replaces it.",
    Rule.DISMISSED: "The review was dismissed.",
    Rule.EDITED: "It was edited after it was written.",
    Rule.MINIMISED: "It was hidden.",
    Rule.BEFORE_PULL: "It is older than the pull request.",
    Rule.NO_ACCOUNT: "Its author's account was deleted.",
    Rule.NO_PERSON: "Its author is no person.",
    Rule.APP: "An app wrote it.",
    Rule.NOT_APPROVER: "Its author is not among the approvers.",
    Rule.OTHER_ACCOUNT: "The login belongs to another account now.",
    Rule.NO_PERMISSION: "Its author has no write access now.",
    Rule.OWN_PULL: "Its author opened the pull request.",
    Rule.OWN_COMMIT: "Its author made the commit.",
    Rule.CO_AUTHOR: "Its author is a co-author of the commit.",
    Rule.OWN_PUSH: "Its author pushed the commit.",
    Rule.OWN_MERGE: "Its author merged the pull request.",
    Rule.EXPIRED: "It is too old.",
    Rule.UNKNOWN_EDITS: "Whether it was edited or hidden could not be read.",
    Rule.UNKNOWN_PERMISSION: "The permission of its author could not be read.",
    Rule.UNKNOWN_TEAM: "Whether its author is in the team could not be read.",
    Rule.UNKNOWN_PUSHER: "Who pushed the commit could not be read.",
    Rule.UNKNOWN_TREE: "The files of the reviewed commit could not be read.",
    Rule.UNKNOWN_TIME: "Its time is unknown, or lies in the future.",
}
"""Each rule in one sentence about the vote, for the audit and the report."""


class Vote(Struct, frozen=True, kw_only=True):
    """One vote and its fate."""

    source: Source
    id: int
    """Of the comment or review; of an environment's approval, its place in the list, from 1."""
    verb: Verb | None
    """`approve` or `reject`; None for a review that was dismissed, or a command not understood."""
    author_id: int | None
    login: str
    at: float | None
    """Seconds since the Unix epoch; None for an environment's approval, which has no time."""
    permission: str
    """As it was read now; empty when it was not needed or could not be read."""
    rule: Rule
    reason: str = ""
    """The person's own words, one line: hostile."""

    @property
    def counts(self) -> bool:
        """Whether it is an approval that counts, or a rejection that closes the gate."""
        return self.rule in {Rule.COUNTS, Rule.REJECTS}

    @property
    def why(self) -> str:
        return WHY[self.rule]

    @property
    def name(self) -> str:
        """The login where it has GitHub's form, else the account's number: fit for one line."""
        plain = self.login.replace("-", "").replace("_", "").removesuffix("[bot]")
        if plain.isascii() and plain.isalnum():
            return self.login
        return f"account {self.author_id}" if self.author_id is not None else "a deleted account"


class GateDecision(Struct, frozen=True, kw_only=True):
    """Whether a request is approved, at one moment."""

    state: State
    request: Request
    policy: Policy
    at: float
    """When, in seconds since the Unix epoch."""
    why: str
    """One line: fixed words, logins and numbers."""
    commit: str = ""
    """The head commit that was judged; empty when it could not be read."""
    people: tuple[str, ...] = ()
    """Logins of those whose approval counts, in alphabetical order."""
    rejecting: tuple[str, ...] = ()
    """Logins of those who keep the gate closed, in alphabetical order."""
    reason: str = ""
    """The words of the newest vote that decides: hostile, one line."""
    expires_at: float | None = None
    """When the approvals that count no longer suffice; None unless it is approved."""
    votes: tuple[Vote, ...] = ()
    """Every vote that was found, the oldest first."""
    unread: tuple[str, ...] = ()
    """What could not be read, in words for people."""

    @property
    def approved(self) -> bool:
        """The output `approved`: also when no approval is needed."""
        return self.state in {State.APPROVED, State.NOT_NEEDED}

    @property
    def approved_sha(self) -> str:
        """The head commit when it may be deployed; empty otherwise, and when it was not read."""
        return self.commit if self.approved else ""
