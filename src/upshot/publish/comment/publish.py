"""The sticky comment: one for each pull request and `comment-key`, found again and kept current."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.inputs.choices import CommentMode
from upshot.job import Job
from upshot.model import PullRequest, Receipt, ReceiptStatus
from upshot.publish.comment.marker import Kind, Marker, is_newer, next_history
from upshot.publish.comment.matrix import FRESH_S, write_sections
from upshot.publish.comment.plan import Draft, Plan, Step, is_same, is_shared, make_plan, own_text
from upshot.publish.comment.thread import STALE_AFTER_S, OwnComment, Thread, read_thread
from upshot.publish.comment.write_comment import (
    append_entry,
    clean_up,
    compose_body,
    create_comment,
    delete_comment,
    failed,
    find_rival,
    post_notice,
    posted,
    skipped,
    update_comment,
)
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import Outdated, for_fork, is_read_only
from upshot.publish.interface import Publication, PullRequestContext

_MOST_PLANS: Final = 3
_EDITED: Final = "_The earlier reports are left out: the comment was edited, and not by Upshot._"
_PULUMI_APP: Final = (
    "Pulumi's own GitHub App comments on this pull request, too. To switch its comments off, open "
    "the GitHub integration in the settings of Pulumi Cloud; to switch Upshot's off, set "
    "'comment-mode: off'."
)


def publish(publication: Publication, context: PullRequestContext, job: Job) -> Receipt:
    """The comment on the pull request, by `comment-mode`."""
    if context.fault is not None:
        return failed(context.fault)
    if context.github is None or context.pull_request is None:
        return skipped(_why_nowhere(context, job))
    mode, thread = job.inputs.publish.comment_mode, context.thread
    receipt = publish_comment(
        context.github, context.pull_request, publication.draft, mode=mode, thread=thread
    )
    if context.early_action and receipt.action in {"updated", "unchanged"}:
        receipt = replace(receipt, action=context.early_action)
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
    """Creates or updates the comment, or leaves it alone. Never raises GitHubError.

    Reports of several stacks with one key share one comment, which is then updated in place in
    every mode but `new` and `append`. `thread` is what `read_thread` found earlier with the
    draft's key; None: it is read now.
    """
    if mode is CommentMode.OFF:
        return skipped("'comment-mode' is 'off'")
    try:
        return _publish(github, pull, draft, mode=mode, thread=thread)
    except GitHubError as error:
        if pull.is_fork and is_read_only(error):
            return failed(for_fork(error), ReceiptStatus.SKIPPED)  # expected there (T44)
        return failed(error)


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
            # The comment was deleted since it was read: read again, then create.
            if error.status not in {404, 410} or not thread.comments:
                raise
            gone, thread = error, None
    raise gone


def _is_stale(github: GitHub, thread: Thread, draft: Draft) -> bool:
    """Whether the thread must be read again before our comment in it is overwritten.

    Where we have no comment it need not: after a create the job looks for rivals. Where the pull
    request's head is another commit, that commit's run may write at any moment.
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
            fault = clean_up(github, delete=plan.delete)
            return posted("unchanged", plan.target, why=plan.why, missed=fault)
        case Step.HIDE:
            fault = clean_up(github, hide=plan.hide)
            return posted("hidden", plan.hide[-1], missed=fault)
        case Step.UPDATE:
            return _update(github, thread, draft, plan=plan, mode=mode)
        case Step.CREATE:
            return _create(github, thread, draft, plan=plan, mode=mode)


def _update(
    github: GitHub, thread: Thread, draft: Draft, *, plan: Plan, mode: CommentMode
) -> Receipt:
    target = plan.target
    assert target is not None  # noqa: S101 - a plan to update has a target
    before = target.marker
    text = own_text(mode, draft)
    if mode is CommentMode.APPEND:
        text = append_entry(target.body if target.is_untouched else _EDITED, text)
    marker = replace(draft.marker, kind=before.kind, history=next_history(before, draft.marker))
    stale_at_s = thread.read_at_s + STALE_AFTER_S
    update_comment(github, target.id, compose_body(text, marker), stale_at_s=stale_at_s)
    missed = clean_up(github, delete=plan.delete)
    if draft.notice and before.verdict and before.verdict != marker.verdict:
        missed = post_notice(github, thread, draft.notice, marker) or missed
    return posted("updated", target, missed=missed)


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
        delete_comment(github, made.id)
        theirs = replace(thread, comments=(rival,))
        if is_shared(mode, draft, theirs):
            return _join(github, draft, thread=theirs, was_posted=True)
        return _give_way(github, rival, body, marker=marker)
    missed = clean_up(github, delete=plan.delete, hide=plan.hide)
    return posted("recreated" if plan.delete else "created", made, missed=missed)


def _give_way(github: GitHub, rival: OwnComment, body: str, *, marker: Marker) -> Receipt:
    """Two jobs created a comment at once. Ours was the younger, and is deleted: theirs is updated."""
    if is_newer(rival.marker, marker):
        return posted("deleted", rival, why="another job's comment is about a newer run")
    if is_same(rival, marker):
        return posted("unchanged", rival, why="another job has posted the same report")
    stale_at_s = github.clock.monotonic() + STALE_AFTER_S
    update_comment(github, rival.id, body, stale_at_s=stale_at_s)
    return posted("updated", rival)


def _join(github: GitHub, draft: Draft, *, thread: Thread, was_posted: bool = False) -> Receipt:
    assert draft.share is not None  # noqa: S101 - a shared report has a section
    return write_sections(
        github,
        draft.share.sections,
        marker=draft.marker,
        assemble=draft.share.assemble,
        is_due=draft.is_due,
        notice=draft.notice,
        thread=thread,
        was_posted=was_posted,
    )
