"""The inputs of mode `command`: which commands a comment may give, and who may give them. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.gate.grammar import Verb
from upshot.inputs.reader import Reader


class CommandAccess(StrEnum):
    """`command-access`: the access to the repository that a command needs."""

    WRITE = "write"
    ADMIN = "admin"


DEFAULT: Final = tuple(verb for verb in Verb if verb is not Verb.RETRY)
"""`retry` needs a permission that the others do not (`actions: write`)."""


class CommandInputs(Struct, frozen=True):
    allowed: tuple[Verb, ...] = DEFAULT
    access: CommandAccess = CommandAccess.WRITE


def parse_command_inputs(read: Reader) -> CommandInputs:
    return CommandInputs(
        allowed=read.choices("commands", Verb) or DEFAULT,
        access=read.choice("command-access", CommandAccess.WRITE),
    )
