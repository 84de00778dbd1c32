"""One comment that the jobs of a matrix share: each puts its own section in, and none is lost.

GitHub has no conditional edit, so two jobs that read, merge and write at once overwrite each
other. Each job therefore keeps the time between its read and its write short, then watches until
its section has outlived every such write (docs/decisions/0010-one-comment-for-a-matrix.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.model import Receipt, Section
from upshot.publish.comment.marker import Kind, Marker, is_newer
from upshot.publish.comment.place import CommentPlace, Place
from upshot.publish.comment.sections import (
    Assemble,
    clean_section,
    is_placeholder,
    is_same_report,
    merge_sections,
    wrap_section,
)
from upshot.publish.comment.thread import STALE_AFTER_S, OwnComment, Thread
from upshot.publish.comment.write_comment import compose_body, post_notice, posted, skipped
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt
from upshot.timing import Clock

FRESH_S: Final = 1.0
"""Seconds after which a reading is too old to be merged into: it is repeated before the write."""
SETTLED_S: Final = 3.0
"""Seconds that a job watches its section. A write of another job that began with an older reading
ends within that time: the reading is at most 1 s old, 1 s lies between two writes, and the write
takes 1 s; longer where GitHub is slow (`Watch`)."""
YOUNG_S: Final = STALE_AFTER_S + SETTLED_S
"""Seconds after a comment becomes shared during which a job that read it earlier may still
overwrite it. Writers in that window watch this long."""
_SKEW_S: Final = 5.0
"""Seconds by which the clocks of two runners may differ."""
_TIMES_SLOWEST: Final = 3.0
"""A job watches at least this many times the longest time from reading to written that it saw."""
_CONFIRMATIONS: Final = 3
"""Readings in which a section must be there, a watch apart, while others go on writing."""
_SPREAD_S: Final = 4.0
"""Jobs that find no comment wait a random time up to this before they create one: few then do."""
_FIRST_BACKOFF_S: Final = 4.0
_LONGEST_BACKOFF_S: Final = 30.0
_RATE_LIMIT_S: Final = 60.0
_MOST_TURNS: Final = 60
_SEVERAL: Final = 2


def write_sections(
    github: GitHub,
    sections: Sequence[Section],
    *,
    marker: Marker,
    assemble: Assemble,
    thread: Thread,
    is_due: bool = True,
    notice: str = "",
    was_posted: bool = False,
    place: Place | None = None,
) -> Receipt:
    """Puts this job's sections, at least one, into the shared comment. Raises GitHubError.

    `marker` names the comment by its key, `thread` its conversation (read again when it is old),
    `is_due` is what `comment-on` says, `notice` a line for a changed verdict. `was_posted`: this
    job created a comment with the section in it and took it back, so others may have read it.
    `place` is where the comment stands, if not in the conversation of a pull request.

    One request when the section is there from an earlier run; two readings, 3 s apart, and a write
    when no other job interferes.
    """
    writer = _Writer(
        github,
        tuple(map(clean_section, sections)),
        marker=marker,
        assemble=assemble,
        place=place or CommentPlace(github, marker, thread.number),
    )
    writer.action = "updated" if was_posted else ""
    receipt = writer.run(thread, is_due=is_due)
    if notice and writer.verdict_before not in {"", sections[0].verdict}:
        missed = post_notice(github, thread, notice, marker) or receipt.missed
        return replace(receipt, missed=missed)
    return receipt


class Watch:
    """How many seconds a job must watch its section before the section counts as settled.

    It grows with what the job itself sees of GitHub's speed, and never shrinks for that.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._settled_s = SETTLED_S
        self._is_young = False
        self.joined = 0
        """When the comment became shared, seconds since the Unix epoch, for its marker."""

    @property
    def seconds(self) -> float:
        return max(self._settled_s, YOUNG_S if self._is_young else 0.0)

    def note_comment(self, joined: int, *, is_lone: bool) -> None:
        """The comment as it was just read: `joined` of its marker; `is_lone`: it has one stack."""
        now = self._clock.now()
        self.joined = int(now) if is_lone else joined
        self._is_young = is_lone or abs(now - joined) < YOUNG_S + _SKEW_S

    def note_write_time(self, seconds: float) -> None:
        """Seconds from reading to written, in this job: other jobs' writes may take as long."""
        self._settled_s = max(self._settled_s, _TIMES_SLOWEST * seconds)


class _Writer:
    """One job's way to a comment that holds its section."""

    def __init__(
        self,
        github: GitHub,
        sections: tuple[Section, ...],
        *,
        marker: Marker,
        assemble: Assemble,
        place: Place,
    ) -> None:
        self.github = github
        self.place = place
        self.sections = sections
        self.marker = marker.without_stack()
        self.assemble = assemble
        self.action = ""
        """What this job has done so far, for the receipt."""
        self.fresh_s = FRESH_S
        self.backoff_s = _FIRST_BACKOFF_S
        self.must_back_off = False
        """This job has written; if its section is gone, others write too: wait before the next."""
        self.may_create = False
        self.body_before, self.confirmations = "", 0
        self.duplicates: tuple[int, ...] = ()
        self.watch = Watch(github.clock)
        self.verdict_before = ""

    def run(self, thread: Thread, *, is_due: bool) -> Receipt:
        """Reads, writes and waits until the section has settled. Raises GitHubError."""
        for _ in range(_MOST_TURNS):
            if self._age_s(thread) > self.fresh_s:
                if self.action and self.github.deadline.passed:
                    why = "there was no time to see whether it stayed"
                    return posted(self.action, next(iter(thread.comments), None), why=why)
                thread = self.place.read()
                self.watch.note_write_time(2 * self._age_s(thread))
            receipt = self._turn(thread, is_due=is_due)
            if receipt:
                return receipt
            thread = replace(thread, read_at_s=-math.inf)
        raise GitHubError("Other jobs kept overwriting this job's section of the shared comment")

    def _turn(self, thread: Thread, *, is_due: bool) -> Receipt | None:
        """One step from what was just read; the receipt when there is nothing left to do."""
        comments = tuple(c for c in thread.of_kind(Kind.STICKY) if not c.is_hidden)
        if not comments:
            if not is_due:
                return skipped("'comment-on' asks for no comment about this")
            self._create(thread)
            return None
        have = {section.stack: section for section in comments[0].sections}
        mine = [
            section
            for section in self.sections
            if section.stack not in have
            or not is_newer(have[section.stack], section, head_sha=thread.head_sha)
        ]
        if not mine:
            return skipped("the comment is about a newer run already", comments[0])
        own = have.get(mine[0].stack)
        if not self.action:
            self.verdict_before = own.verdict if own else ""
        self.watch.note_comment(comments[0].marker.joined, is_lone=len(have) < _SEVERAL)
        found = [
            section
            for comment in comments
            for section in comment.sections
            if not is_placeholder(section, mine[0])
        ]
        wanted = merge_sections([*found, *mine], head_sha=thread.head_sha)
        if self.action:
            names = {*have, *(section.stack for section in mine)}
            wanted = tuple(section for section in wanted if section.stack in names)
        is_there = all(s.stack in have and is_same_report(have[s.stack], s) for s in wanted)
        if is_there and self.place.is_settled(comments[0], wanted):
            return self._settle(comments)
        self._update(thread, comments[0], wanted)
        return None

    def _create(self, thread: Thread) -> None:
        if not self.may_create:
            self.may_create = True
            self._pause(_SPREAD_S * self.github.jitter())
            return
        body = self._body(self.sections, joined=0)
        if not self.place.create(thread, body):
            self.action = "updated"  # others may have joined it already, and must see theirs stay
            return
        self.action, self.body_before, self.confirmations = "created", body, 0
        self._pause(self.watch.seconds)

    def _update(self, thread: Thread, target: OwnComment, wanted: tuple[Section, ...]) -> None:
        if self.must_back_off:
            self.must_back_off = False
            self._pause(self.backoff_s * self.github.jitter())
            self.backoff_s = min(2 * self.backoff_s, _LONGEST_BACKOFF_S)
            return
        body = self._body(wanted, joined=self.watch.joined)
        if self._age_s(thread) > self.fresh_s:
            self.fresh_s *= 2  # on a slow server or machine a longer time must do
            return
        self.must_back_off = True
        try:
            self.place.write(target, body, wanted)
        except InDoubt:
            pass  # the next reading shows what became of it
        except GitHubError as error:
            self._wait_or_raise(error)
            return
        self.watch.note_write_time(self._age_s(thread))
        self.action, self.body_before, self.confirmations = self.action or "updated", body, 0
        self._pause(self.watch.seconds)

    def _settle(self, comments: tuple[OwnComment, ...]) -> Receipt | None:
        """The section is there: done, once it was there after a watch."""
        body = comments[0].body
        if not self.action and len(comments) == 1:
            return posted("unchanged", comments[0], why="the report has not changed")
        self.confirmations += 1
        duplicates = tuple(comment.id for comment in comments[1:])
        if duplicates != self.duplicates:
            # Another job may be about to delete one of the two itself: look again.
            self.duplicates = duplicates
            self._pause(self.watch.seconds)
            return None
        if body == self.body_before or self.confirmations >= _CONFIRMATIONS:
            # The first comment holds all that the others hold: they are duplicates.
            missed = self.place.remove(comments[1:])
            return posted(self.action or "unchanged", comments[0], missed=missed)
        self.body_before = body
        self._pause(self.watch.seconds)
        return None

    def _wait_or_raise(self, error: GitHubError) -> None:
        """Waits where time helps. Raises the error where it does not."""
        if error.anchor == "github-rate-limit":
            wait_s = _RATE_LIMIT_S * (0.5 + self.github.jitter())
            if wait_s < self.github.deadline.remaining_s():
                self._pause(wait_s)
                return
        if error.status not in {404, 410}:
            raise error

    def _body(self, sections: tuple[Section, ...], *, joined: int) -> str:
        marker = replace(self.marker, joined=joined)
        return compose_body(self.assemble(sections, wrap_section), marker)

    def _age_s(self, thread: Thread) -> float:
        return self.github.clock.monotonic() - thread.read_at_s

    def _pause(self, seconds: float) -> None:
        self.github.clock.sleep(min(seconds, self.github.deadline.remaining_s()))
