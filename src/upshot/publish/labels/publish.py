"""Keeps the labels of the pull request true, also while other jobs report on it.

A job reads what all our comments say, sets the labels, and looks again after each change: the job that writes a
comment later also looks later, so the last look of all sees every report (decision 0047).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.errors import GitHubError
from upshot.inputs.choices import CommentMode
from upshot.inputs.publishers.labels import LabelInputs
from upshot.job import Job
from upshot.model import PullRequest, Receipt, ReceiptStatus, Stamp
from upshot.publish.comment.plan import stamps_of
from upshot.publish.comment.thread import read_thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import for_fork, is_read_only
from upshot.publish.interface import Publication, PullRequestContext
from upshot.publish.labels.place import PullLabels
from upshot.publish.labels.wanted import wanted_labels

_NAME: Final = "labels"
_MOST_TURNS: Final = 5


def publish(publication: Publication, context: PullRequestContext, job: Job) -> Receipt:
    """The labels of the pull request, where `labels` asks for them."""
    own: LabelInputs = job.inputs.own.get(_NAME) or LabelInputs()
    if not own.is_on:
        return _skipped("'labels' is off")
    if context.fault is not None:  # the comment's receipt says it, with what to do
        return _skipped(context.fault.message)
    if context.github is None or context.pull_request is None:
        return _skipped(_why_nowhere(context, job))
    if _was_refused(publication.receipts):
        return _skipped("the token may not write to the pull request")
    mode = job.inputs.publish.comment_mode
    return publish_labels(
        context.github,
        context.pull_request,
        stamps_of(mode, publication.draft),
        key=publication.draft.marker.key,
        has_comments=mode is not CommentMode.OFF,
    )


def publish_labels(
    github: GitHub, pull: PullRequest, mine: Sequence[Stamp], *, key: str, has_comments: bool
) -> Receipt:
    """Puts on what any report says and takes off what none does. Never raises GitHubError.

    `mine`: this job's stamps, `key`: its `comment-key`. `has_comments`: other jobs' reports are in
    comments; without them this job's own decides alone.
    """
    labels, done = PullLabels(github, pull.number), dict[str, None]()
    try:
        for _ in range(_MOST_TURNS):
            thread = read_thread(github, pull.number, key="") if has_comments else None
            wanted = wanted_labels(
                thread.comments if thread else (),
                mine,
                key=key,
                head_sha=(thread.head_sha if thread else "") or pull.head_sha,
            )
            have = labels.read()
            missing, untrue = sorted(wanted - have.keys()), sorted(have.keys() - wanted)
            if missing:
                labels.add(missing)
            for label in untrue:
                labels.remove(have[label])
            changes = [f"+{label.full_name}" for label in missing]
            changes += [f"-{label.full_name}" for label in untrue]
            if not changes:
                break
            done |= dict.fromkeys(changes)
    except GitHubError as error:
        if pull.is_fork and is_read_only(error):  # expected there (T44)
            return _of(for_fork(error), ReceiptStatus.SKIPPED)
        return _of(error, ReceiptStatus.FAILED)
    return Receipt(_NAME, ReceiptStatus.POSTED, " ".join(done) or "unchanged")


def _was_refused(receipts: Sequence[Receipt]) -> bool:
    """Whether the comment was refused for the same permission, which is told once."""
    return any(r.publisher == "comment" and r.anchor == "resource-not-accessible" for r in receipts)


def _why_nowhere(context: PullRequestContext, job: Job) -> str:
    if job.inputs.run.dry_run:
        return "'dry-run' is on"
    return "there is no pull request" if context.github else "there is no GitHub token"


def _skipped(why: str) -> Receipt:
    return Receipt(_NAME, ReceiptStatus.SKIPPED, why=why)


def _of(error: GitHubError, status: ReceiptStatus) -> Receipt:
    return Receipt(
        _NAME, status, status.value, why=error.message, hint=error.hint, anchor=error.anchor
    )
