"""Secrets: a value that cannot be printed by accident, and what is masked as one.

A user's `mask-patterns` are regular expressions that meet hostile text, in an engine that backtracks.
So one is taken only when its shape cannot blow up, and the redactor runs it on short pieces of lines.
What is left of the risk (several runs in a row) the redactor bounds by time, inside a match, too: it
then masks the rest, so it fails closed.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn, final

SHORTEST: Final = 8
"""Characters; a shorter value is not masked, since it would blank out ordinary words (T11)."""

LONGEST_PATTERN: Final = 500
"""Characters of one of a user's `mask-patterns`."""
_SHOWN: Final = "<SECRET>"
_FEWEST_DIFFERENT: Final = 3
"""Different characters; `--------` is no secret."""
_MOST_RUNS: Final = 4
_MOST_WAYS: Final = 100_000
"""Lengths and alternatives of a pattern multiplied, its unbounded repetitions left out."""
_SYNTAX: Final = r"""(?P<refused>\\[1-9]|\((?:\?[=!(]|\?<[=!]|\?P=))
      | \\. | \[\^?\]?(?:\\.|[^\]\\])*\] | \(\?[aiLmsux-]+\)
      | (?P<open>\((?:\?(?:P<\w+>|[aiLmsux-]*:|>))?)
      | (?P<close>\)) | (?P<either>\|) | (?P<repeat>[*+?]|\{\d*,?\d*\}) | ."""
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


def mask_pattern_problem(pattern: str) -> str:
    """Why the pattern is refused, completing "the pattern …"; empty when it is good."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is not a regular expression of Python ({error})"
    if compiled.search("") is not None:
        return "matches the empty text, so it would mask everything"
    return _shape_problem(pattern)


def _shape_problem(pattern: str) -> str:
    """Refuses a repeated group that varies inside, references back, looking around, and more ways to
    match one text than `_MOST_WAYS`.
    """
    groups: list[_Group] = [_Group()]
    runs, ways = 0, 1
    after_varying = False  # the token before closed a group that varies
    was_repeat = False
    for token in re.finditer(_SYNTAX, pattern, re.VERBOSE | re.DOTALL):
        kind, was_varying, after_varying = token.lastgroup, after_varying, False
        is_modifier, was_repeat = was_repeat and token[0] in {"?", "+"}, kind == "repeat"
        if kind == "refused":
            return "refers back or looks around"
        if is_modifier:
            was_repeat = False
        elif kind == "open":
            groups.append(_Group())
        elif kind == "close":
            group = groups.pop() if len(groups) > 1 else _Group()
            after_varying = group.varies
            groups[-1].varies = groups[-1].varies or after_varying
            ways *= group.alternatives
        elif kind == "either":
            groups[-1].varies = True
            groups[-1].alternatives += 1
        elif kind == "repeat":
            groups[-1].varies = True
            if was_varying and token[0] != "?":
                return "repeats a group that varies inside, such as (a+)+ or (a|b)*"
            runs += token[0] in {"*", "+"} or token[0].endswith(",}")
            ways *= _widths(token[0])
    if runs > _MOST_RUNS:
        return f"has more than {_MOST_RUNS} unbounded repetitions"
    return "has too many optional parts: one text matches it in too many ways" * (ways > _MOST_WAYS)


class _Group:
    """An open group: whether what it holds varies, and between how many it chooses."""

    def __init__(self) -> None:
        self.varies = False
        self.alternatives = 1


def _widths(repeat: str) -> int:
    """How many lengths a bounded repetition may take: 2 for `?`, 100 for `{0,99}`, else 1."""
    if repeat == "?":
        return 2
    bounds = re.fullmatch(r"\{(\d*),(\d+)\}", repeat)
    return max(1, int(bounds[2]) - int(bounds[1] or 0) + 1) if bounds else 1


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
