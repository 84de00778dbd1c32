"""The sticky comment: one for each pull request and `comment-key`, found again and kept current."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.inputs.choices import CommentMode
from upshot.job import Job
from upshot.model import PullRequest, Receipt, ReceiptStatus
from upshot.publish.comment.append import append_entry
from upshot.publish.comment.marker import Kind, Marker, is_newer, next_history
from upshot.publish.comment.matrix import FRESH_S, write_section
from upshot.publish.comment.notice import post_notice
from upshot.publish.comment.plan import Draft, Plan, Step, is_same, is_shared, make_plan, own_text
from upshot.publish.comment.receipts import failed_comment, posted, read_only_fork, skipped
from upshot.publish.comment.thread import STALE_AFTER_S, Comment, Thread, read_thread
from upshot.publish.comment.write_comment import (
    compose_body,
    create_comment,
    find_rival,
    tidy,
    update_comment,
)
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import Outdated, for_fork, is_read_only
from upshot.publish.interface import Publication, PullRequestContext

_MOST_PLANS: Final = 3
_PULUMI_APP: Final = (
    "Pulumi's own GitHub App comments on this pull request, too. To switch its comments off, open "
    "the GitHub integration in the settings of Pulumi Cloud; to switch Upshot's off, set "
    "'comment-mode: off'."
)


def publish(publication: Publication, context: PullRequestContext, job: Job) -> Receipt:
    """The comment on the pull request, by `comment-mode`."""
    if context.fault is not None:
        return failed_comment(context.fault)
    if context.github is None or context.pull_request is None:
        return skipped(_why_nowhere(context, job))
    mode, thread = job.inputs.publish.comment_mode, context.thread
    receipt = publish_comment(
        context.github, context.pull_request, publication.draft, mode=mode, thread=thread
    )
    if receipt.action == "created" and thread is not None and thread.has_pulumi_app:
        job.log.notice(_PULUMI_APP, title="Upshot")
    return receipt


def _why_nowhere(context: PullRequestContext, job: Job) -> str:
    if job.inputs.run.dry_run:
        return "'dry-run' is on"
    return "there is no pull request" if context.github else "there is no GitHub token"


def publish_comment(
    github: GitHub,
    pull: PullRequest,
    draft: Draft,
    *,
    mode: CommentMode,
    thread: Thread | None = None,
) -> Receipt:
    """Creates, updates or leaves alone; never raises for GitHub's faults.

    Reports of several stacks with one key share one comment, which is then updated in place in
    every mode but `new` and `append`. `thread` is what `read_thread` found earlier with the
    draft's key, None to read it now.
    """
    if mode is CommentMode.OFF:
        return skipped("'comment-mode' is 'off'")
    try:
        return _publish(github, pull, draft, mode=mode, thread=thread)
    except GitHubError as error:
        if pull.is_fork and is_read_only(error):
            return read_only_fork(for_fork(error))
        return failed_comment(error)


def _publish(
    github: GitHub, pull: PullRequest, draft: Draft, *, mode: CommentMode, thread: Thread | None
) -> Receipt:
    for _ in range(_MOST_PLANS):
        if thread is None or _is_stale(github, thread, draft):
            thread = read_thread(github, pull.number, key=draft.marker.key)
        try:
            return _carry_out(github, thread, draft, mode=mode)
        except Outdated as outdated:
            gone, thread = outdated.error, None
        except GitHubError as error:
            # Somebody deleted the comment since it was read: look again, then create.
            if error.status not in {404, 410} or not thread.comments:
                raise
            gone, thread = error, None
    raise gone


def _is_stale(github: GitHub, thread: Thread, draft: Draft) -> bool:
    """Not where nothing of ours was found: whoever creates looks for rivals afterwards.

    Where the pull request's head has moved on, the newer commit's run may write at any moment.
    """
    is_behind = thread.head_sha not in {"", draft.marker.sha}
    age_s = github.clock.monotonic() - thread.read_at_s
    return bool(thread.comments) and age_s > (FRESH_S if is_behind else STALE_AFTER_S)


def _carry_out(github: GitHub, thread: Thread, draft: Draft, *, mode: CommentMode) -> Receipt:
    if is_shared(mode, draft, thread):
        return _join(github, draft, thread=thread)
    plan = make_plan(mode, draft, thread)
    match plan.step:
        case Step.SKIP:
            return skipped(plan.why, plan.target)
        case Step.KEEP:
            complaint = tidy(github, delete=plan.delete)
            return posted("unchanged", plan.target, why=complaint or plan.why)
        case Step.HIDE:
            complaint = tidy(github, hide=plan.hide)
            return posted("hidden", plan.hide[-1], why=complaint)
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
    text = own_text(mode, draft)
    if mode is CommentMode.APPEND:
        text = append_entry(target, text)
    marker = replace(draft.marker, kind=before.kind, history=next_history(before, draft.marker))
    stale_at_s = thread.read_at_s + STALE_AFTER_S
    update_comment(github, target.id, compose_body(text, marker), stale_at_s=stale_at_s)
    why = tidy(github, delete=plan.delete)
    if draft.notice and before.verdict and before.verdict != marker.verdict:
        why = why or post_notice(github, thread, draft.notice, marker)
    return posted("updated", target, why=why)


def _create(
    github: GitHub, thread: Thread, draft: Draft, *, plan: Plan, mode: CommentMode
) -> Receipt:
    before = thread.latest
    marker = replace(
        draft.marker,
        kind=Kind.LOG if mode is CommentMode.NEW else Kind.STICKY,
        history=next_history(before.marker if before else None, draft.marker),
    )
    body = compose_body(own_text(mode, draft), marker)
    made = create_comment(github, thread, body)
    rival = find_rival(github, thread, made, marker) if marker.kind is Kind.STICKY else None
    if rival:
        path = f"issues/comments/{made.id}"
        github.delete(path, doing="delete the second comment")
        theirs = replace(thread, comments=(rival,))
        if is_shared(mode, draft, theirs):
            return _join(github, draft, thread=theirs, was_posted=True)
        return _give_way(github, rival, body, marker=marker)
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


def _give_way(github: GitHub, rival: Comment, body: str, *, marker: Marker) -> Receipt:
    """Two jobs created a comment at once: the younger one was ours and is gone, theirs is updated."""
    if is_newer(rival.marker, marker):
        return posted("deleted", rival, why="another job's comment tells about a newer run")
    if is_same(rival, marker):
        return posted("unchanged", rival, why="another job has posted the same report")
    stale_at_s = github.clock.monotonic() + STALE_AFTER_S
    update_comment(github, rival.id, body, stale_at_s=stale_at_s)
    return posted("updated", rival)


def _join(github: GitHub, draft: Draft, *, thread: Thread, was_posted: bool = False) -> Receipt:
    assert draft.share is not None  # noqa: S101 - what is shared has a section
    return write_section(
        github,
        draft.share.section,
        marker=draft.marker,
        assemble=draft.share.assemble,
        is_due=draft.is_due,
        notice=draft.notice,
        thread=thread,
        was_posted=was_posted,
    )
