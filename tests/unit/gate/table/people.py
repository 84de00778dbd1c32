"""Rule 3: who may vote, by numeric id and as it is now; and whose change it is."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.unit.gate.cases import (
    ALICE,
    ANN,
    APPROVED,
    BOB,
    BOT,
    CAROL,
    COCO,
    DAVE,
    ERIN,
    ERROR,
    EVERYWHERE,
    MALLORY,
    MAX,
    PERMISSIONS,
    PETE,
    PLAN_REQUEST,
    REJECTED,
    SELF,
    WAITING,
    Case,
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

from upshot.gate.decision import Rule, State
from upshot.gate.facts import Account, CoAuthor, GateFacts, Permission
from upshot.gate.policy import Policy

TEAM = Policy(approvers=("@acme/ops",))
LISTED = Policy(approvers=("Bob", "@dave"))
MIXED = Policy(approvers=("dave", "@acme/Ops", "@acme/db"))


def by(who: Account | None, *, app: str = "") -> list[tuple[str, Any]]:
    """The same person's vote, from each source that counts, each of them a yes and a no."""
    listed: list[tuple[str, Any]] = [
        ("a comment", approve(who, app=app)),
        ("a rejecting comment", reject(who, app=app)),
    ]
    if not app:
        listed += [
            ("a review", review(by=who)),
            ("a rejecting review", review("CHANGES_REQUESTED", by=who)),
            ("an environment's approval", environment(by=who)),
            ("an environment's rejection", environment("rejected", by=who)),
        ]
    return listed


def all_ways(
    rule: str, name: str, who: Account | None, fate: Rule, state: State = WAITING, **over: Any
) -> list[Case]:
    app, policy = over.pop("app", ""), over.pop("policy", EVERYWHERE)
    return [
        Case(rule, f"{source} by {name}", facts(vote, **over), state, (fate,), policy)
        for source, vote in by(who, app=app)
    ]


def may(bob: str | None) -> dict[int, Permission]:
    """Everybody's permission, with bob's changed; None: it could not be read."""
    others = {who: right for who, right in PERMISSIONS.items() if who != BOB.id}
    return others if bob is None else others | {BOB.id: Permission(BOB.id, bob)}


ACCOUNTS = [
    *all_ways("3, T52", "a deleted account", None, Rule.NO_ACCOUNT),
    *all_ways("3, T52", "the ghost that stands for deleted accounts", Account(10_137, "ghost", "User"), Rule.NO_ACCOUNT,
              permissions={10_137: Permission(10_137, "write")}),
    *all_ways("3, T52", "a bot", BOT, Rule.NO_PERSON),
    *all_ways("3, T52", "a bot that calls itself a user", Account(50, "ci[bot]", "User"), Rule.NO_PERSON),
    *all_ways("3, T52", "an organization", Account(2, "acme", "Organization"), Rule.NO_PERSON),
    *all_ways("3, T52", "an imported account", Account(2, "bob", "Mannequin"), Rule.NO_PERSON),
    *all_ways("3, T52", "an app that speaks for a person", BOB, Rule.APP, app="slack"),
]  # fmt: skip
RIGHTS = [
    *all_ways("3", "a person who may read", ERIN, Rule.NO_PERMISSION),
    *all_ways("3", "a stranger", MALLORY, Rule.NO_PERMISSION),
    *all_ways("3, T55", "a person who lost the right", BOB, Rule.NO_PERMISSION, permissions=may("none")),
    *all_ways("3, T52", "a login that another account has now", BOB, Rule.OTHER_ACCOUNT,
              permissions=PERMISSIONS | {BOB.id: Permission(4711, "admin")}),
    *all_ways("3, T52", "a login that no account has now", BOB, Rule.OTHER_ACCOUNT,
              permissions=PERMISSIONS | {BOB.id: Permission(None, "write")}),
    *all_ways("3, T57", "a person whose right cannot be read", BOB, Rule.UNKNOWN_PERMISSION, ERROR, permissions=may(None)),
    *(
        Case("3", f"permission {word!r}", facts(approve(), permissions=may(word)), state, (rule,))
        for word, state, rule in (
            ("admin", APPROVED, Rule.COUNTS),
            ("write", APPROVED, Rule.COUNTS),
            ("read", WAITING, Rule.NO_PERMISSION),
            ("none", WAITING, Rule.NO_PERMISSION),
            ("", WAITING, Rule.NO_PERMISSION),
            ("Admin", WAITING, Rule.NO_PERMISSION),
            ("triage", WAITING, Rule.NO_PERMISSION),
        )
    ),
    Case("3", "a person who was renamed", facts(approve(replace(BOB, login="robert"))), APPROVED, (Rule.COUNTS,), people=("robert",)),
]  # fmt: skip


def member(**known: bool) -> dict[tuple[str, int], bool]:
    return {(f"acme/{team}", BOB.id): is_member for team, is_member in known.items()}


APPROVERS = [
    Case("3", "a listed login, in another case", facts(approve()), APPROVED, (Rule.COUNTS,), LISTED),
    Case("3", "a listed login with an @", facts(approve(DAVE)), APPROVED, (Rule.COUNTS,), LISTED),
    Case("3", "a person who is not listed", facts(approve(CAROL)), WAITING, (Rule.NOT_APPROVER,), LISTED),
    Case("3", "a rejection by a person who is not listed", facts(reject(CAROL)), WAITING, (Rule.NOT_APPROVER,), LISTED),
    Case("3", "a review by a person who is not listed", facts(review(by=CAROL)), WAITING, (Rule.NOT_APPROVER,), LISTED),
    Case("3", "a listed login without write access", facts(approve(ERIN)), WAITING, (Rule.NO_PERMISSION,), Policy(approvers=("erin",))),
    Case("3", "an empty list", facts(approve()), WAITING, (Rule.NOT_APPROVER,), Policy(approvers=())),
    Case("3", "a member of the team", facts(approve(), memberships=member(ops=True)), APPROVED, (Rule.COUNTS,), TEAM),
    Case("3", "a member of one of two teams", facts(approve(), memberships=member(ops=False, db=True)), APPROVED, (Rule.COUNTS,), MIXED),
    Case("3", "a member of one team, the other unread", facts(approve(), memberships=member(db=True)), APPROVED, (Rule.COUNTS,), MIXED),
    Case("3, T55", "a person who left the team", facts(approve(), memberships=member(ops=False)), WAITING, (Rule.NOT_APPROVER,), TEAM),
    Case("3, T55", "a rejection by a person who left the team", facts(reject(), memberships=member(ops=False)), WAITING, (Rule.NOT_APPROVER,), TEAM),
    Case("3, T57", "a team that cannot be read", facts(approve()), ERROR, (Rule.UNKNOWN_TEAM,), TEAM),
    Case("3, T57", "a rejection, and a team that cannot be read", facts(reject()), ERROR, (Rule.UNKNOWN_TEAM,), TEAM),
    Case("3, T57", "no member of one team, the other unread", facts(approve(), memberships=member(ops=False)), ERROR, (Rule.UNKNOWN_TEAM,), MIXED),
    Case("3", "a listed login beside a team that need not be asked", facts(approve(DAVE)), APPROVED, (Rule.COUNTS,), MIXED),
    Case("3", "a team's member without write access", facts(approve(ERIN), memberships={("acme/ops", ERIN.id): True}), WAITING, (Rule.NO_PERMISSION,), TEAM),
    Case("3", "a login that is spelled like the team", facts(approve(Account(2, "acme/ops", "User"))), ERROR, (Rule.UNKNOWN_TEAM,), TEAM),
]  # fmt: skip


def own(name: str, who: Account, rule: Rule, **over: Any) -> list[Case]:
    """The person's approval counts only where that is allowed; the rejection always closes."""
    found: GateFacts = facts(approve(who), **over)
    return [
        Case("3, T56", f"{name} approves", found, WAITING, (rule,)),
        Case("3, T56", f"{name} approves, and may", found, APPROVED, (Rule.COUNTS,), SELF),
        Case("3, T56", f"{name} rejects", facts(reject(who), **over), REJECTED, (Rule.REJECTS,)),
    ]


def line(email: str) -> dict[str, Any]:
    return {"commit": commit(co_authors=(CoAuthor(email),))}


OWN = [
    *own("who opened it", ALICE, Rule.OWN_PULL),
    *own("the commit's author", ANN, Rule.OWN_COMMIT),
    *own("a co-author", COCO, Rule.CO_AUTHOR),
    *own("who pushed", PETE, Rule.OWN_PUSH),
    *own("one of two who pushed", BOB, Rule.OWN_PUSH, pushers=(PETE, BOB)),
    *own("who merged", MAX, Rule.OWN_MERGE, pull=merged()),
    *own("a co-author by an address with an id", BOB, Rule.CO_AUTHOR, **line("2+bob@users.noreply.github.com")),
    *own("a co-author by an id whose login is old", BOB, Rule.CO_AUTHOR, **line("2+robert@users.noreply.github.com")),
    *own("a co-author by an address without an id", BOB, Rule.CO_AUTHOR, **line("Bob@users.noreply.github.com")),
    *own("a co-author on a server of one's own", BOB, Rule.CO_AUTHOR, **line("bob@users.noreply.git.example.com")),
    Case("3, T56", "who opened it approves by an environment", facts(environment(by=ALICE)), WAITING, (Rule.OWN_PULL,), EVERYWHERE),
    Case("3, T56", "who pushed approves by a review", facts(review(by=PETE)), WAITING, (Rule.OWN_PUSH,)),
    Case("3, T56", "a co-author approves by a review, and may", facts(review(by=COCO)), APPROVED, (Rule.COUNTS,), SELF),
    Case("3", "a co-author with another id and the same name", facts(approve(), **line("3+bob@users.noreply.github.com")), APPROVED, (Rule.COUNTS,)),
    Case("3", "a co-author without an account", facts(approve(), **line("noreply@example.com")), APPROVED, (Rule.COUNTS,)),
    Case("3", "who would merge, where it is not merged", facts(approve(MAX), pull=pull(merged_by=MAX)), APPROVED, (Rule.COUNTS,)),
    Case("3", "an opener whose account was deleted", facts(approve(), pull=pull(author=None)), APPROVED, (Rule.COUNTS,)),
    Case("3, T57", "an unknown pusher", facts(approve(), pushers=None), ERROR, (Rule.UNKNOWN_PUSHER,)),
    Case("3", "an unknown pusher, and it does not matter", facts(approve(), pushers=None), APPROVED, (Rule.COUNTS,), SELF),
    Case("3", "an unknown pusher, and the change is the person's anyway", facts(approve(ALICE), pushers=None), WAITING, (Rule.OWN_PULL,)),
    Case("3", "a rejection, and an unknown pusher", facts(reject(), pushers=None), REJECTED, (Rule.REJECTS,)),
    Case("3", "a bound plan, approved by who pushed", facts(comment(f"/upshot approve {PLAN_REQUEST.id}", PETE)), WAITING, (Rule.OWN_PUSH,), request=PLAN_REQUEST),
]  # fmt: skip
CASES = [*ACCOUNTS, *RIGHTS, *APPROVERS, *OWN]
