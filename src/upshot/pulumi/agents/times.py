"""Times of the wire, checked: they end up in outputs and reports. Pure."""

from __future__ import annotations

_FIRST_YEAR = 1_000
"""With four digits, so that times sort as text."""


def parse_time(text: str) -> str:
    """RFC 3339 in UTC, to the second: `2026-11-21T10:00:00Z`; empty for what is no time.

    A text of the service never gets further than this: what comes out has one form only.
    """
    from datetime import UTC, datetime

    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return ""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at.year >= _FIRST_YEAR else ""
