"""When a comment counts as shared, and how long a job watches its section in it."""

from __future__ import annotations

from msgspec.structs import replace

from upshot.inputs.choices import CommentMode
from upshot.model import Section, Stamp
from upshot.model.stamp import UNKNOWN_STACK
from upshot.publish.comment.marker import build_marker, render_marker
from upshot.publish.comment.matrix import SETTLED_S, YOUNG_S, Watch
from upshot.publish.comment.plan import Draft, Share, is_shared
from upshot.publish.comment.sections import wrap_section
from upshot.publish.comment.thread import STALE_AFTER_S, OwnComment, Thread


class StoppedClock:
    def monotonic(self) -> float:
        return 0.0

    def now(self) -> float:
        return 10_000.0

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def test_an_old_shared_comment_is_watched_for_a_short_while() -> None:
    watch = Watch(StoppedClock())
    watch.note_comment(9_000, is_lone=False)
    assert watch.seconds == SETTLED_S
    assert watch.joined == 9_000


def test_one_that_a_second_stack_joins_is_watched_longer_than_a_lone_job_may_be_late() -> None:
    watch = Watch(StoppedClock())
    watch.note_comment(0, is_lone=True)
    assert watch.seconds == YOUNG_S > STALE_AFTER_S
    assert watch.joined == 10_000


def test_a_job_that_writes_soon_after_watches_as_long_though_clocks_differ() -> None:
    for joined in (9_999, 10_003):
        watch = Watch(StoppedClock())
        watch.note_comment(joined, is_lone=False)
        assert watch.seconds == YOUNG_S


def test_a_slow_github_makes_the_watch_longer_and_never_shorter() -> None:
    watch = Watch(StoppedClock())
    watch.note_write_time(4.0)
    watch.note_write_time(0.1)
    assert watch.seconds == 12.0


def shares(stack: str, *, run: str) -> bool:
    """Whether a report of `prod` in run 2 shares a comment that holds such a section."""
    section = Section(stack=stack, run=run, verdict="failed", digest="d", text="text")
    marker = build_marker("all", Stamp(run="2", verdict="failed", digest="d"))
    body = f"{render_marker(marker)}\n\n{wrap_section(section)}"
    comment = OwnComment(1, "", "", body, is_hidden=False, marker=marker)
    thread = Thread(7, (comment,), "", has_pulumi_app=False, read_at_s=0.0)
    own = replace(section, stack="acme/shop/prod", run="2")
    draft = Draft(
        "text", marker, share=Share(own, lambda sections, wrap: "".join(map(wrap, sections)))
    )
    return is_shared(CommentMode.UPDATE, draft, thread)


def test_a_comment_is_shared_with_other_stacks_only() -> None:
    assert shares("acme/shop/dev", run="1")
    assert not shares("acme/shop/prod", run="1")


def test_a_report_about_an_unknown_stack_counts_in_its_own_run_only() -> None:
    assert shares(f"{UNKNOWN_STACK}/up", run="2")
    assert not shares(f"{UNKNOWN_STACK}/up", run="1")


def test_a_report_about_a_whole_run_that_knew_no_stack_gives_way_to_one_that_does() -> None:
    assert not shares(UNKNOWN_STACK, run="2")
