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


def secrets_in_env(env: Mapping[str, str]) -> Iterator[Secret]:
    """Every variable that is named like a secret: for the redactor, not to be used."""
    for name, value in env.items():
        plain = name.upper().replace("-", "_").replace(" ", "_")
        if value and plain.endswith(_ENDINGS) and len(value) <= _LONGEST:
            yield Secret(value.strip())
