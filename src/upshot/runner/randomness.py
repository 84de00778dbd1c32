"""Randomness, straight from the operating system: `secrets` and `random` cost 7 ms to import."""

from __future__ import annotations

import os


def random_token() -> str:
    """32 random hexadecimal digits: 128 bits that cannot be guessed (threat T5)."""
    return os.urandom(16).hex()


def random_share() -> float:
    """A random number, 0.0 up to 1.0 without it: the jitter of waits."""
    return int.from_bytes(os.urandom(6)) / (1 << 48)
