"""What a gate still has to fetch: only what a vote that nothing else makes void depends on."""

from __future__ import annotations

from typing import Any

from tests.unit.gate.cases import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    OTHER,
    PLAN_REQUEST,
    REQUEST,
    SELF,
    TREE_REQUEST,
    approve,
    facts,
    reject,
    review,
)

from upshot.gate.policy import Policy
from upshot.gate.verify import Missing, find_missing

NOTHING: dict[str, Any] = {"permissions": {}, "pushers": None}
BARE: dict[str, Any] = {"revision": None}


def test_everything_about_a_vote_that_may_count() -> None:
    found = find_missing(facts(approve(**BARE), **NOTHING), Policy(), REQUEST)
    assert found == Missing(permissions=(BOB,), comments=(100,), pushers=True)


def test_each_person_once() -> None:
    votes = (approve(id=1), reject(id=2), review(id=3))
    assert find_missing(facts(*votes, **NOTHING), Policy(), REQUEST).permissions == (BOB,)


def test_of_a_rejection_the_pusher_is_not_read() -> None:
    assert find_missing(facts(reject(**BARE), **NOTHING), Policy(), REQUEST) == Missing(
        (BOB,), comments=(100,)
    )


def test_where_own_changes_may_be_approved_the_pusher_is_not_read() -> None:
    assert not find_missing(facts(approve(), pushers=None), SELF, REQUEST).pushers


def test_the_teams_of_people_who_are_not_listed_by_name() -> None:
    policy = Policy(approvers=("@Acme/Ops", "@acme/db", "dave"))
    found = find_missing(facts(approve(BOB, id=1), approve(DAVE, id=2), **NOTHING), policy, REQUEST)
    assert found.memberships == (("acme/db", BOB), ("acme/ops", BOB))
    assert found.permissions == (BOB, DAVE)


def test_only_the_teams_that_were_not_asked_yet() -> None:
    policy = Policy(approvers=("@acme/ops", "@acme/db"))
    found = find_missing(
        facts(approve(), memberships={("acme/db", BOB.id): False}), policy, REQUEST
    )
    assert found.memberships == (("acme/ops", BOB),)


def test_the_files_of_a_commit_that_is_not_the_head() -> None:
    found = find_missing(
        facts(review(commit=OTHER), review(id=201, by=CAROL, commit=OTHER)), Policy(), TREE_REQUEST
    )
    assert found.trees == (OTHER,)
    assert find_missing(facts(review(commit=OTHER)), Policy(), REQUEST) == Missing()


def test_the_edits_of_a_review_whose_text_matters() -> None:
    vote = review(body=f"ok {PLAN_REQUEST.id}", **BARE)
    assert find_missing(facts(vote), Policy(), PLAN_REQUEST) == Missing(reviews=(200,))
    assert find_missing(facts(review(**BARE)), Policy(), REQUEST) == Missing()


def test_nothing_once_all_is_known_or_nothing_is_to_be_decided() -> None:
    assert find_missing(facts(approve(), approve(ALICE, id=2)), Policy(), REQUEST) == Missing()
    assert (
        find_missing(facts(approve(**BARE), **NOTHING), Policy(is_needed=False), REQUEST)
        == Missing()
    )
    assert (
        find_missing(facts(approve(**BARE), pull=None, **NOTHING), Policy(), REQUEST) == Missing()
    )
