"""Reads single inputs by name and type; keeps every problem, so that all are reported at once.

Knows the runner's way of passing inputs (an empty value means "not given"), and no meaning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

from upshot.address import parse_service_url
from upshot.errors import InputError
from upshot.inputs.names import variable
from upshot.secret import Secret, is_token
from upshot.workspace import Workspace, open_regular, read_text

_E = TypeVar("_E", bound=StrEnum)
DAY_S = 86_400.0
_LONGEST_SHOWN = 80
_LONGEST_NUMBER = 9
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_STORE_AGAIN = "Store the secret again without a line break: gh secret set NAME --body VALUE"


class Reader:
    """Reads each input once. `problems` then holds everything that was wrong, `names` every input
    that was read, `secrets` every secret among them.
    """

    def __init__(self, env: Mapping[str, str], workspace: Workspace) -> None:
        self._env = env
        self._workspace = workspace
        self.problems: list[InputError] = []
        self.secrets: list[Secret] = []
        self._names: dict[str, None] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """In the order in which they were read first."""
        return tuple(self._names)

    def text(self, name: str, default: str = "") -> str:
        """The value without white space around it; `default` when it is not given."""
        return self._value(name).strip() or default

    def refuse(
        self, name: str, given: str, allowed: str, *, hint: str = "", stops: bool = False
    ) -> None:
        """Notes a problem; `given` is shown in quotation marks, shortened.

        `stops`: going on with the default could do harm, whatever input it is.
        """
        problem = InputError(name, show(given), allowed, hint=hint, stops=stops)
        self.problems.append(problem)

    def word(self, name: str, default: str, allowed: Collection[str]) -> str:
        """One word of a list of names."""
        text = self.text(name, default)
        if text in allowed:
            return text
        self.refuse(name, text, ", ".join(allowed))
        return default

    def choice(self, name: str, default: _E) -> _E:
        """One word of the closed list that `default` belongs to."""
        return self.optional_choice(name, type(default)) or default

    def optional_choice(self, name: str, kind: type[_E]) -> _E | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return kind(text)
        except ValueError:
            self.refuse(name, text, ", ".join(kind))
            return None

    def choices(self, name: str, kind: type[_E]) -> tuple[_E, ...]:
        """Words of a closed list, separated by commas or line breaks, each once, in order."""
        found: dict[_E, None] = {}
        for word in self.text(name).replace("\n", ",").split(","):
            if word.strip():
                try:
                    found[kind(word.strip())] = None
                except ValueError:
                    self.refuse(name, word.strip(), ", ".join(kind))
        return tuple(found)

    def flag(self, name: str, *, default: bool) -> bool:
        """The spellings of YAML 1.2's core schema, as GitHub's own toolkit takes them."""
        text = self.text(name)
        if text and text not in _TRUE and text not in _FALSE:
            self.refuse(name, text, "true, false")
        return default if text not in _TRUE | _FALSE else text in _TRUE

    def seconds(
        self, name: str, default: float, *, at_most: float, has_days: bool = False
    ) -> float:
        """A duration: seconds, or `90s`, `10m`, `1h`, with `has_days` also `7d`; above 0."""
        text = self.text(name)
        if not text:
            return default
        units = _SECONDS | ({"d": DAY_S} if has_days else {})
        number, unit = (text[:-1], text[-1]) if text[-1] in units else (text, "s")
        plain = number.replace(".", "", 1)
        if plain.isascii() and plain.isdecimal() and len(plain) <= _LONGEST_NUMBER:
            value = float(number) * units[unit]
            if 0 < value <= at_most:
                return value
        such = "90s, 10m, 1h, 7d" if has_days else "90s, 10m, 1h"
        most = f"{at_most / DAY_S:g}d" if has_days else f"{at_most / 3600:g}h"
        self.refuse(name, text, f"seconds, or a duration such as {such}; at most {most}")
        return default

    def number(self, name: str) -> int | None:
        """A positive integer."""
        text = self.text(name)
        if not text:
            return None
        if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER and int(text) > 0:
            return int(text)
        self.refuse(name, text, "a positive integer")
        return None

    def secret(self, name: str, *, or_variable: str = "") -> Secret | None:
        """A token without the white space and line ends around it, which secrets are often stored with.

        It is never shown: a problem names only the kind of character that is wrong inside it.
        """
        given = self._value(name).strip()
        source = ""
        if not given and or_variable:
            given, source = self._env.get(or_variable, "").strip(), f" (from {or_variable})"
        if not given:
            return None
        if is_token(given):
            self.secrets.append(Secret(given))
            return self.secrets[-1]
        wrong = "a line break" if "\n" in given or "\r" in given else "white space or worse"
        self.problems.append(
            InputError(
                name,
                f"a secret with {wrong} in it{source}",
                "a token of printable ASCII characters",
                hint=_STORE_AGAIN,
            )
        )
        return None

    def address(self, name: str, default: str = "") -> str:
        """An address of a service (`upshot.address`), without a trailing slash."""
        text = self.text(name, default)
        if not text:
            return ""
        try:
            return parse_service_url(text)
        except ValueError as problem:
            # Never repeat what may hold a password.
            given = "an address with user information" if "@" in text else show(text)
            self.problems.append(InputError(name, given, str(problem)))
            return default

    def path(self, name: str) -> str:
        """A real path inside the workspace or the runner's scratch folder; it may not exist."""
        text = self.text(name)
        if not text:
            return ""
        real = self._workspace.find_path(text)
        if real is None:
            self.refuse(
                name,
                text,
                "a path inside the workspace or ${{ runner.temp }}, also after symbolic links",
                stops=True,
            )
        return real or ""

    def file_path(self, name: str) -> str:
        """As `path`, of a file that must be there."""
        if path := self.path(name):
            try:
                open_regular(path).close()
            except OSError as problem:
                self._refuse_file(name, problem)
        return path

    def file_text(self, name: str, *, limit_bytes: int) -> str:
        """The text of a file that must be there."""
        if path := self.path(name):
            try:
                return read_text(path, limit_bytes=limit_bytes)
            except OSError as problem:
                self._refuse_file(name, problem)
        return ""

    def _value(self, name: str) -> str:
        self._names[name] = None
        return self._env.get(variable(name), "")

    def _refuse_file(self, name: str, problem: OSError) -> None:
        why = problem.strerror or str(problem)
        self.refuse(name, self.text(name), f"a file that can be read (this one: {why})", stops=True)


def show(given: str) -> str:
    """`given` between quotation marks, on one line, shortened."""
    if not given:
        return "nothing"
    line = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in given)
    more = "…" if len(line) > _LONGEST_SHOWN else ""
    return f"'{line[:_LONGEST_SHOWN]}{more}'"
