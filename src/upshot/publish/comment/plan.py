"""What becomes of our comment, decided from what is there and what is to be said. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.inputs.choices import CommentMode, CommentOn
from upshot.model import Section, VerdictStatus
from upshot.model.stamp import clean_id
from upshot.publish.comment.marker import Kind, Marker, is_newer, seal, split_body
from upshot.publish.comment.sections import Assemble, is_placeholder, wrap_section
from upshot.publish.comment.thread import Comment, Thread

_SHARING: Final = {CommentMode.UPDATE, CommentMode.RECREATE, CommentMode.HIDE_AND_NEW}
_NOT_DUE: Final = "'comment-on' asks for no comment about this"


class Step(StrEnum):
    SKIP = "skip"
    KEEP = "keep"
    UPDATE = "update"
    CREATE = "create"
    HIDE = "hide"


class Plan(Struct, frozen=True):
    """One step, on `target`; then the tidying up."""

    step: Step
    why: str = ""
    target: Comment | None = None
    """The comment that is kept, updated, or stood in the way."""
    delete: tuple[Comment, ...] = ()
    hide: tuple[Comment, ...] = ()


class Share(Struct, frozen=True):
    """What a report becomes when jobs of other stacks use the same `comment-key`."""

    section: Section
    """The report as one of many; its stack tells it from the others."""
    assemble: Assemble


class Draft(Struct, frozen=True):
    """A finished report, ready to be posted."""

    text: str
    """Finished Markdown, at most 60,000 code points, without marker."""
    marker: Marker
    """Of this run (`build_marker`); seal and history are filled in."""
    is_due: bool = True
    """What `comment-on` says (`is_due`); an earlier comment is brought up to date all the same."""
    notice: str = ""
    """One finished line, posted when an update changes the verdict; empty for none."""
    share: Share | None = None
    """None: the comment is this report's alone, whatever other jobs do (`mode: collect`)."""


def is_due(comment_on: CommentOn, status: VerdictStatus, *, has_changes: bool | None) -> bool:
    """Whether a report is worth a new comment; when nobody knows, it is."""
    went_wrong = status in {VerdictStatus.FAILED, VerdictStatus.CANCELLED}
    if comment_on is CommentOn.FAILURE:
        return went_wrong
    if comment_on is CommentOn.CHANGES:
        return went_wrong or (status is not VerdictStatus.NO_CHANGES and has_changes is not False)
    return True


def make_plan(mode: CommentMode, draft: Draft, thread: Thread) -> Plan:
    """The one step for this mode and conversation.

    Sticky comments that are hidden are history, unless there is no other; several visible ones
    are duplicates of which the oldest counts (threat T43). A newer run's report is never touched.
    """
    if mode is CommentMode.OFF:
        return Plan(Step.SKIP, "'comment-mode' is 'off'")
    if mode is CommentMode.NEW:
        return _plan_log(draft, thread.of_kind(Kind.LOG))
    sticky = thread.of_kind(Kind.STICKY)
    visible = tuple(comment for comment in sticky if not comment.is_hidden)
    return _plan_none(draft, sticky, visible, thread.head_sha) or _plan_write(
        mode, draft, sticky, visible
    )


def _plan_none(
    draft: Draft, sticky: tuple[Comment, ...], visible: tuple[Comment, ...], head_sha: str
) -> Plan | None:
    """Why nothing is written, if so."""
    for comment in sticky:
        if is_newer(comment.marker, draft.marker, head_sha=head_sha):
            return Plan(Step.SKIP, "the comment tells about a newer run already", comment)
    if visible and is_same(visible[0], draft.marker):
        return Plan(Step.KEEP, "the report has not changed", visible[0], delete=visible[1:])
    if not visible and not draft.is_due:
        return Plan(Step.SKIP, _NOT_DUE)
    return None


def _plan_write(
    mode: CommentMode, draft: Draft, sticky: tuple[Comment, ...], visible: tuple[Comment, ...]
) -> Plan:
    if mode is CommentMode.HIDE_AND_NEW:
        return Plan(Step.CREATE if draft.is_due else Step.HIDE, hide=visible)
    if mode is CommentMode.RECREATE and draft.is_due:
        return Plan(Step.CREATE, delete=visible)
    if visible:
        return Plan(Step.UPDATE, target=visible[0], delete=visible[1:])
    if sticky:
        return Plan(Step.UPDATE, target=sticky[-1])
    return Plan(Step.CREATE)


def is_same(comment: Comment, marker: Marker) -> bool:
    """Whether a comment holds this very report for this commit, untouched by anybody else."""
    theirs = comment.marker
    return (
        bool(marker.digest)
        and (theirs.digest, theirs.sha) == (marker.digest, marker.sha)
        and theirs.seal == seal(split_body(comment.body))
    )


def _plan_log(draft: Draft, log: tuple[Comment, ...]) -> Plan:
    """A comment a run; one that is not due only says that the last one's verdict is gone."""
    last = log[-1] if log else None
    if last and is_same(last, draft.marker):
        return Plan(Step.KEEP, "the report has not changed", last)
    if draft.is_due or (last and last.marker.verdict != draft.marker.verdict):
        return Plan(Step.CREATE)
    return Plan(Step.SKIP, _NOT_DUE)


def own_text(mode: CommentMode, draft: Draft) -> str:
    """The text of a comment that holds this report only, ready to be joined by other stacks'."""
    if draft.share is None or mode not in _SHARING:
        return draft.text
    return wrap_section(replace(draft.share.section, text=draft.text))


def is_shared(mode: CommentMode, draft: Draft, thread: Thread) -> bool:
    """Whether the comment holds reports of other stacks, which must not be lost."""
    if draft.share is None or mode not in _SHARING:
        return False
    own = clean_id(draft.share.section.stack)
    return any(
        section.stack != own and not is_placeholder(section, draft.marker.run)
        for comment in thread.of_kind(Kind.STICKY)
        if not comment.is_hidden
        for section in comment.sections
    )
