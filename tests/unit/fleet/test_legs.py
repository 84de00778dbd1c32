"""Legs: balanced, deterministic, within what the platform carries; nothing lost, nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from upshot.fleet.legs import LEG_BYTES, MATRIX_BYTES, MOST_LEGS, share_out

NAMES = st.lists(st.from_regex(r"[a-z0-9._-]{1,20}/[a-z0-9]{1,9}/[a-z]{1,9}", fullmatch=True))


@given(NAMES, st.integers(1, MOST_LEGS))
def test_every_name_is_in_exactly_one_leg(names: list[str], most: int) -> None:
    legs = share_out(names, most=most)
    assert Counter(name for leg in legs.legs for name in leg) == Counter(set(names))
    assert not legs.left_out
    assert legs.count == len(set(names))


@given(NAMES, st.integers(1, MOST_LEGS))
def test_sizes_differ_by_one_at_most(names: list[str], most: int) -> None:
    sizes = [len(leg) for leg in share_out(names, most=most).legs]
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert len(sizes) == min(most, len(set(names)))
    assert 0 not in sizes


@given(NAMES, st.randoms(use_true_random=False), st.integers(1, MOST_LEGS))
def test_the_order_in_which_stacks_were_listed_does_not_matter(
    names: list[str], chance: Random, most: int
) -> None:
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert share_out(shuffled, most=most) == share_out(names, most=most)


def test_the_matrix_is_what_the_workflow_reads() -> None:
    assert json.loads(share_out(["o/b/s", "o/a/s", "o/c/s"], most=2).matrix()) == {
        "include": [
            {"leg": 1, "stacks": "o/a/s o/b/s", "count": 2},
            {"leg": 2, "stacks": "o/c/s", "count": 1},
        ]
    }


def test_no_stack_is_a_matrix_without_a_job() -> None:
    assert share_out([], most=64).matrix() == '{"include":[]}'


def test_a_leg_fits_into_one_variable_and_the_rest_is_named() -> None:
    names = [f"acme/{'p' * 90}-{number:05d}/prod" for number in range(3_000)]
    legs = share_out(names, most=1)
    assert len(" ".join(legs.legs[0])) <= LEG_BYTES
    assert sorted([*legs.legs[0], *legs.left_out]) == names


def test_the_matrix_fits_into_one_output() -> None:
    names = [f"acme/project-{number:06d}/production" for number in range(100_000)]
    legs = share_out(names, most=256)
    assert len(legs.matrix()) <= MATRIX_BYTES
    assert legs.count + len(legs.left_out) == len(names)
