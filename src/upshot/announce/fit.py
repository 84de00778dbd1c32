"""Keeps a message within a chat's limits, whole: shorter texts, fewer rows, never half a payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from upshot.model.announcement import Announcement

BUDGET_BYTES: Final = 12_000
"""Of JSON. Teams takes 28 KB and may count two bytes a character; Slack takes more."""
_LADDER: Final = (
    (1_200, 6_000, 12),
    (800, 3_000, 12),
    (500, 1_500, 8),
    (200, 600, 4),
    (60, 200, 1),
)
"""Characters of the error, of an answer, rows: the first that fits is taken."""
_LONGEST_WHERE: Final = 100
_LONGEST_COUNT: Final = 60
_CHARACTERS_A_LINE: Final = 60
"""Each line of a text costs a card some bytes of its own."""


def fit(announcement: Announcement, build: Callable[[Announcement], bytes]) -> bytes:
    """The payload with as much of the texts as fits into the budget."""
    payload = b""
    for error, answer, rows in _LADDER:
        payload = build(_shortened(announcement, error, answer, rows))
        if len(payload) <= BUDGET_BYTES:
            break
    return payload


def cut(text: str, longest: int) -> str:
    """At most so many characters; an ellipsis shows that some are missing."""
    text = text.strip()
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _shortened(whole: Announcement, error: int, answer: int, rows: int) -> Announcement:
    texts = max(40, error // 4)
    shown = tuple((cut(name, _LONGEST_WHERE), cut(what, texts)) for name, what in whole.rows[:rows])
    return replace(
        whole,
        title=cut(whole.title, 140),
        counts=tuple(cut(one, _LONGEST_COUNT) for one in whole.counts),
        where=cut(whole.where, _LONGEST_WHERE),
        failed=cut(whole.failed, texts),
        error=_few_lines(whole.error, error),
        why=cut(whole.why, texts),
        reasons=tuple(cut(one, texts) for one in whole.reasons),
        steps=tuple(cut(one, texts) for one in whole.steps),
        question=cut(whole.question, texts),
        answer=_few_lines(whole.answer, answer),
        rows=shown,
        rows_omitted=whole.rows_omitted + len(whole.rows) - len(shown),
    )


def _few_lines(text: str, longest: int) -> str:
    """As `cut`, and not more lines than a text of that length would have in prose."""
    lines = [line for line in text.splitlines() if line.strip()]
    most = max(3, longest // _CHARACTERS_A_LINE)
    kept = "\n".join(lines[:most])
    return cut(f"{kept}\n…" if len(lines) > most else kept, longest)
