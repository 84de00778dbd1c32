"""What a decision says besides its state: one line, whose words, until when; and which policy may be."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.gate.cases import (
    ANY,
    BOB,
    CAROL,
    DAVE,
    DAY,
    ENVIRONMENT,
    HEAD,
    HOUR,
    ID,
    MERGE,
    NOW,
    OTHER,
    OTHER_TREE,
    REQUEST,
    TREE_REQUEST,
    TWO,
    approve,
    comment,
    commit,
    environment,
    facts,
    merged,
    pull,
    reject,
    review,
)

from upshot.gate.decision import GateDecision
from upshot.gate.facts import Account, ThisRun
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Request
from upshot.gate.verify import verify


def gate(*found: Any, policy: Policy = ANY, of: Request = REQUEST, **over: Any) -> GateDecision:
    return verify(facts(*found, **over), policy, of)


PUSH: dict[str, Any] = {
    "pull": merged(),
    "run": ThisRun(is_push=True, sha=MERGE),
    "merge": commit(sha=MERGE, tree=OTHER_TREE),
}


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (gate(approve()), "Approved by bob."),
        (gate(approve(CAROL, id=1), approve(BOB, id=2)), "Approved by bob, Carol."),
        (gate(), "0 of 1 approvals."),
        (gate(approve(), policy=TWO), "1 of 2 approvals, by bob."),
        (gate(approve(DAVE), reject(id=1)), "Rejected by bob."),
        (
            gate(approve(at=-2 * DAY), policy=Policy(expires_s=DAY)),
            "Expired: the approval by bob; 0 of 1 approvals left.",
        ),
        (gate(policy=Policy(is_needed=False)), "This run meets no word of approval-required-on."),
        (gate(pull=pull(is_open=False)), "The pull request is closed."),
        (gate(pull=pull(is_locked=True)), "The pull request is locked."),
        (gate(pull=pull(head_sha=OTHER)), "The head is b2b2b2b, and the request is for a1a1a1a."),
        (gate(commit=commit(sha=OTHER)), "The head moved while it was read."),
        (gate(pull_again=pull(base_ref="x")), "The pull request changed while it was read."),
        (
            gate(of=TREE_REQUEST, commit=commit(tree=OTHER_TREE)),
            "The files of a1a1a1a are not those of the request.",
        ),
        (gate(**PUSH), "The merge c3c3c3c does not have the files of a1a1a1a."),
        (
            gate(run=ThisRun(is_push=True, sha=OTHER)),
            "b2b2b2b is not the merge of the pull request.",
        ),
        (gate(pull=None), "Not read: the pull request."),
        (
            gate(reviews=None, unread=("page 3",)),
            "Not read: the reviews of the pull request; page 3.",
        ),
        (
            gate(approve(), permissions={}),
            "Not read: the permission of the author of comment 100 of bob.",
        ),
        (
            gate(approve(revision=None)),
            "Not read: whether comment 100 of bob was edited or hidden.",
        ),
        (gate(unread=tuple("abcdefg")), "Not read: a; b; c; d; e; 2 more."),
    ],
)
def test_the_line_says_why(decision: GateDecision, why: str) -> None:
    assert decision.why == why


def test_a_login_that_is_none_stays_out_of_the_line() -> None:
    for login in ("@everyone", "a b", "x\n::error::y", "<b>", "", "\u202ebob"):
        decision = gate(approve(Account(2, login, "User")))
        assert (decision.why, decision.people) == ("Approved by account 2.", ("account 2",))


def test_the_words_are_those_of_the_newest_vote_that_decides() -> None:
    said = [
        comment(f"/upshot approve {ID} --reason first", BOB, id=1, at=-90),
        comment(f"/upshot approve {ID} second", CAROL, id=2, at=-60),
        comment(f"/upshot approve {ID}", DAVE, id=3, at=-30),
    ]
    assert gate(*said).reason == "second"
    assert (
        gate(*said, comment(f"/upshot reject {ID} --reason no", BOB, id=4, at=-10)).reason == "no"
    )
    assert gate(*said, reject(id=4, at=-10)).reason == ""
    assert gate(review(body="\n\nFine by me.\nReally.")).reason == "Fine by me."
    assert gate(environment(comment="ship it"), policy=ENVIRONMENT).reason == "ship it"


def test_it_says_until_when_it_is_open() -> None:
    a_day = Policy(expires_s=DAY)
    assert gate(approve(at=-HOUR), policy=a_day).expires_at == NOW - HOUR + DAY
    two = (
        approve(BOB, id=1, at=-HOUR),
        approve(CAROL, id=2, at=-2 * HOUR),
        approve(DAVE, id=3, at=-3 * HOUR),
    )
    assert gate(*two, policy=replace(a_day, required=2)).expires_at == NOW - 2 * HOUR + DAY
    assert gate(approve(), policy=TWO).expires_at is None
    assert gate(environment(), policy=ENVIRONMENT).expires_at is None


def test_the_commit_that_may_be_deployed_is_there_only_while_it_may() -> None:
    assert gate(approve()).approved_sha == HEAD
    assert gate(policy=Policy(is_needed=False)).approved_sha == HEAD
    for decision in (
        gate(),
        gate(reject()),
        gate(approve(), pull_again=pull(head_sha=OTHER)),
        gate(pull=None),
    ):
        assert decision.approved_sha == ""
        assert not decision.approved


def test_votes_come_with_what_was_seen_of_their_authors() -> None:
    [vote] = gate(approve(DAVE)).votes
    assert (vote.id, vote.author_id, vote.login, vote.permission) == (100, 4, "dave", "admin")
    assert vote.counts
    assert vote.why == "It counts."


@pytest.mark.parametrize(
    "over",
    [
        {"sources": ()}, {"required": 0}, {"required": -1}, {"expires_s": 0}, {"expires_s": -1.0},
        {"expires_s": float("nan")}, {"sources": (Source.ENVIRONMENT,)}, {"sources": tuple(Source)},
    ],
)  # fmt: skip
def test_a_policy_that_would_be_open_or_senseless_is_refused(over: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Policy(**over)


def test_people_and_teams_of_a_policy() -> None:
    policy = Policy(approvers=("Bob", "@Acme/Ops", "@carol", "acme/db"))
    assert policy.logins == frozenset({"bob", "carol"})
    assert policy.teams == frozenset({"acme/ops", "acme/db"})
    assert (Policy().logins, Policy().teams) == (None, frozenset())
    assert Policy(approvers=("@acme/ops",)).logins == frozenset()
