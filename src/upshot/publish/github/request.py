"""One request to GitHub's API, and how one attempt to send it ended. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct

MOST_TRIES = 3


class Request(Struct, frozen=True, kw_only=True):
    """What is sent, and what a failed attempt allows."""

    verb: str
    url: str
    """A path below the API's address, or a whole address of the same host."""
    doing: str
    """The end of the sentence "GitHub refused to …"."""
    parameters: Mapping[str, Any] | None = None
    """Of the query."""
    body: Mapping[str, Any] | None = None
    """JSON."""
    scope: str = "pull-requests"
    """The permission that the token needs, to be pasted when GitHub refuses."""
    is_write: bool = False
    """A second must lie between two of these."""
    is_repeatable: bool = True
    """May be executed twice without harm."""
    most_tries: int = MOST_TRIES
    stale_at_s: float | None = None
    """Monotonic time from which on the body must not be sent again; None for never."""


class Attempt(NamedTuple):
    """How one attempt ended."""

    status: int
    """0 when there was no answer that can be read."""
    headers: Mapping[str, str]
    """Names are in lower case."""
    data: Any
    """JSON; None after a failure."""
    message: str = ""
    """GitHub's own text, or the kind of fault; empty when all went well."""
