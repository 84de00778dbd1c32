"""The inputs of mode `account`: what to do with an agent account, and what that needs.

Pure. A claim token is a right to take an account over; it is masked as every secret among the inputs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from upshot.errors import InputError
from upshot.inputs.reader import Reader
from upshot.inputs.renames import NAME as RENAMES
from upshot.inputs.renames import parse_renames
from upshot.inputs.secret_name import NAME as SECRET
from upshot.inputs.secret_name import SecretName, parse_secret_name
from upshot.secret import Secret

_LONGEST_AGENT: Final = 100
_LONGEST_CONFIRM: Final = 100
_TOKEN: Final = "claim-token"  # noqa: S105 - the name of an input


class Operation(StrEnum):
    """`account-operation`."""

    SIGNUP = "signup"
    """Makes an agent account."""
    VALIDATE = "validate"
    """Says whether a claim token works."""
    PREVIEW = "preview-claim"
    """Shows what a claim would do; changes nothing."""
    CLAIM = "claim"
    """Takes an account over, behind `confirm`."""
    STATUS = "status"
    """Says how far the recent claims into an organization are."""


_NEED_TOKEN: Final = frozenset({Operation.VALIDATE, Operation.PREVIEW, Operation.CLAIM})


class AccountInputs(Struct, frozen=True):
    operation: Operation | None = None
    """None only beside a problem."""
    claim_token: Secret | None = None
    """As given: a claim token, or a claim address."""
    renames: dict[str, str] = {}
    """Which entity gets which bare name (`renames.parse_renames`)."""
    agent_name: str = ""
    """Of the account that is made; one line."""
    secret: SecretName | None = None
    """Where the new access token is stored, besides the file."""
    confirm: str = ""
    """As given: the word of a preview, or another text."""


def parse_account(read: Reader) -> AccountInputs:
    """Nothing is done unless `account-operation` says what: it has no default."""
    operation = read.optional_choice("account-operation", Operation)
    if not read.text("account-operation"):
        read.refuse("account-operation", "", ", ".join(Operation))
    token = read.secret(_TOKEN)
    if operation in _NEED_TOKEN and not (token or read.text(_TOKEN)):
        wanted = f"a claim token, or a claim address, with account-operation '{operation}'"
        read.refuse(_TOKEN, "", wanted)
    return AccountInputs(
        operation=operation,
        claim_token=token,
        renames=_renames(read),
        agent_name=_line(read, "agent-name", _LONGEST_AGENT),
        secret=_secret(read),
        confirm=_line(read, "confirm", _LONGEST_CONFIRM),
    )


def _renames(read: Reader) -> dict[str, str]:
    try:
        return parse_renames(read.text(RENAMES))
    except InputError as problem:
        read.problems.append(problem)
        return {}


def _secret(read: Reader) -> SecretName | None:
    """Checked before any account is made: a token that cannot be stored would be lost."""
    text = read.text(SECRET)
    try:
        return parse_secret_name(text) if text else None
    except InputError as problem:
        read.problems.append(problem)
        return None


def _line(read: Reader, name: str, longest: int) -> str:
    text = read.text(name)
    if text.isprintable() and len(text) <= longest:
        return text
    read.refuse(name, text, f"one line of at most {longest} characters")
    return ""
