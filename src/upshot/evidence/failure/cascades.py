"""Which failures only followed from an earlier one, although the engine does not say so.

Each needs proof: the failed resource needs one that failed before (URNs of the events), its provider
did not start, or its message says that an object is missing which an earlier step should have
created. Must not know the form of the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from upshot.evidence.urn import STACK_TYPE
from upshot.model import Failure
from upshot.model.operations import operation_of
from upshot.text import pattern

_CAP: Final = 4_000
_CLAUSE: Final = 240
"""Characters read on each side of the words that say that something is missing."""
_SHORTEST: Final = 3
_MAX_NAMES: Final = 12
_PROVIDER: Final = "pulumi:providers:"

_MISSING = pattern(
    r"(?:can ?not|could not|can't|couldn't|was not|wasn't|not) be found|(?:was|were|is) not found"
    r"|not found|not_found|does(?: not|n't) exist|do not exist|no longer exists"
    r"|(?:is|has) not (?:yet )?(?:been )?(?:created|available yet)|non-?existent|no such \w",
    re.IGNORECASE,
)
_MISSING_CODE = pattern(r"NotFound|NoSuch|DoesNotExist|NonExist|notFound|NOT_FOUND")
# `creating IAM Role (shop-api):`, `error creating database "orders"`, `Error creating Topic 'x'`
_TO_MAKE = pattern(
    r"\b[Cc]reat(?:e|ing)\b[^\n:(\"'`]{1,80}[(\"'`](?P<name>[\w./@+-]{3,200})[)\"'`]"
    r"|\bresource (?P<k8s>[\w.-]{1,100}/[\w.-]{1,200}) was not successfully created"
    r"|\bPUT https://\S{1,400}?/(?P<path>[\w.-]{1,100})(?:\?\S{0,200})?(?:\s|$)"
)
_QUOTED: Final = "\"'`()[]/"


def mark_cascades(
    failures: Sequence[Failure], needs: Sequence[Sequence[str]]
) -> tuple[Failure, ...]:
    """The failures in their order; `needs` are URNs by failure. At least one stays a cause."""
    causes: list[_Cause] = []
    marked: list[Failure] = []
    for failure, urns in zip(failures, needs, strict=True):
        found = failure
        if causes and not failure.is_cascade and _follows(failure, urns, causes):
            found = replace(failure, is_cascade=True)
        marked.append(found)
        if failure.is_resource and failure.type != STACK_TYPE:
            causes.append(_Cause(failure))
    if not any(not failure.is_cascade for failure in marked):
        return tuple(failures)
    return tuple(marked)


class _Cause:
    """An earlier failure, and the names of what its step should have created."""

    __slots__ = ("failure", "names")

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        self.names: tuple[str, ...] = ()
        if _may_make(failure.operation) and not _says_missing(failure):
            self.names = _names(failure)


def _may_make(operation: str) -> bool:
    """Whether the step should have created something; an unknown step may have."""
    return not operation or operation_of(operation).makes


def _follows(failure: Failure, urns: Sequence[str], causes: Sequence[_Cause]) -> bool:
    if failure.operation != "delete" and any(c.failure.urn in urns for c in causes):
        return True
    provider = f"{_PROVIDER}{failure.provider}"
    if not urns and any(
        cause.failure.type == provider and cause.failure.name.startswith("default")
        for cause in causes
    ):
        return True
    if not _says_missing(failure):
        return False
    said = _clauses(failure)
    return any(
        _names_it(said, name, cause.failure)
        for cause in causes
        if not _is_same(cause.failure, failure)
        for name in cause.names
    )


def _is_same(one: Failure, other: Failure) -> bool:
    return (one.type, one.name) == (other.type, other.name)


def _says_missing(failure: Failure) -> bool:
    return (
        failure.status_code == 404  # noqa: PLR2004 - HTTP's own
        or bool(_MISSING_CODE.search(failure.error_code or failure.headline))
        or bool(_MISSING.search(failure.headline))
    )


def _clauses(failure: Failure) -> str:
    """The headline's clauses that say that something is missing; else all of it."""
    text = failure.headline[:_CAP]
    found = [
        text[_before(text, match.start()) : match.end() + _CLAUSE].split("\n", 1)[0]
        for match in _MISSING.finditer(text)
    ]
    return "\n".join(found) or text


def _before(text: str, at: int) -> int:
    """Start of the clause around this position."""
    start = max(0, at - _CLAUSE)
    return max(start, text.rfind(": ", start, at) + 1, text.rfind(". ", start, at) + 1)


def _names(failure: Failure) -> tuple[str, ...]:
    """Names of the failed resource: at the provider, and in the program."""
    found: dict[str, None] = {}
    for count, match in enumerate(_TO_MAKE.finditer(failure.message[:_CAP])):
        if count >= _MAX_NAMES:
            break
        name = match["name"] or match["k8s"] or match["path"]
        found[name] = None
        if match["k8s"]:
            found[name.rpartition("/")[2]] = None
    found[failure.name] = None
    return tuple(name for name in found if len(name) >= _SHORTEST)


def _names_it(said: str, name: str, cause: Failure) -> bool:
    """Whether the text holds the name as a whole word.

    A name that may be an ordinary word (`main`, `api`) counts only in quotes, brackets or a path.
    """
    at = said.find(name)
    is_plain = name.isalpha() and name.islower()
    while at >= 0:
        before, after = said[at - 1 : at], said[at + len(name) : at + len(name) + 1]
        is_whole = not (before.isalnum() or before in {"-", "_"})
        if is_plain:
            is_whole = bool(before and after) and before in _QUOTED and after in _QUOTED
        elif after.isalnum() or after in {"-", "_"}:
            # Automatic naming adds a random suffix to the resource's name.
            is_whole = is_whole and name == cause.name and after == "-"
        if is_whole:
            return True
        at = said.find(name, at + 1)
    return False
