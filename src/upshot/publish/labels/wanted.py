"""Which labels a pull request should have: those that any stack's newest report gives it. Pure.

Every report writes its labels into the hidden lines of its comment, so a job knows what the others said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from upshot.model import Stamp
from upshot.publish.comment.marker import Kind, is_newer
from upshot.publish.comment.sections import is_placeholder
from upshot.publish.comment.thread import OwnComment
from upshot.verdict.labels import Label, read_labels

_REPORTS: Final = frozenset({Kind.STICKY, Kind.LOG})


def wanted_labels(
    comments: Iterable[OwnComment], mine: Sequence[Stamp], *, key: str, head_sha: str = ""
) -> frozenset[Label]:
    """The labels by our visible comments, and by this job's own report.

    `comments`: ours, of every `comment-key`. `mine`: this report's stamps, at least one; `key`: its
    comment's. A newer run's report of the same stack outweighs it. `head_sha`: the pull request's.
    """
    newest: dict[tuple[str, str], Stamp] = {}

    def keep(where: str, stamp: Stamp) -> None:
        known = newest.get((where, stamp.stack))
        if known is None or not is_newer(known, stamp, head_sha=head_sha):
            newest[where, stamp.stack] = stamp

    for comment in comments:
        marker = comment.marker
        if comment.is_hidden or marker.kind not in _REPORTS:
            continue
        stamps: tuple[Stamp, ...] = comment.sections or (marker,)
        for stamp in stamps:
            if not is_placeholder(stamp, mine[0]):
                keep(marker.key, stamp)
    for stamp in mine:
        keep(key, stamp)
    return frozenset().union(*(read_labels(stamp.labels) for stamp in newest.values()))
