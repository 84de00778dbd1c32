"""The proof of work that Pulumi Cloud asks of an agent that signs up: its text and its check.

`challengeData` is `v1:<seed>:<difficulty>`; wanted is a number n below 2^64 for which the SHA-256
of `challengeData:n` (UTF-8, n decimal, no padding) starts with `difficulty` zero bits. Any such n
is taken. Pure. Source: the shipped CLI.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from msgspec import Struct

from upshot.errors import UpshotError

HARDEST: Final = 28
"""Zero bits that are worked for: 268 million hashes, one to two minutes on two cores."""
_DIGEST_BITS: Final = 256
_LONGEST: Final = 1_024
_PARTS: Final = 3
_NUMBERS: Final = 1 << 64


class ChallengeRefused(UpshotError):
    """The service's challenge is none that this version can or will solve (threat T67)."""

    anchor = "agent-challenge"


class Challenge(Struct, frozen=True):
    """One challenge, checked; good for one sign-up."""

    id: str
    """Opaque; goes back with the answer."""
    data: str
    """`v1:<seed>:<difficulty>`, at most 1,024 bytes of UTF-8."""
    difficulty: int
    """Zero bits, 1 to `HARDEST`."""

    @property
    def expected_hashes(self) -> int:
        """How many hashes the search takes on average; it has no memory, so also from now on."""
        return 1 << self.difficulty


def read_challenge(challenge_id: str, data: str) -> Challenge:
    """Raises ChallengeRefused for another form or version, and for more work than we do."""
    parts = data.split(":")
    if not challenge_id or len(parts) != _PARTS or not _is_short_text(challenge_id + data):
        raise _unreadable("it is not three parts `v1:<seed>:<difficulty>`")
    if parts[0] != "v1":
        raise _unreadable(f"its version is {parts[0][:20]!a}, known is 'v1'")
    digits = parts[2]
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= len(str(_DIGEST_BITS))
    difficulty = int(digits) if is_number else 0
    if not 1 <= difficulty <= _DIGEST_BITS:
        raise _unreadable(f"its difficulty is {digits[:20]!a}, possible are 1 to {_DIGEST_BITS}")
    if difficulty > HARDEST:
        raise ChallengeRefused(
            f"the sign-up asks for a proof of work of {difficulty} zero bits, and more than "
            f"{HARDEST} are not worked for: each bit doubles the time",
            hint="No action needed here: no account was made. Pulumi asks for more work when many "
            "agents sign up at once; run it again later, or create an account by hand.",
        )
    return Challenge(challenge_id, data, difficulty)


def is_solved(data: str, number: int) -> bool:
    """Whether the number answers the challenge of this text; False where the text is none."""
    try:
        difficulty = read_challenge("-", data).difficulty
    except ChallengeRefused:
        return False
    if not 0 <= number < _NUMBERS:
        return False
    return sha256(f"{data}:{number}".encode()).digest() < target(difficulty)


def target(difficulty: int) -> bytes:
    """A digest solves a challenge when it sorts before this one; `difficulty` is 1 to 256."""
    return (1 << (_DIGEST_BITS - difficulty)).to_bytes(_DIGEST_BITS // 8)


def _is_short_text(data: str) -> bool:
    try:
        return len(data.encode()) <= _LONGEST
    except UnicodeEncodeError:  # half a surrogate pair: no UTF-8
        return False


def _unreadable(found: str) -> ChallengeRefused:
    return ChallengeRefused(
        f"the challenge of the sign-up cannot be read: {found}",
        hint="Upshot must act: please report this message. No account was made.",
    )
