"""The one short line of `notify-on: verdict-change`: an edit notifies nobody."""

from __future__ import annotations

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.publish.comment.marker import Kind, Marker
from upshot.publish.comment.thread import Thread
from upshot.publish.comment.write_comment import compose_body, create_comment, tidy
from upshot.publish.github.client import GitHub


def post_notice(github: GitHub, thread: Thread, text: str, marker: Marker) -> str:
    """Posts a finished line in the place of the stack's earlier one; the complaint, if any.

    `marker` is the report's.
    """
    marker = replace(marker, kind=Kind.NOTE, history=(), digest="")
    try:
        create_comment(github, thread, compose_body(text, marker))
    except GitHubError as error:
        return error.message
    earlier = tuple(c for c in thread.of_kind(Kind.NOTE) if c.marker.stack == marker.stack)
    return tidy(github, delete=earlier)
