"""What a report about many stacks shows, as a value. Names and reasons are untrusted text."""

from __future__ import annotations

from msgspec import Struct


class Row(Struct, frozen=True):
    """A stack that needs a look."""

    stack: str
    why: tuple[str, ...] = ()
    """Words of `fleet-select`; empty where no state was asked for."""
    last_update: float | None = None
    """Seconds since the Unix epoch; None when it was never updated."""
    url: str = ""
    """The stack in the console; empty when unknown."""


class FleetPage(Struct, frozen=True, kw_only=True):
    organization: str
    selection: str
    """As the workflow has it."""
    listed: int | None = None
    """None when the list could not be read."""
    rows: tuple[Row, ...] = ()
    legs: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    """(stack, why)."""
    fault: str = ""
    """Why the list could not be read; our words, with the service's inside."""
    hint: str = ""
    """Who must act about that."""
