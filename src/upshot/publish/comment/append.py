"""`comment-mode: append`: one comment in which each report stands below the earlier ones. Pure."""

from __future__ import annotations

from typing import Final

from upshot.publish.comment.marker import split_body
from upshot.publish.comment.sections import defuse
from upshot.publish.comment.thread import Comment

_BETWEEN: Final = "\n\n<!-- upshot-entry -->\n\n---\n\n"
_BUDGET: Final = 60_000
"""Code points; leaves room for the marker."""


def append_entry(comment: Comment, text: str) -> str:
    """The comment's text with the new report at its end; the oldest go when room is short."""
    earlier = split_body(comment.body).replace("\r\n", "\n").split(_BETWEEN)
    entries = [*earlier, defuse(text)]
    dropped = 0
    while len(entries) > 1 and sum(map(len, entries)) + len(_BETWEEN) * len(entries) > _BUDGET:
        del entries[0]
        dropped += 1
    return _BETWEEN.join(entries)
