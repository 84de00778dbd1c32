"""The sticky comment: one for each pull request and `comment-key`, found again and kept current."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.inputs.choices import CommentMode
from upshot.model import PullRequest, Receipt, ReceiptStatus
from upshot.publish.append import append_entry
from upshot.publish.faults import for_fork
from upshot.publish.github import GitHub
from upshot.publish.marker import Kind, Marker, is_newer, next_history
from upshot.publish.plan import Draft, Plan, Step, is_same, make_plan
from upshot.publish.posting import (
    Made,
    compose_body,
    create_comment,
    find_rival,
    tidy,
    update_comment,
)
from upshot.publish.thread import Comment, Thread, read_thread

STALE_AFTER_S: Final = 5.0
"""A conversation that was read longer ago (while an AI answered) is read again before our comment
in it is overwritten: GitHub has no conditional edit, and a newer run may have written since."""
_MOST_PLANS: Final = 3


def publish_comment(
    github: GitHub,
    pull: PullRequest,
    draft: Draft,
    *,
    mode: CommentMode,
    thread: Thread | None = None,
) -> Receipt:
    """Creates, updates or leaves alone; never raises for GitHub's faults.

    `thread` is what `read_thread` found earlier with the draft's key, None to read it now.
    """
    if mode is CommentMode.OFF:
        return _skipped("'comment-mode' is 'off'")
    try:
        return _publish(github, pull, draft, mode=mode, thread=thread)
    except GitHubError as error:
        return failed_comment(for_fork(error) if pull.is_fork else error)


def failed_comment(error: GitHubError) -> Receipt:
    """The receipt for a comment that could not be posted."""
    return Receipt("comment", ReceiptStatus.FAILED, "failed", why=error.message, hint=error.hint)


def _publish(
    github: GitHub, pull: PullRequest, draft: Draft, *, mode: CommentMode, thread: Thread | None
) -> Receipt:
    for _ in range(_MOST_PLANS):
        if thread is None or _is_stale(github, thread):
            thread = read_thread(github, pull.number, key=draft.marker.key)
        try:
            return _carry_out(github, thread, draft, mode=mode)
        except GitHubError as error:
            # Somebody deleted the comment since it was read: look again, then create.
            if error.status not in {404, 410} or not thread.comments:
                raise
            gone, thread = error, None
    raise gone


def _is_stale(github: GitHub, thread: Thread) -> bool:
    """Not where nothing of ours was found: whoever creates looks for rivals afterwards."""
    age_s = github.clock.monotonic() - thread.read_at_s
    return bool(thread.comments) and age_s > STALE_AFTER_S


def _carry_out(github: GitHub, thread: Thread, draft: Draft, *, mode: CommentMode) -> Receipt:
    plan = make_plan(mode, draft, thread)
    match plan.step:
        case Step.SKIP:
            return _skipped(plan.why, plan.target)
        case Step.KEEP:
            complaint = tidy(github, delete=plan.delete)
            return _posted("unchanged", plan.target, why=complaint or plan.why)
        case Step.HIDE:
            complaint = tidy(github, hide=plan.hide)
            return _posted("hidden", plan.hide[-1], why=complaint)
        case Step.UPDATE:
            return _update(github, thread, draft, plan=plan, mode=mode)
        case Step.CREATE:
            return _create(github, thread, draft, plan=plan, mode=mode)


def _update(
    github: GitHub, thread: Thread, draft: Draft, *, plan: Plan, mode: CommentMode
) -> Receipt:
    target = plan.target
    assert target is not None  # noqa: S101 - the plan to update names what
    before = target.marker
    text = append_entry(target, draft.text) if mode is CommentMode.APPEND else draft.text
    marker = replace(draft.marker, kind=before.kind, history=next_history(before, draft.marker))
    update_comment(github, target.id, compose_body(text, marker))
    why = tidy(github, delete=plan.delete)
    if draft.notice and before.verdict and before.verdict != marker.verdict:
        why = why or _notify(github, thread, draft)
    return _posted("updated", target, why=why)


def _create(
    github: GitHub, thread: Thread, draft: Draft, *, plan: Plan, mode: CommentMode
) -> Receipt:
    before = thread.latest
    marker = replace(
        draft.marker,
        kind=Kind.LOG if mode is CommentMode.NEW else Kind.STICKY,
        history=next_history(before.marker if before else None, draft.marker),
    )
    made = create_comment(github, thread, compose_body(draft.text, marker))
    if marker.kind is Kind.STICKY:
        rival = find_rival(github, thread, made, marker)
        if rival:
            return _give_way(github, made, rival, draft=draft, marker=marker)
    why = tidy(github, delete=plan.delete, hide=plan.hide)
    action = "recreated" if plan.delete else "created"
    return Receipt(
        "comment",
        ReceiptStatus.POSTED,
        action,
        why=why,
        comment_id=made.id,
        comment_url=made.url,
    )


def _give_way(
    github: GitHub, made: Made, rival: Comment, *, draft: Draft, marker: Marker
) -> Receipt:
    """Two jobs created a comment at once: ours is the younger, so it goes, and theirs is updated."""
    github.delete(f"issues/comments/{made.id}", doing="delete the second comment")
    if is_newer(rival.marker, marker):
        return _posted("deleted", rival, why="another job's comment tells about a newer run")
    if is_same(rival, marker):
        return _posted("unchanged", rival, why="another job has posted the same report")
    marker = replace(marker, history=next_history(rival.marker, marker))
    update_comment(github, rival.id, compose_body(draft.text, marker))
    return _posted("updated", rival)


def _notify(github: GitHub, thread: Thread, draft: Draft) -> str:
    """One short line, because an edit notifies nobody; it takes the place of the one before."""
    marker = replace(draft.marker, kind=Kind.NOTE, history=(), digest="")
    try:
        create_comment(github, thread, compose_body(draft.notice, marker))
    except GitHubError as error:
        return error.message
    return tidy(github, delete=thread.of_kind(Kind.NOTE))


def _posted(action: str, comment: Comment | None, *, why: str = "") -> Receipt:
    return _receipt(ReceiptStatus.POSTED, action, comment, why)


def _skipped(why: str, comment: Comment | None = None) -> Receipt:
    return _receipt(ReceiptStatus.SKIPPED, "skipped", comment, why)


def _receipt(status: ReceiptStatus, action: str, comment: Comment | None, why: str) -> Receipt:
    return Receipt(
        "comment",
        status,
        action,
        why=why,
        comment_id=comment.id if comment else None,
        comment_url=comment.url if comment else "",
    )
