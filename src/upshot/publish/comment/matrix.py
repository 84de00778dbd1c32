"""One comment that the jobs of a matrix share: each puts its own section in, nothing is lost.

GitHub has no conditional edit, so two jobs that read, merge and write at once overwrite each
other. Each job therefore keeps the time between its read and its write short, and stays until it
has seen its section survive longer than any such stale write can still be under way.
"""

from __future__ import annotations

import math
from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.model import Receipt, Section
from upshot.publish.comment.marker import Kind, Marker, is_newer
from upshot.publish.comment.notice import post_notice
from upshot.publish.comment.receipts import posted, skipped
from upshot.publish.comment.sections import (
    Assemble,
    clean_section,
    is_placeholder,
    is_same_report,
    merge_sections,
    wrap_section,
)
from upshot.publish.comment.settle import Watch
from upshot.publish.comment.thread import Comment, Thread, read_thread
from upshot.publish.comment.write_comment import (
    compose_body,
    create_comment,
    find_rival,
    tidy,
    update_comment_once,
)
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt

FRESH_S: Final = 1.0
"""A read that is older than this is not merged into: it is read again before the write."""
_CONFIRMATIONS: Final = 3
"""How often, so far apart, a section must be seen while others go on writing."""
_SPREAD_S: Final = 4.0
"""Jobs that find no comment wait up to so long before they create one, so that few do."""
_FIRST_BACKOFF_S: Final = 4.0
_LONGEST_BACKOFF_S: Final = 30.0
_RATE_LIMIT_S: Final = 60.0
_MOST_TURNS: Final = 60
_SEVERAL: Final = 2


def write_section(
    github: GitHub,
    section: Section,
    *,
    marker: Marker,
    assemble: Assemble,
    thread: Thread,
    is_due: bool = True,
    notice: str = "",
    was_posted: bool = False,
) -> Receipt:
    """Puts one stack's section into the shared comment. Raises GitHubError.

    `marker` names the comment by its key, `thread` its conversation (read again when it is old),
    `is_due` is what `comment-on` says, `notice` a line for a changed verdict. `was_posted`: it was
    in a comment of our own for a moment, so that others may have put it in, but not for good.
    One read when the section is there from an earlier run; a read, a write and a read after 3 s
    when nobody interferes.
    """
    writer = _Writer(github, clean_section(section), marker=marker, assemble=assemble)
    writer.action = "updated" if was_posted else ""
    receipt = writer.run(thread, is_due=is_due)
    if notice and writer.verdict_before not in {"", section.verdict}:
        why = receipt.why or post_notice(github, thread, notice, marker)
        return replace(receipt, why=why)
    return receipt


class _Writer:
    """One job's way to a comment that holds its section."""

    def __init__(
        self,
        github: GitHub,
        section: Section,
        *,
        marker: Marker,
        assemble: Assemble,
    ) -> None:
        self.github = github
        self.section = section
        self.marker = marker.without_stack()
        self.assemble = assemble
        self.action = ""
        """What we have done so far, for the receipt."""
        self.fresh_s = FRESH_S
        self.backoff_s = _FIRST_BACKOFF_S
        self.must_rest = False
        """We wrote; if it is gone, others are writing too: wait before the next try."""
        self.may_create = False
        self.seen_body, self.seen = "", 0
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
                thread = read_thread(self.github, thread.number, key=self.marker.key)
                self.watch.note_window(2 * self._age_s(thread))
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
        have = {s.stack: s for s in comments[0].sections}
        own = have.get(self.section.stack)
        if own and is_newer(own, self.section, head_sha=thread.head_sha):
            return skipped("the comment tells about a newer run already", comments[0])
        if not self.action:
            self.verdict_before = own.verdict if own else ""
        self.watch.note_comment(comments[0].marker.joined, is_lone=len(have) < _SEVERAL)
        found = [
            section
            for comment in comments
            for section in comment.sections
            if not is_placeholder(section, self.section.run)
        ]
        wanted = merge_sections([*found, self.section], head_sha=thread.head_sha)
        if self.action:
            wanted = tuple(s for s in wanted if s.stack in have or s.stack == self.section.stack)
        if all(s.stack in have and is_same_report(have[s.stack], s) for s in wanted):
            return self._settle(comments)
        self._update(thread, comments[0], wanted)
        return None

    def _create(self, thread: Thread) -> None:
        if not self.may_create:
            self.may_create = True
            self._pause(_SPREAD_S * self.github.jitter())
            return
        body = self._body((self.section,), joined=0)
        made = create_comment(self.github, thread, body)
        if find_rival(self.github, thread, made, self.marker):
            path = f"issues/comments/{made.id}"
            self.github.delete(path, doing="delete the second comment")
            self.action = "updated"  # others may have joined it already, and must see it stay
            return
        self.action, self.seen_body, self.seen = "created", body, 0
        self._pause(self.watch.seconds)

    def _update(self, thread: Thread, target: Comment, wanted: tuple[Section, ...]) -> None:
        if self.must_rest:
            self.must_rest = False
            self._pause(self.backoff_s * self.github.jitter())
            self.backoff_s = min(2 * self.backoff_s, _LONGEST_BACKOFF_S)
            return
        body = self._body(wanted, joined=self.watch.joined)
        if self._age_s(thread) > self.fresh_s:
            self.fresh_s *= 2  # a slow server or machine: then it has to do
            return
        self.must_rest = True
        try:
            update_comment_once(self.github, target.id, body)
        except InDoubt:
            pass  # the next read tells
        except GitHubError as error:
            self._wait_or_raise(error)
            return
        self.watch.note_window(self._age_s(thread))
        self.action, self.seen_body, self.seen = self.action or "updated", body, 0
        self._pause(self.watch.seconds)

    def _settle(self, comments: tuple[Comment, ...]) -> Receipt | None:
        """Our section is there: done, once it has been seen to stay."""
        body = comments[0].body
        if not self.action and len(comments) == 1:
            return posted("unchanged", comments[0], why="the report has not changed")
        self.seen += 1
        duplicates = tuple(comment.id for comment in comments[1:])
        if duplicates != self.duplicates:
            # Perhaps another job is about to take one of the two away itself: look again.
            self.duplicates = duplicates
            self._pause(self.watch.seconds)
            return None
        if body == self.seen_body or self.seen >= _CONFIRMATIONS:
            # What is in the others is in the first one too: they are duplicates.
            why = tidy(self.github, delete=comments[1:])
            return posted(self.action or "unchanged", comments[0], why=why)
        self.seen_body = body
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
