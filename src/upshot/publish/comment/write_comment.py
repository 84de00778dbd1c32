"""Single writes to a conversation: create without ever making two, change, hide, delete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.lenient import as_int, as_text, look
from upshot.publish.comment.marker import Marker, find_marker, render_marker, seal
from upshot.publish.comment.thread import Comment, Thread, read_thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.faults import InDoubt

LONGEST_BODY: Final = 65_536
"""Code points and UTF-16 units: the smaller of two readings of GitHub's limit."""
_MOST_CREATES: Final = 3
_PAUSE_S: Final = 1.0
_MARGIN_S: Final = 60.0

_HIDE: Final = """\
mutation Hide($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) {
    minimizedComment { isMinimized }
  }
}
"""


class Made(Struct, frozen=True):
    """A comment as GitHub's REST API described it when we created it."""

    id: int
    url: str
    created_at: str = ""
    author_id: int | None = None


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


def create_comment(github: GitHub, thread: Thread, body: str) -> Made:
    """Creates a comment; when the answer is lost, looks for it before it tries again (T43).

    Raises GitHubError.
    """
    path = f"issues/{thread.number}/comments"
    for tries in range(1, _MOST_CREATES + 1):
        try:
            return _made(github.post(path, {"body": body}, doing="create the comment"))
        except InDoubt:
            github.clock.sleep(min(_PAUSE_S * tries, github.deadline.remaining_s()))
            found = _find_made(github, thread, body)
            if found:
                return found
            if tries == _MOST_CREATES:
                raise
    raise AssertionError  # the loop returns or raises


def find_rival(github: GitHub, thread: Thread, made: Made, marker: Marker) -> Comment | None:
    """The comment that another job created for the same key while we created ours.

    The older of two is the one that stays: None when that is ours. Everybody looks after creating,
    so of any two creators the later one sees the first.
    """
    known = {comment.id for comment in thread.comments} | {made.id}
    if made.author_id is None:
        return None
    for item in _read_since(github, thread, made):
        if not isinstance(item, dict) or not isinstance(item.get("user"), dict):
            continue
        theirs = find_marker(body) if isinstance(body := item.get("body"), str) else None
        if (
            theirs
            and (theirs.key, theirs.kind) == (marker.key, marker.kind)
            and item["user"].get("id") == made.author_id
            and isinstance(item.get("id"), int)
            and item["id"] not in known
            and item["id"] < made.id
        ):
            return Comment(
                item["id"],
                str(item.get("node_id") or ""),
                str(item.get("html_url") or ""),
                str(item["body"]),
                is_hidden=False,
                marker=theirs,
            )
    return None


def update_comment(github: GitHub, comment_id: int, body: str, *, stale_at_s: float) -> None:
    """Replaces a comment's text. Raises GitHubError; status 404 or 410 when it is gone.

    Raises Outdated when it failed and the clock shows `stale_at_s` (monotonic) or more.
    """
    path = f"issues/comments/{comment_id}"
    github.patch(path, {"body": body}, doing="update the comment", stale_at_s=stale_at_s)


def update_comment_once(github: GitHub, comment_id: int, body: str) -> None:
    """As `update_comment`, sent a single time. Raises InDoubt when it may have been done."""
    github.patch_once(f"issues/comments/{comment_id}", {"body": body}, doing="update the comment")


def tidy(
    github: GitHub, *, delete: tuple[Comment, ...] = (), hide: tuple[Comment, ...] = ()
) -> str:
    """Removes or folds what has been replaced; the complaint when that failed, else empty."""
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


def _find_made(github: GitHub, thread: Thread, body: str) -> Made | None:
    """Our comment, if the create that seemed to fail was done."""
    marker = find_marker(body)
    known = {comment.id for comment in thread.comments}
    if marker is None:
        return None
    for comment in read_thread(github, thread.number, key=marker.key).comments:
        if comment.id not in known and comment.marker == marker:
            return Made(comment.id, comment.url)
    return None


def _read_since(github: GitHub, thread: Thread, made: Made) -> list[Any]:
    """Comments touched since we looked: the first and the last page, mostly the same one."""
    path = f"issues/{thread.number}/comments"
    doing = "look for another job's comment"
    since = _since(made.created_at, github.clock.monotonic() - thread.read_at_s)
    try:
        found, last = github.get_page(path, 1, doing=doing, **since)
        if last > 1:
            found += github.get_page(path, last, doing=doing, **since)[0]
    except GitHubError:
        return []  # the next run looks again
    return found


def _since(created_at: str, elapsed_s: float) -> dict[str, str]:
    """By GitHub's own clock: when the comment was created, less the time since we looked."""
    try:
        created = datetime.fromisoformat(created_at).astimezone(UTC)
    except ValueError:
        return {}
    earlier = created - timedelta(seconds=elapsed_s + _MARGIN_S)
    return {"since": earlier.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _made(data: Any) -> Made:
    if not isinstance(data, dict) or not isinstance(data.get("id"), int):
        raise InDoubt("GitHub's answer to the new comment cannot be read")
    return Made(
        data["id"],
        as_text(data.get("html_url")),
        as_text(data.get("created_at")),
        as_int(look(data, "user", "id")),
    )
