"""What an attacker may try at a gate, as stories; the table has every form of each."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.gate.cases import (
    ALICE,
    ANN,
    BOB,
    BOT,
    CAROL,
    COCO,
    DAY,
    ERIN,
    HEAD,
    ID,
    MALLORY,
    MAX,
    NOW,
    OTHER,
    PERMISSIONS,
    PETE,
    PLAN,
    PLAN_REQUEST,
    REQUEST,
    SELF,
    TWO,
    approve,
    comment,
    commit,
    facts,
    merged,
    pull,
    reject,
    request,
    review,
)

from upshot.gate.decision import GateDecision, Rule, State
from upshot.gate.facts import Account, Comment, GateFacts, Permission, Revision
from upshot.gate.grammar import Verb, parse_command
from upshot.gate.policy import Policy
from upshot.gate.request import Binding, Request
from upshot.gate.verify import find_missing, verify

ANY = Policy()
TEAM = Policy(approvers=("@acme/ops",))


def gate(*found: Any, policy: Policy = ANY, of: Request = REQUEST, **over: Any) -> GateDecision:
    return verify(facts(*found, **over), policy, of)


def test_an_approval_opens_it() -> None:
    """What the stories below take away from."""
    decision = gate(approve())
    assert (decision.state, decision.people, decision.approved_sha) == (
        State.APPROVED,
        ("bob",),
        HEAD,
    )


def test_t26_t51_an_approval_that_was_edited_is_void() -> None:
    """People with write access may edit the comments of others: both of GitHub's clocks must be still."""
    assert not gate(approve(updated_at=NOW - 60)).approved
    assert not gate(approve(revision=Revision(NOW - 60, is_minimised=False))).approved
    assert gate(approve(revision=None)).state is State.ERROR


def test_t51_a_hidden_approval_is_void() -> None:
    assert not gate(approve(revision=Revision(None, is_minimised=True))).approved
    for body in (
        f"> /upshot approve {ID}",
        f"<!-- /upshot approve {ID} -->",
        f"```\n/upshot approve {ID}\n```",
        f"ok\n/upshot approve {ID}",
    ):
        decision = gate(comment(body))
        assert (decision.state, decision.votes) == (State.WAITING, ()), body


def test_t51_an_approving_text_of_a_review_must_be_the_reviewers_own() -> None:
    edited = review(body=f"ok {PLAN_REQUEST.id}", revision=Revision(NOW, is_minimised=False))
    assert not gate(edited, of=PLAN_REQUEST).approved
    assert gate(
        replace(edited, revision=Revision(None, is_minimised=False)), of=PLAN_REQUEST
    ).approved


def test_t27_t54_a_push_after_the_approval_closes_it() -> None:
    pushed: dict[str, Any] = {"pull": pull(head_sha=OTHER), "commit": commit(sha=OTHER)}
    assert gate(approve(), **pushed).state is State.STALE
    later = gate(approve(), of=request(bound=OTHER), **pushed)
    assert (later.state, later.votes[0].rule) == (State.WAITING, Rule.OTHER_REQUEST)


def test_t54_a_push_between_looking_and_deciding_closes_it() -> None:
    decision = gate(approve(), pull_again=pull(head_sha=OTHER))
    assert (decision.state, decision.approved_sha) == (State.STALE, "")
    assert gate(approve(), commit=commit(sha=OTHER)).state is State.STALE
    assert gate(approve(), pull_again=None).state is State.ERROR


def test_t29_t55_a_right_that_was_lost_counts_no_more() -> None:
    lost = PERMISSIONS | {BOB.id: Permission(BOB.id, "read")}
    assert gate(approve(), permissions=lost).state is State.WAITING
    assert gate(approve(), policy=TEAM, memberships={("acme/ops", BOB.id): True}).approved
    assert not gate(approve(), policy=TEAM, memberships={("acme/ops", BOB.id): False}).approved


def test_t29_t52_no_bot_no_app_and_no_other_account_approves() -> None:
    stories: list[tuple[Comment, dict[str, Any]]] = [
        (approve(BOT), {}),
        (approve(replace(BOB, login="bob[bot]")), {}),
        (approve(replace(BOB, type="Mannequin")), {}),
        (approve(app="some-app"), {}),
        (approve(None), {}),
        (
            approve(Account(10_137, "ghost", "User")),
            {"permissions": {10_137: Permission(10_137, "write")}},
        ),
        (approve(), {"permissions": {BOB.id: Permission(4711, "admin")}}),
    ]
    for vote, over in stories:
        assert gate(vote, **over).state is State.WAITING, vote


def test_t52_a_renamed_person_is_the_same_one() -> None:
    renamed = approve(replace(BOB, login="robert"), id=2, at=-60)
    assert gate(approve(id=1, at=-90), renamed, policy=TWO).state is State.WAITING
    assert (
        gate(approve(id=1, at=-90), reject(replace(BOB, login="robert"), id=2, at=-60)).state
        is State.REJECTED
    )


def test_t53_an_approval_of_anything_else_is_void_and_named() -> None:
    for other in (
        request(repository=78),
        request(pull=13),
        request(bound=OTHER),
        request(stacks=("acme/shop/dev",)),
        PLAN_REQUEST,
    ):
        decision = gate(comment(f"/upshot approve {other.id}"))
        assert decision.state is State.WAITING
        assert [vote.rule for vote in decision.votes] == [Rule.OTHER_REQUEST]
    assert not gate(comment(f"/upshot approve {ID} {OTHER[:7]}")).approved
    assert not gate(review(commit=OTHER)).approved


@pytest.mark.parametrize("who", [ALICE, ANN, COCO, PETE, MAX], ids=lambda who: who.login)
def test_t29_t56_no_person_approves_their_own_change(who: Account) -> None:
    """Who opened it, wrote it, is named beside its author, pushed it, merged it."""
    change: dict[str, Any] = {"pull": merged()}
    assert gate(approve(who), **change).state is State.WAITING
    assert gate(review(by=who), **change).state is State.WAITING
    assert gate(approve(who), policy=SELF, **change).approved
    assert (
        gate(approve(who), reject(who, id=2, at=-60), policy=SELF, **change).state is State.REJECTED
    )


def test_t56_own_changes_are_known_by_id_whatever_the_login_is() -> None:
    renamed = replace(ALICE, login="alice-2")
    assert gate(approve(renamed)).state is State.WAITING
    assert gate(approve(replace(PETE, login="pete-2"))).state is State.WAITING
    assert gate(approve(replace(BOB, login="alice"))).approved


def test_t57_whatever_cannot_be_read_closes_it() -> None:
    losses: list[dict[str, Any]] = [
        {"pull": None}, {"pull_again": None}, {"commit": None}, {"comments": None}, {"reviews": None},
        {"permissions": {}}, {"pushers": None}, {"unread": ("page 3",)},
    ]  # fmt: skip
    for over in losses:
        decision = gate(*(() if "comments" in over else (approve(),)), **over)
        assert (decision.state, decision.approved) == (State.ERROR, False), over
        assert decision.unread
    assert gate(approve(), policy=TEAM).state is State.ERROR


def test_t57_values_that_make_no_sense_close_it() -> None:
    nan = float("nan")
    assert not gate(approve(created_at=nan, updated_at=nan)).approved
    assert not gate(approve(), now=nan).approved
    assert not gate(review(submitted_at=nan)).approved
    assert not gate(approve(), pull=pull(created_at=nan)).approved
    for senseless in ({"required": 0}, {"expires_s": 0}, {"expires_s": nan}, {"sources": ()}):
        with pytest.raises(ValueError):
            Policy(**senseless)


def test_t30_a_denial_wins_over_an_approval_at_the_same_time() -> None:
    assert gate(approve(id=2), reject(id=1)).state is State.REJECTED
    assert gate(approve(BOB), reject(CAROL, id=1)).state is State.REJECTED
    assert gate(review(), reject()).state is State.REJECTED


def test_t30_an_approval_ends_by_itself_and_says_so() -> None:
    decision = gate(approve(at=-2 * DAY), policy=Policy(expires_s=DAY))
    assert (decision.state, decision.why) == (
        State.EXPIRED,
        "Expired: the approval by bob; 0 of 1 approvals left.",
    )


def test_t58_chatter_buries_no_approval() -> None:
    strangers = [
        approve(Account(1_000 + n, f"s{n}", "User"), id=1_000 + n, at=-n)
        for n in range(1, 400)
    ]  # fmt: skip
    noise = [comment("+1", MALLORY, id=n, at=-n) for n in range(1, 400)]
    none = {1_000 + n: Permission(1_000 + n, "none") for n in range(1, 400)}
    found = facts(*noise, *strangers, approve(id=999, at=-4000), permissions=PERMISSIONS | none)
    assert verify(found, ANY, REQUEST).approved


def test_t58_nothing_is_asked_about_strangers_who_only_talk() -> None:
    """Nor about votes that are void whatever the answer is."""
    void: list[Comment] = [
        comment("+1", MALLORY, revision=None),
        comment("/upshot status", MALLORY, revision=None),
        comment("/upshot approve aaaa-bbbb-cccc-dddd", ERIN, revision=None),
        comment(f"/upshot approve {ID}", BOT, revision=None),
        approve(CAROL, updated_at=NOW, revision=None),
    ]
    bare: GateFacts = facts(
        *(replace(c, id=n) for n, c in enumerate(void)), permissions={}, pushers=None
    )
    missing = find_missing(bare, ANY, REQUEST)
    assert missing == type(missing)()
    listed = find_missing(
        facts(approve(MALLORY), permissions={}), Policy(approvers=("bob",)), REQUEST
    )
    assert listed == type(listed)()


def test_t59_a_command_inside_a_question_or_in_our_own_answer_is_none() -> None:
    asked = f"/upshot ask what if I say\n/upshot approve {ID}\n```\n/upshot approve {ID}\n```"
    found = parse_command(asked)
    assert found
    assert found.verb is Verb.ASK
    assert gate(comment(asked)).votes == ()
    assert gate(comment(f"/upshot approve {ID}", BOT)).state is State.WAITING
    assert gate(comment(f"> /upshot approve {ID}\n\nWaiting for it.", BOT)).votes == ()


def test_t60_an_event_that_is_delivered_twice_counts_once() -> None:
    once, twice = gate(approve(), policy=TWO), gate(approve(), approve(), policy=TWO)
    assert (once.state, twice.state) == (State.WAITING, State.WAITING)
    assert once.people == twice.people == ("bob",)


def test_t60_a_run_that_starts_again_is_judged_by_the_present() -> None:
    """The old attempt asks for the commit that it was started for."""
    assert gate(approve()).approved
    assert not gate(approve(), pull=pull(head_sha=OTHER), commit=commit(sha=OTHER)).approved
    assert not gate(approve(), now=NOW + 8 * DAY).approved
    assert not gate(approve(), reject(id=2, at=-60)).approved


def test_t61_an_approval_of_another_plan_of_the_same_commit_is_void() -> None:
    vote = comment(f"/upshot approve {PLAN_REQUEST.id}")
    assert gate(vote, of=PLAN_REQUEST).approved
    drifted = request(binding=Binding.PLAN, bound=f"{HEAD}:{PLAN[::-1]}")
    assert not gate(vote, of=drifted).approved
    assert not gate(review(body="LGTM"), of=PLAN_REQUEST).approved
