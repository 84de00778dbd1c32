"""What goes into the cage and what comes out, a line of JSON each."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

CANNOT: Final = "the template cannot be rendered"


class Order(Struct, frozen=True):
    """One page to be rendered."""

    source: str
    """The template."""
    values: dict[str, Any]


class Outcome(Struct, frozen=True):
    """One of both is empty."""

    text: str = ""
    fault: str = ""
    """The whole message; empty where the page was rendered."""
