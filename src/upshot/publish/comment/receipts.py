"""Receipts of the comment's publisher."""

from __future__ import annotations

from upshot.errors import GitHubError
from upshot.model import Receipt, ReceiptStatus
from upshot.publish.comment.thread import Comment

_NAME = "comment"


def posted(action: str, comment: Comment | None, *, why: str = "") -> Receipt:
    """`action` is one of `created`, `updated`, `unchanged`, `recreated`, `hidden`, `deleted`."""
    return _receipt(ReceiptStatus.POSTED, action, comment, why)


def skipped(why: str, comment: Comment | None = None) -> Receipt:
    """Nothing was written, on purpose; `comment` is the one that stays as it is."""
    return _receipt(ReceiptStatus.SKIPPED, "skipped", comment, why)


def failed_comment(error: GitHubError) -> Receipt:
    """The receipt for a comment that could not be posted."""
    return _refused(ReceiptStatus.FAILED, "failed", error)


def read_only_fork(error: GitHubError) -> Receipt:
    """A fork's token may only read: expected, told with what to do, and no failure (threat T44)."""
    return _refused(ReceiptStatus.SKIPPED, "skipped", error)


def _refused(status: ReceiptStatus, action: str, error: GitHubError) -> Receipt:
    return Receipt(_NAME, status, action, why=error.message, hint=error.hint, anchor=error.anchor)


def _receipt(status: ReceiptStatus, action: str, comment: Comment | None, why: str) -> Receipt:
    return Receipt(
        _NAME,
        status,
        action,
        why=why,
        comment_id=comment.id if comment else None,
        comment_url=comment.url if comment else "",
    )
