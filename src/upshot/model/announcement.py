"""What is announced in a chat: a report in short, as plain text. Not loaded before it is needed."""

from __future__ import annotations

from msgspec import Struct


class Announcement(Struct, frozen=True, kw_only=True):
    """Texts are redacted, clean and plain; in a chat's own markup they are still hostile."""

    icon: str
    title: str
    """`Update failed`, `3 of 12 stacks need a person`; our own words."""
    where: str = ""
    """`acme/shop/prod #64`."""
    verdict: str = ""
    counts: tuple[str, ...] = ()
    """`1 failed`, `3 created`."""
    failed: str = ""
    """What failed first: `orders-db (aws:rds/instance:Instance) could not be updated`."""
    error: str = ""
    """Its error, some lines."""
    reasons: tuple[str, ...] = ()
    """Rules that are broken, drift, risk."""
    why: str = ""
    """The title of the offline diagnosis."""
    steps: tuple[str, ...] = ()
    """What to do, in order."""
    question: str = ""
    """What a person asked."""
    answer: str = ""
    """An AI's words."""
    answered_by: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    """(stack, what is wrong with it), the worst first."""
    rows_omitted: int = 0
    links: tuple[tuple[str, str], ...] = ()
    """(label, https address): built from checked parts."""
