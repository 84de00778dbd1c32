"""The challenge of a sign-up: which ones are read, how hard they may be, and what solves them."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.pulumi.agents.proof.challenge import (
    HARDEST,
    ChallengeRefused,
    is_solved,
    read_challenge,
    target,
)

# challengeData, the smallest number that solves it, the start of the digest (shipped CLI's rule).
VECTORS = [
    ("v1:abcdef:1", 1, "1fb86ceb"),
    ("v1:abcdef:8", 277, "004ce17dffa9b901"),
    ("v1:abcdef:12", 1_039, "000838fb546486c8"),
    ("v1:abcdef:16", 65_376, "0000107b33870c87"),
    ("v1:abcdef:20", 123_790, "0000008d28145cc5"),
    ("v1:test-challenge:8", 98, "00703dd5555acf8e"),
]


@pytest.mark.parametrize(("data", "number", "start"), VECTORS)
def test_a_known_number_solves_its_challenge(data: str, number: int, start: str) -> None:
    assert sha256(f"{data}:{number}".encode()).hexdigest().startswith(start)
    assert is_solved(data, number)
    assert not is_solved(data, number - 1)
    assert read_challenge("c-1", data).difficulty == int(data.rsplit(":", 1)[1])


@pytest.mark.parametrize(
    "data",
    [
        "v2:abcdef:8",
        "v1:abcdef",
        "v1:abcdef:nope",
        "v1:abcdef:0",
        "v1:abcdef:257",
        "v1:abcdef:-8",
        "v1:abcdef:+8",
        "v1:abcdef:8.0",
        "v1:abcdef: 8",
        "v1:abcdef:٨",
        "v1:abcdef:²",
        "v1:abc:def:8",
        "v1:abcdef:8:",
        "v1:\ud800:8",
        "v1:" + "a" * 1_024 + ":8",
        "v1:abcdef:" + "0" * 5_000 + "8",
        "",
        "::",
    ],
)
def test_t67_a_malformed_challenge_is_refused_before_any_work(data: str) -> None:
    with pytest.raises(ChallengeRefused, match="cannot be read") as caught:
        read_challenge("c-1", data)
    assert "No account was made" in caught.value.hint
    assert len(caught.value.message) < 300
    assert not is_solved(data, 0)


@pytest.mark.parametrize("difficulty", [HARDEST + 1, 64, 256])
def test_t67_a_challenge_that_is_too_hard_is_refused_with_a_clear_word(difficulty: int) -> None:
    with pytest.raises(
        ChallengeRefused, match=f"{difficulty} zero bits, and more than 28"
    ) as caught:
        read_challenge("c-1", f"v1:abcdef:{difficulty}")
    assert "run it again later" in caught.value.hint


def test_the_hardest_that_is_worked_for() -> None:
    challenge = read_challenge("c-1", f"v1:abcdef:{HARDEST}")
    assert (challenge.difficulty, challenge.expected_hashes) == (28, 268_435_456)


def test_a_challenge_without_an_id_could_not_be_answered() -> None:
    for challenge_id in ("", "c" * 2_000):
        with pytest.raises(ChallengeRefused):
            read_challenge(challenge_id, "v1:abcdef:8")


@given(difficulty=st.integers(1, 256), digest=st.binary(min_size=32, max_size=32))
def test_sorting_before_the_target_is_starting_with_so_many_zero_bits(
    difficulty: int, digest: bytes
) -> None:
    bits = f"{int.from_bytes(digest):0256b}"
    assert (digest < target(difficulty)) == bits.startswith("0" * difficulty)


@given(st.integers())
def test_only_numbers_of_64_bits_solve_anything(number: int) -> None:
    solved = is_solved("v1:abcdef:1", number)
    assert not (solved and not 0 <= number < 2**64)


@given(st.text(), st.integers(0, 10))
def test_whatever_the_service_sends_is_read_or_refused(data: str, number: int) -> None:
    is_solved(data, number)
    try:
        challenge = read_challenge("c-1", data)
    except ChallengeRefused:
        return
    assert 1 <= challenge.difficulty <= HARDEST
