"""Rules 4, 8 and 9: age, the last word of each person, rejections, and how many people."""

from __future__ import annotations

from typing import Any

from tests.unit.gate.cases import (
    ALICE,
    ANY,
    APPROVED,
    BOB,
    CAROL,
    DAVE,
    DAY,
    ERIN,
    EXPIRED,
    HEAD,
    HOUR,
    ID,
    MALLORY,
    NOW,
    OTHER,
    REJECTED,
    TWO,
    WAITING,
    Case,
    approve,
    comment,
    facts,
    pull,
    reject,
    review,
)

from upshot.gate.decision import Rule, State
from upshot.gate.facts import Account, Comment
from upshot.gate.policy import Policy

COUNTS, REJECTS, GONE, OLD = Rule.COUNTS, Rule.REJECTS, Rule.SUPERSEDED, Rule.EXPIRED
THREE = Policy(required=3)
A_DAY = Policy(expires_s=DAY)
OLDER = pull(created_at=NOW - 30 * DAY)


def votes(*said: tuple[Any, Account], every_s: float = 60) -> list[Comment]:
    """Comments in this order, a minute apart, the last a minute ago."""
    return [
        make(by, id=place, at=-every_s * (len(said) - place + 1))
        for place, (make, by) in enumerate(said, start=1)
    ]


def story(
    rule: str,
    name: str,
    state: State,
    *parts: tuple[Any, Account, Rule],
    policy: Policy = ANY,
    people: tuple[str, ...] | None = None,
) -> Case:
    found = facts(*votes(*((make, by) for make, by, _ in parts)))
    return Case(
        rule, name, found, state, tuple(fate for _, _, fate in parts), policy, people=people
    )


REJECTIONS = [
    story("8", "approved, then rejected by the same person", REJECTED, (approve, BOB, GONE), (reject, BOB, REJECTS)),
    story("8", "rejected, then approved by the same person", APPROVED, (reject, BOB, GONE), (approve, BOB, COUNTS)),
    story("8", "rejected, then approved by another person", REJECTED, (reject, BOB, REJECTS), (approve, CAROL, COUNTS)),
    story("8, T30", "approved, then rejected by another person", REJECTED, (approve, BOB, COUNTS), (reject, CAROL, REJECTS)),
    story("8", "rejected while it waits for a second person", REJECTED, (approve, BOB, COUNTS), (reject, CAROL, REJECTS), policy=TWO),
    story("8", "rejected once, approved by two", REJECTED, (reject, DAVE, REJECTS), (approve, BOB, COUNTS), (approve, CAROL, COUNTS), policy=TWO),
    story("8", "approved by who rejected, beside another", APPROVED, (approve, CAROL, COUNTS), (reject, BOB, GONE), (approve, BOB, COUNTS), policy=TWO),
    story("8", "to and fro, the last word is yes", APPROVED, (approve, BOB, GONE), (reject, BOB, GONE), (approve, BOB, COUNTS)),
    story("8", "to and fro, the last word is no", REJECTED, (reject, BOB, GONE), (approve, BOB, GONE), (reject, BOB, REJECTS)),
    story("8", "rejected by two, one of them changed their mind", REJECTED, (reject, BOB, GONE), (reject, CAROL, REJECTS), (approve, BOB, COUNTS)),
    story("8", "rejected twice", REJECTED, (reject, BOB, GONE), (reject, BOB, REJECTS)),
    story("8, T58", "rejected by a stranger", APPROVED, (approve, BOB, COUNTS), (reject, MALLORY, Rule.NO_PERMISSION)),
    story("8, T58", "rejected by a person who may only read", APPROVED, (approve, BOB, COUNTS), (reject, ERIN, Rule.NO_PERMISSION)),
    story("8", "rejected by who opened it", REJECTED, (approve, BOB, COUNTS), (reject, ALICE, REJECTS)),
    story("8", "taken back by who opened it, which approves nothing", WAITING, (reject, ALICE, GONE), (approve, ALICE, Rule.OWN_PULL)),
    story("8", "taken back by who opened it, beside an approval", APPROVED, (reject, ALICE, GONE), (approve, ALICE, Rule.OWN_PULL), (approve, BOB, COUNTS)),
    Case("8, T30", "both in one second, the yes with the higher id", facts(reject(id=1, at=-60), approve(id=2, at=-60)), REJECTED, (GONE, REJECTS)),
    Case("8, T30", "both in one second, the no with the higher id", facts(approve(id=1, at=-60), reject(id=2, at=-60)), REJECTED, (GONE, REJECTS)),
    Case("8, T30", "comment and review in one second", facts(reject(at=-60), review(at=-60)), REJECTED, (GONE, REJECTS)),
    Case("8", "an edited no after a yes", facts(approve(id=1, at=-90), reject(id=2, at=-60, updated_at=NOW)), APPROVED, (COUNTS, Rule.EDITED)),
    Case("8", "an edited yes after a no", facts(reject(id=1, at=-90), approve(id=2, at=-60, updated_at=NOW)), REJECTED, (REJECTS, Rule.EDITED)),
    Case("8", "a yes for another commit after a no", facts(reject(id=1, at=-90), comment(f"/upshot approve {ID} {OTHER}", id=2, at=-60)), REJECTED, (REJECTS, Rule.OTHER_COMMIT)),
    Case("8", "a no for another commit after a yes", facts(approve(id=1, at=-90), comment(f"/upshot reject {ID} {OTHER}", id=2, at=-60)), APPROVED, (COUNTS, Rule.OTHER_COMMIT)),
    Case("8", "a no with its commit after a yes", facts(approve(id=1, at=-90), comment(f"/upshot reject {ID} {HEAD[:7]}", id=2, at=-60)), REJECTED, (GONE, REJECTS)),
    Case("8", "in any order of the list", facts(reject(id=2, at=-60), approve(id=1, at=-90)), REJECTED, (GONE, REJECTS)),
]  # fmt: skip
QUORUM = [
    story("9", "one of one", APPROVED, (approve, BOB, COUNTS), people=("bob",)),
    story("9", "two of one", APPROVED, (approve, CAROL, COUNTS), (approve, BOB, COUNTS), people=("bob", "Carol")),
    story("9", "one of two", WAITING, (approve, BOB, COUNTS), policy=TWO, people=("bob",)),
    story("9", "two of two", APPROVED, (approve, BOB, COUNTS), (approve, CAROL, COUNTS), policy=TWO, people=("bob", "Carol")),
    story("9", "one person twice", WAITING, (approve, BOB, GONE), (approve, BOB, COUNTS), policy=TWO, people=("bob",)),
    story("9", "two of three", WAITING, (approve, BOB, COUNTS), (approve, CAROL, COUNTS), policy=THREE),
    story("9", "three of three", APPROVED, (approve, DAVE, COUNTS), (approve, BOB, COUNTS), (approve, CAROL, COUNTS), policy=THREE, people=("bob", "Carol", "dave")),
    story("9", "one of two and who opened it", WAITING, (approve, BOB, COUNTS), (approve, ALICE, Rule.OWN_PULL), policy=TWO),
    story("9", "one of two and who opened it, who may", APPROVED, (approve, BOB, COUNTS), (approve, ALICE, COUNTS), policy=Policy(required=2, allow_self=True), people=("alice", "bob")),
    story("9", "one of two and a stranger", WAITING, (approve, BOB, COUNTS), (approve, MALLORY, Rule.NO_PERMISSION), policy=TWO),
    Case("9", "one person under two logins", facts(approve(BOB, id=1, at=-90), approve(Account(2, "robert", "User"), id=2, at=-60)), WAITING, (GONE, COUNTS), TWO, people=("robert",)),
    Case("9", "no one", facts(), WAITING, people=()),
    Case("9", "no one of two", facts(), WAITING, policy=TWO, people=()),
    Case("9, T58", "one approval among three hundred comments", facts(*(comment("+1", MALLORY, id=n, at=-n) for n in range(1, 300)), approve(id=999, at=-4000)), APPROVED, (COUNTS,)),
    Case("9, T58", "one approval among a hundred false ones", facts(*(approve(MALLORY, id=n, at=-n) for n in range(1, 101)), approve(id=999, at=-4000)), APPROVED, (COUNTS, *[Rule.NO_PERMISSION] * 100)),
]  # fmt: skip
AGES = [
    Case("4", "a second younger than allowed", facts(approve(at=-DAY + 1)), APPROVED, (COUNTS,), A_DAY),
    Case("4", "exactly as old as allowed", facts(approve(at=-DAY)), EXPIRED, (OLD,), A_DAY),
    Case("4", "older than allowed", facts(approve(at=-2 * DAY)), EXPIRED, (OLD,), A_DAY),
    Case("4", "seven days by default", facts(approve(at=-7 * DAY + 1), pull=OLDER), APPROVED, (COUNTS,)),
    Case("4", "seven days are over", facts(approve(at=-7 * DAY), pull=OLDER), EXPIRED, (OLD,)),
    Case("4", "given again", facts(approve(id=1, at=-2 * DAY), approve(id=2, at=-HOUR)), APPROVED, (GONE, COUNTS), A_DAY),
    Case("4, 9", "one of two is too old", facts(approve(BOB, id=1, at=-2 * DAY), approve(CAROL, id=2)), EXPIRED, (OLD, COUNTS), Policy(required=2, expires_s=DAY), people=("Carol",)),
    Case("4, 9", "one of three is too old, two suffice", facts(approve(DAVE, id=3, at=-2 * DAY), approve(BOB, id=1), approve(CAROL, id=2)), APPROVED, (OLD, COUNTS, COUNTS), Policy(required=2, expires_s=DAY)),
    Case("4, 8", "an old no still closes", facts(reject(at=-2 * DAY), approve(CAROL, id=2)), REJECTED, (REJECTS, COUNTS), A_DAY),
    Case("4, 8", "an old yes after an older no", facts(reject(id=1, at=-3 * DAY), approve(id=2, at=-2 * DAY)), EXPIRED, (GONE, OLD), A_DAY),
    Case("4, 8", "an old yes, then a no", facts(approve(id=1, at=-2 * DAY), reject(id=2)), REJECTED, (GONE, REJECTS), A_DAY),
    Case("3, 4", "an old yes of who opened it is no expired one", facts(approve(ALICE, at=-2 * DAY)), WAITING, (Rule.OWN_PULL,), A_DAY),
    Case("3, 4", "an old yes of a stranger is no expired one", facts(approve(MALLORY, at=-2 * DAY)), WAITING, (Rule.NO_PERMISSION,), A_DAY),
    Case("4", "no time at all is allowed to be long", facts(approve(at=-5 * DAY)), APPROVED, (COUNTS,), Policy(expires_s=float("inf"))),
]  # fmt: skip
CASES = [*REJECTIONS, *QUORUM, *AGES]
