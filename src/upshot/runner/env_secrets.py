"""The secrets of the environment, which must never be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from upshot.secret import Secret

_ENDINGS: Final = (
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSPHRASE",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIALS",
    "CLIENT_SECRET",
    "ACCOUNT_KEY",
    "CONNECTION_STRING",
    "SECRET_KEY",
    "SIGNING_KEY",
    "ENCRYPTION_KEY",
    "WEBHOOK_URL",
    "_PASSWD",
    "_PASS",
    "_PWD",
    "_PAT",
    "_DSN",
)
"""Names of variables as clouds and Pulumi's providers use them (`AWS_SECRET_ACCESS_KEY`,
`PULUMI_CONFIG_PASSPHRASE`, `INPUT_GITHUB-TOKEN`); a log may repeat their values."""
_LONGEST: Final = 20_000
_NAME_OF_A_SECRET: Final = "INPUT_ACCOUNT_SECRET"  # noqa: S105 - the name of a variable
"""Holds where a secret is stored (`production/NAME`), which people must see; a value that cannot be such
a name is still taken for a secret that was given by mistake."""


def secrets_in_env(env: Mapping[str, str]) -> Iterator[Secret]:
    """Every variable that is named like a secret: for the redactor, not to be used."""
    for name, value in env.items():
        plain = name.upper().replace("-", "_").replace(" ", "_")
        if not (value and plain.endswith(_ENDINGS) and len(value) <= _LONGEST):
            continue
        if plain == _NAME_OF_A_SECRET and value.strip().rpartition("/")[2].isidentifier():
            continue
        yield Secret(value.strip())
