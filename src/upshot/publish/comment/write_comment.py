"""Single writes to a conversation, and the receipts for them.

Creates without ever making two comments, changes, minimizes and deletes. What is to be written is
decided elsewhere (`plan`, `matrix`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.model import Receipt, ReceiptStatus
from upshot.publish.comment.marker import Kind, Marker, find_marker, render_marker, seal, split_body
from upshot.publish.comment.sections import defuse
from upshot.publish.comment.thread import IssueComment, OwnComment, Thread, from_rest, read_thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt

LONGEST_BODY: Final = 65_536
"""Code points and UTF-16 units: the smaller of two readings of GitHub's limit."""
_BETWEEN: Final = "\n\n<!-- upshot-entry -->\n\n---\n\n"
_ENTRIES_BUDGET: Final = 60_000
"""Code points; leaves room for the marker."""
_MOST_CREATES: Final = 3
_PAUSE_S: Final = 1.0
_MARGIN_S: Final = 60.0
_NAME: Final = "comment"

_HIDE: Final = """\
mutation Hide($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) {
    minimizedComment { isMinimized }
  }
}
"""


def compose_body(text: str, marker: Marker) -> str:
    """Marker and text. Raises GitHubError when GitHub would refuse it for its length."""
    body = f"{render_marker(replace(marker, seal=seal(text)))}\n\n{text}"
    if len(body.encode("utf-16-le", "replace")) // 2 > LONGEST_BODY:
        raise GitHubError(
            "The comment is longer than GitHub allows",
            hint="Give some of the stacks another 'comment-key', or join all of them in one job "
            "with mode 'collect'.",
        )
    return body.encode("utf-8", "replace").decode()


def append_entry(body: str, text: str) -> str:
    """`comment-mode: append`: the text of a comment with one more report below the earlier ones.

    `body` is the comment as it stands. The oldest reports are dropped when there is no room.
    """
    earlier = split_body(body).replace("\r\n", "\n").split(_BETWEEN)
    entries = [*earlier, defuse(text)]
    while len(entries) > 1 and len(_BETWEEN.join(entries)) + len(_BETWEEN) > _ENTRIES_BUDGET:
        del entries[0]
    return _BETWEEN.join(entries)


def create_comment(github: GitHub, thread: Thread, body: str) -> IssueComment:
    """Creates a comment. When the answer is lost, looks for the comment before it tries again (T43).

    A comment that was found that way has id and address only. Raises GitHubError.
    """
    path = f"issues/{thread.number}/comments"
    for tries in range(1, _MOST_CREATES + 1):
        try:
            return _read_made(github.post(path, {"body": body}, doing="create the comment"))
        except InDoubt:
            github.clock.sleep(min(_PAUSE_S * tries, github.deadline.remaining_s()))
            found = _find_made(github, thread, body)
            if found:
                return found
            if tries == _MOST_CREATES:
                raise
    raise AssertionError  # the loop returns or raises


def find_rival(
    github: GitHub, thread: Thread, made: IssueComment, marker: Marker
) -> OwnComment | None:
    """The comment that another job created for the same key while we created `made`.

    Of two such comments the older one stays, so None when that is ours. Every job looks after it
    has created: of any two creators the later one sees the comment of the first.
    """
    known = {comment.id for comment in thread.comments}
    for comment in _read_ours(github, thread, made, marker.key):
        is_alike = (comment.marker.key, comment.marker.kind) == (marker.key, marker.kind)
        if is_alike and comment.id not in known and comment.id < made.id:
            return comment
    return None


def update_comment(github: GitHub, comment_id: int, body: str, *, stale_at_s: float) -> None:
    """Replaces a comment's text. Raises GitHubError; status 404 or 410 when it is gone.

    Raises Outdated when it failed and the clock shows `stale_at_s` (monotonic) or more.
    """
    path = f"issues/comments/{comment_id}"
    github.patch(path, {"body": body}, doing="update the comment", stale_at_s=stale_at_s)


def update_comment_once(github: GitHub, comment_id: int, body: str) -> None:
    """As `update_comment`, sent a single time. Raises InDoubt when GitHub may have done it."""
    github.patch_once(f"issues/comments/{comment_id}", {"body": body}, doing="update the comment")


def delete_comment(github: GitHub, comment_id: int) -> None:
    """Takes back the second comment that this job has created. Raises GitHubError."""
    github.delete(f"issues/comments/{comment_id}", doing="delete the second comment")


def post_notice(github: GitHub, thread: Thread, text: str, marker: Marker) -> str:
    """The short line of `notify-on: verdict-change`, since an edit of the report notifies no one.

    Replaces the stack's earlier line; `marker` is the report's. Returns an error message, or "".
    """
    marker = replace(marker, kind=Kind.NOTE, history=(), digest="")
    try:
        create_comment(github, thread, compose_body(text, marker))
    except GitHubError as error:
        return error.message
    earlier = tuple(c for c in thread.of_kind(Kind.NOTE) if c.marker.stack == marker.stack)
    return clean_up(github, delete=earlier)


def clean_up(
    github: GitHub, *, delete: tuple[OwnComment, ...] = (), hide: tuple[OwnComment, ...] = ()
) -> str:
    """Deletes or minimizes replaced comments; returns an error message, or ""."""
    try:
        for comment in delete:
            github.delete(f"issues/comments/{comment.id}", doing="delete an earlier comment")
        for comment in hide:
            variables = {"id": comment.node_id}
            doing = "hide an earlier comment"
            data = github.graphql(_HIDE, variables, doing=doing, is_write=True)
            if not data.get("minimizeComment"):
                return "GitHub refused to hide an earlier comment"
    except GitHubError as error:
        return error.message
    return ""


def posted(
    action: str, comment: IssueComment | OwnComment | None, *, why: str = "", missed: str = ""
) -> Receipt:
    """`action` is one of `created`, `updated`, `unchanged`, `recreated`, `hidden`, `deleted`."""
    return _receipt(ReceiptStatus.POSTED, action, comment, why, missed)


def skipped(why: str, comment: OwnComment | None = None) -> Receipt:
    """Nothing was written, on purpose; `comment` is the one that was left alone."""
    return _receipt(ReceiptStatus.SKIPPED, "skipped", comment, why)


def failed(error: GitHubError, status: ReceiptStatus = ReceiptStatus.FAILED) -> Receipt:
    """The receipt for a comment that could not be posted, with what to do about it."""
    return Receipt(
        _NAME,
        status,
        "failed" if status is ReceiptStatus.FAILED else "skipped",
        why=error.message,
        hint=error.hint,
        anchor=error.anchor,
    )


def _receipt(
    status: ReceiptStatus,
    action: str,
    comment: IssueComment | OwnComment | None,
    why: str,
    missed: str = "",
) -> Receipt:
    return Receipt(
        _NAME,
        status,
        action,
        why=why,
        missed=missed,
        comment_id=comment.id if comment else None,
        comment_url=comment.url if comment else "",
    )


def _read_made(data: Any) -> IssueComment:
    made = from_rest(data)
    if made is None or not made.id:
        raise InDoubt("GitHub's answer to the new comment cannot be read")
    return made


def _find_made(github: GitHub, thread: Thread, body: str) -> IssueComment | None:
    """Our comment, if GitHub executed the create that seemed to fail."""
    marker = find_marker(body)
    known = {comment.id for comment in thread.comments}
    if marker is None:
        return None
    for comment in read_thread(github, thread.number, key=marker.key).comments:
        if comment.id not in known and comment.marker == marker:
            return IssueComment(comment.id, comment.url)
    return None


def _read_ours(
    github: GitHub, thread: Thread, made: IssueComment, key: str
) -> Sequence[OwnComment]:
    """Comments by the author of `made`, lowest id first; none where GitHub cannot be read.

    Where the answer to the create was lost, GitHub has not said who the author is: then the whole
    conversation is read again.
    """
    try:
        if made.author_id is None:
            return read_thread(github, thread.number, key=key).comments
        found = _read_since(github, thread, made)
    except GitHubError:
        return ()  # the next run looks again
    return [
        OwnComment.of(comment, marker)
        for comment in found
        if comment.author_id == made.author_id and (marker := find_marker(comment.body))
    ]


def _read_since(github: GitHub, thread: Thread, made: IssueComment) -> list[IssueComment]:
    """Comments touched since the thread was read: the first and the last page, mostly the same."""
    path = f"issues/{thread.number}/comments"
    doing = "look for another job's comment"
    since = _since(made.created_at, github.clock.monotonic() - thread.read_at_s)
    found, last = github.get_page(path, 1, doing=doing, **since)
    if last > 1:
        found += github.get_page(path, last, doing=doing, **since)[0]
    return [comment for comment in map(from_rest, found) if comment and comment.id]


def _since(created_at: str, elapsed_s: float) -> dict[str, str]:
    """By GitHub's own clock: when the comment was created, less the time since the reading."""
    try:
        created = datetime.fromisoformat(created_at).astimezone(UTC)
    except ValueError:
        return {}
    earlier = created - timedelta(seconds=elapsed_s + _MARGIN_S)
    return {"since": earlier.strftime("%Y-%m-%dT%H:%M:%SZ")}
