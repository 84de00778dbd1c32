"""Random histories: the verifier and a second judge agree, and nothing that is unread opens a gate."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from bench.work.gate import compare
from msgspec.structs import replace
from tests.unit.gate.histories import Reading, make_history, read

from upshot.gate.decision import State
from upshot.gate.facts import GateFacts
from upshot.gate.policy import Policy
from upshot.gate.request import Request
from upshot.gate.verify import find_missing, verify

BLOCK, BLOCKS = 1_000, 20
"""The first 20,000; `python -m bench.work.gate` compares 100,000."""


@pytest.mark.parametrize("block", range(BLOCKS))
def test_two_judges_agree(block: int) -> None:
    seeds = range(block * BLOCK, (block + 1) * BLOCK)
    disputed = {seed: both for seed in seeds if (both := compare(seed))[0] != both[1]}
    assert disputed == {}


def open_gates(count: int) -> list[tuple[GateFacts, Policy, Request]]:
    """The first gates that are open by votes."""
    found: list[tuple[GateFacts, Policy, Request]] = []
    seed = 0
    while len(found) < count:
        world, policy, reading = make_history(seed)
        facts = read(world, reading)
        if verify(facts, policy, world.request()).state is State.APPROVED:
            found.append((facts, policy, world.request()))
        seed += 1
    return found


def test_t57_an_open_gate_is_closed_by_anything_that_is_not_read() -> None:
    """Each thing that a decision may need, lost one at a time."""
    losses: dict[str, Any] = {
        "pull": None, "pull_again": None, "commit": None, "unread": ("something",),
    }  # fmt: skip
    for facts, policy, request in open_gates(200):
        needed = {
            "comments": "comment",
            "reviews": "review",
            "environment_approvals": "environment",
        }
        lost = losses | {name: None for name, source in needed.items() if source in policy.sources}
        for name, value in lost.items():
            decision = verify(replace(facts, **{name: value}), policy, request)
            assert not decision.approved, name
            assert decision.state is State.ERROR, name
        assert not verify(replace(facts, permissions={}), policy, request).approved


def test_the_order_in_which_pages_list_votes_changes_nothing() -> None:
    chance = Random(1)
    for facts, policy, request in open_gates(200):
        shuffled = replace(
            facts,
            comments=tuple(chance.sample(facts.comments or (), len(facts.comments or ()))),
            reviews=tuple(chance.sample(facts.reviews or (), len(facts.reviews or ()))),
        )
        assert verify(shuffled, policy, request) == verify(facts, policy, request)


def test_the_same_facts_give_the_same_decision() -> None:
    for seed in range(300):
        world, policy, reading = make_history(seed)
        first, second = (verify(read(world, reading), policy, world.request()) for _ in range(2))
        assert first == second


def test_t58_asking_only_for_what_is_missing_decides_the_same() -> None:
    """A gate that asks for permissions, teams, edits and trees of the votes that need it."""
    asked = 0
    for seed in range(2_000):
        world, policy, reading = make_history(seed)
        reading.__dict__.update(vars(_all_readable(reading)))
        whole, request = read(world, reading), world.request()
        facts = _bare(whole)
        for _ in range(4):
            missing = find_missing(facts, policy, request)
            asked += len(missing.permissions)
            facts = _fetched(facts, whole, missing)
        one, other = verify(facts, policy, request), verify(whole, policy, request)
        assert (one.state, one.people, one.why) == (other.state, other.people, other.why), seed
    everybody = sum(
        len({c.author.id for c in read(w, r).comments or () if c.author})
        for w, _, r in map(make_history, range(2_000))
    )
    assert 0 < asked < everybody


def _all_readable(reading: Reading) -> Reading:
    reading.faults, reading.is_raced = set(), False
    reading.unread_people, reading.unread_edits, reading.unread_trees = set(), set(), set()
    return reading


def _bare(facts: GateFacts) -> GateFacts:
    """What the lists alone say."""
    return replace(
        facts,
        comments=tuple(replace(c, revision=None) for c in facts.comments or ()),
        reviews=tuple(replace(r, revision=None, tree=None) for r in facts.reviews or ()),
        permissions={},
        memberships={},
        pushers=None,
    )


def _fetched(facts: GateFacts, whole: GateFacts, missing: Any) -> GateFacts:
    revisions = {c.id: c.revision for c in whole.comments or ()}
    by_id = {r.id: r for r in whole.reviews or ()}
    return replace(
        facts,
        comments=tuple(
            replace(c, revision=revisions[c.id]) if c.id in missing.comments else c
            for c in facts.comments or ()
        ),
        reviews=tuple(
            replace(
                r,
                revision=by_id[r.id].revision if r.id in missing.reviews else r.revision,
                tree=by_id[r.id].tree if r.commit in missing.trees else r.tree,
            )
            for r in facts.reviews or ()
        ),
        permissions=facts.permissions
        | {who.id: whole.permissions[who.id] for who in missing.permissions},
        memberships=facts.memberships
        | {(team, who.id): whole.memberships[team, who.id] for team, who in missing.memberships},
        pushers=whole.pushers if missing.pushers else facts.pushers,
    )
