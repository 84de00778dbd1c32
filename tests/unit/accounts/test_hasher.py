"""The search of one process: every number of its batches, in order, with any SHA-256 of Python."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.pulumi.agents.proof import hasher
from upshot.pulumi.agents.proof.challenge import is_solved, target

CONSTRUCTORS = hasher.find_constructors()


def plainly(data: str, difficulty: int, batch: int) -> int | None:
    """The same search, written down without any trick."""
    for number in range(batch * 1_000, batch * 1_000 + 1_000):
        digest = sha256(f"{data}:{number}".encode()).digest()
        if f"{int.from_bytes(digest):0256b}".startswith("0" * difficulty):
            return number
    return None


@pytest.mark.parametrize("name", CONSTRUCTORS)
@pytest.mark.parametrize("batch", [0, 1, 9, 10, 123, 18_446_744_073_709_550])
def test_it_finds_the_first_number_of_its_batch(name: str, batch: int) -> None:
    for difficulty in (1, 6, 9, 12):
        data = f"v1:abcdef:{difficulty}"
        found = hasher.search_batch(CONSTRUCTORS[name], data.encode(), target(difficulty), batch)
        assert found == plainly(data, difficulty, batch)


@given(seed=st.text(max_size=80), batch=st.integers(0, 10**12))
def test_whatever_the_seed_is(seed: str, batch: int) -> None:
    data = f"v1:{seed.replace(':', '')}:5"
    try:
        encoded = data.encode()
    except UnicodeEncodeError:
        return
    found = hasher.search_batch(sha256, encoded, target(5), batch)
    assert found == plainly(data, 5, batch)


def test_openssl_s_is_always_among_the_ways_to_hash() -> None:
    assert CONSTRUCTORS["openssl"] is sha256
    assert hasher.choose_constructor() in CONSTRUCTORS.values()


def run_hasher(order: bytes) -> subprocess.CompletedProcess[bytes]:
    """As `solve` starts it, but its input ends at once."""
    command = [sys.executable, "-I", "-S", hasher.__file__]
    return subprocess.run(command, input=order, capture_output=True, check=True, env={})


def test_the_process_writes_the_number_that_it_found() -> None:
    data = b"v1:abcdef:16"
    done = run_hasher(b"16 65 1 %d\n%b" % (len(data), data))
    assert done.stdout == b"=65376\n"
    assert is_solved("v1:abcdef:16", 65_376)


def test_a_seed_with_a_line_end_reaches_it_whole() -> None:
    data = "v1:a\nb \u00e4:8"
    encoded = data.encode()
    done = run_hasher(b"8 0 1 %d\n%b" % (len(encoded), encoded))
    assert is_solved(data, int(done.stdout.removeprefix(b"=")))


def test_t67_the_end_of_its_input_ends_a_search_without_end() -> None:
    data = b"v1:abcdef:256"
    done = run_hasher(b"256 0 1 %d\n%b" % (len(data), data))
    assert done.stdout == b""
