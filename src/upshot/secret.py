"""A secret value that cannot be printed by accident, and what a token may be made of."""

from __future__ import annotations

from typing import Final, NoReturn, final

_SHOWN: Final = "<SECRET>"


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
