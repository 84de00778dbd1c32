"""What a command has around it: streams, environment, clock, and how a command ends early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

from msgspec import Struct

from upshot.report.redact.redact import Redactor
from upshot.runner.env_secrets import secrets_in_env
from upshot.text import strip_invisible
from upshot.timing import Clock, SystemClock

if TYPE_CHECKING:
    from upshot.http.client import Transport

EXTRA: Final = "pipx install 'pulumi-upshot[desk]'"
"""Installs the command with everything that a terminal can use."""


class Refused(Exception):
    """Nothing can be reported: what was found, and what to do or paste. Exit code 1."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Misused(Exception):
    """The arguments contradict each other. Exit code 2."""


class Desk(Struct, frozen=True, kw_only=True):
    """The world of one command."""

    stdin: BinaryIO
    out: TextIO
    """For what was asked for, and nothing else."""
    err: TextIO
    """For everything else."""
    env: Mapping[str, str]
    """Of the user; may hold secrets, which are masked wherever they turn up."""
    clock: Clock = SystemClock()
    http: Transport | None = None
    """None for the network; a function in tests."""

    def redactor(self) -> Redactor:
        """Knows the secrets of the environment."""
        return Redactor(secrets_in_env(self.env))

    def say(self, text: str) -> None:
        """A line on standard error: redacted, and without anything that a terminal obeys."""
        self.err.write(f"upshot: {strip_invisible(self.redactor().redact(text))}\n")
        self.err.flush()
