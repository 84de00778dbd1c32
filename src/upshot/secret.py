"""Secrets: a value that cannot be printed by accident, and what is masked as one."""

from __future__ import annotations

from typing import Final, NoReturn, final

SHORTEST: Final = 8
"""Characters; a shorter value is not masked, since it would blank out ordinary words (T11)."""
_SHOWN: Final = "<SECRET>"
_FEWEST_DIFFERENT: Final = 3
"""Different characters; `--------` is no secret."""
# Words of eight characters and more that may be given as a secret, and that ordinary text and logs
# are full of.
_COMMON: Final = frozenset(
    [
        "password",
        "passw0rd",
        "password1",
        "changeme",
        "changeit",
        "undefined",
        "disabled",
        "required",
        "production",
        "development",
        "staging-env",
        "localhost",
        "administrator",
        "username",
        "postgres",
        "postgresql",
        "kubernetes",
        "deployment",
        "resource",
        "resources",
        "provider",
        "providers",
        "registry",
        "repository",
        "organization",
        "infrastructure",
        "template",
        "database",
        "terraform",
        "pulumi-cli",
        "pulumi.com",
        "github.com",
        "https://api.pulumi.com",
        "https://app.pulumi.com",
        "https://github.com",
        "https://api.github.com",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "eu-west-2",
        "eu-central-1",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "us-central1",
        "europe-west1",
        "europe-west4",
        "westeurope",
        "northeurope",
        "eastus2",
        "centralus",
        "succeeded",
        "cancelled",
        "previewing",
        "updating",
        "creating",
        "deleting",
        "replacing",
        "unchanged",
        "12345678",
        "123456789",
        "1234567890",
        "abcdefgh",
        "abcdefghijkl",
    ]
)


def why_not_masked(value: str) -> str:
    """Why a value, or one line of it, is not taken for a secret, in words that do not hold it;
    empty when it is taken for one. The runner's masks and the redactor both ask here.
    """
    plain = value.strip()
    if len(plain) < SHORTEST:
        return f"a value of {len(plain)} characters is too short"
    if plain.lower() in _COMMON or len(set(plain)) < _FEWEST_DIFFERENT:
        return "a value is a common word"
    return ""


def is_token(text: str) -> bool:
    """Whether a text may be a token: printable ASCII without spaces, fit for a request header."""
    return text.isascii() and text.isprintable() and bool(text) and " " not in text


@final
class Secret:
    """Holds a token; every way to print it gives ``<SECRET>``.

    ``reveal()`` is the only way out, so that a search for it finds each use.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The value itself, for a request header or for the redactor; never for text."""
        return self.__value

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self.__value == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied to another process")
