"""`account-secret`: the name of a GitHub secret, checked before anything is made that needs it.

Pure. GitHub's rules for names of secrets (its documentation): letters, digits and underscores, no
digit first, no `GITHUB_` first, case does not matter. An environment's name has at most 255
characters.
"""

from __future__ import annotations

import re

from msgspec import Struct

from upshot.errors import InputError
from upshot.inputs.reader import show

NAME = "account-secret"
_SECRET = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_LONGEST_ENVIRONMENT = 255


class SecretName(Struct, frozen=True):
    """Which secret: of the repository, or of one environment of it."""

    name: str
    """In capitals, as GitHub stores it."""
    environment: str = ""
    """Empty: the repository's own."""

    def __str__(self) -> str:
        return f"{self.environment}/{self.name}" if self.environment else self.name


def parse_secret_name(text: str) -> SecretName:
    """`NAME`, or `environment/NAME`; the last `/` separates, since environments may have some.

    Raises InputError for what GitHub would refuse.
    """
    environment, slash, name = text.rpartition("/")
    if not _SECRET.fullmatch(name) or name.upper().startswith("GITHUB_"):
        raise InputError(
            NAME,
            show(text),
            "NAME or environment/NAME; a NAME has letters, digits and underscores, and starts "
            "neither with a digit nor with GITHUB_",
        )
    is_name = (
        environment.isprintable()
        and environment == environment.strip()
        and environment not in {".", ".."}
        and len(environment) <= _LONGEST_ENVIRONMENT
    )
    if (slash and not environment) or not is_name:
        raise InputError(
            NAME,
            show(text),
            "NAME or environment/NAME; an environment has a name of at most "
            f"{_LONGEST_ENVIRONMENT} characters, on one line",
        )
    return SecretName(name.upper(), environment)
