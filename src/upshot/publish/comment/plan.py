"""Decides what to do with our comment, from the conversation and the new report. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.inputs.choices import CommentMode, CommentOn
from upshot.model import Section, Stamp, VerdictStatus
from upshot.model.stamp import clean_id
from upshot.publish.comment.marker import Kind, Marker, is_newer
from upshot.publish.comment.sections import Assemble, is_placeholder, wrap_section
from upshot.publish.comment.thread import OwnComment, Thread

_SHARING: Final = {CommentMode.UPDATE, CommentMode.RECREATE, CommentMode.HIDE_AND_NEW}
_NOT_DUE: Final = "'comment-on' asks for no comment about this"


class Step(StrEnum):
    SKIP = "skip"
    KEEP = "keep"
    UPDATE = "update"
    CREATE = "create"
    HIDE = "hide"


class Plan(Struct, frozen=True):
    """One step on `target`, then the clean-up."""

    step: Step
    why: str = ""
    target: OwnComment | None = None
    """The comment to keep or update, or the newer one that is left alone."""
    delete: tuple[OwnComment, ...] = ()
    hide: tuple[OwnComment, ...] = ()


class Share(Struct, frozen=True):
    """What a report becomes when jobs of other stacks use the same `comment-key`."""

    section: Section
    """The report as one of many, under the name of its stack."""
    assemble: Assemble
    others: tuple[Section, ...] = ()
    """More sections of the same report, which is about several stacks."""
    text: str = ""
    """Of such a report: the whole comment while no one else writes to it, its sections wrapped."""

    @property
    def sections(self) -> tuple[Section, ...]:
        return (self.section, *self.others)


class Draft(Struct, frozen=True):
    """A finished report, ready to be posted."""

    text: str
    """Finished Markdown, at most 60,000 code points, without marker."""
    marker: Marker
    """Of this run (`build_marker`); the publisher fills in kind, seal and history."""
    is_due: bool = True
    """Whether `comment-on` asks for a comment (`is_due`); an existing one is updated anyway."""
    notice: str = ""
    """One finished line, posted when an update changes the verdict; empty for none."""
    share: Share | None = None
    """None: the comment is only for this report, even if other jobs write too (`mode: collect`)."""


def is_due(comment_on: CommentOn, status: VerdictStatus, *, has_changes: bool | None) -> bool:
    """Whether a report is worth a new comment. `has_changes` None (unknown) counts as changes."""
    went_wrong = status in {VerdictStatus.FAILED, VerdictStatus.CANCELLED}
    if comment_on is CommentOn.FAILURE:
        return went_wrong
    if comment_on is CommentOn.CHANGES:
        return went_wrong or (status is not VerdictStatus.NO_CHANGES and has_changes is not False)
    return True


def make_plan(mode: CommentMode, draft: Draft, thread: Thread) -> Plan:
    """The one step for this mode and conversation.

    Hidden sticky comments are history, unless there are only hidden ones. Of several visible ones
    the oldest counts, the others are duplicates (threat T43). A newer run's report is left alone.
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
    draft: Draft, sticky: tuple[OwnComment, ...], visible: tuple[OwnComment, ...], head_sha: str
) -> Plan | None:
    """The plan if nothing is to be written, with the reason."""
    for comment in sticky:
        if is_newer(comment.marker, draft.marker, head_sha=head_sha):
            return Plan(Step.SKIP, "the comment is about a newer run already", comment)
    if visible and is_same(visible[0], draft.marker):
        return Plan(Step.KEEP, "the report has not changed", visible[0], delete=visible[1:])
    if not visible and not draft.is_due:
        return Plan(Step.SKIP, _NOT_DUE)
    return None


def _plan_write(
    mode: CommentMode,
    draft: Draft,
    sticky: tuple[OwnComment, ...],
    visible: tuple[OwnComment, ...],
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


def is_same(comment: OwnComment, marker: Marker) -> bool:
    """Whether a comment holds this report for this commit, and no one has edited it."""
    theirs = comment.marker
    return (
        bool(marker.digest)
        and (theirs.digest, theirs.sha) == (marker.digest, marker.sha)
        and comment.is_untouched
    )


def _plan_log(draft: Draft, log: tuple[OwnComment, ...]) -> Plan:
    """A comment for each run; for one that is not due only if the verdict has changed."""
    last = log[-1] if log else None
    if last and is_same(last, draft.marker):
        return Plan(Step.KEEP, "the report has not changed", last)
    if draft.is_due or (last and last.marker.verdict != draft.marker.verdict):
        return Plan(Step.CREATE)
    return Plan(Step.SKIP, _NOT_DUE)


def own_text(mode: CommentMode, draft: Draft) -> str:
    """The text of a comment with this report only, to which other stacks' reports can be added."""
    if draft.share is None or mode not in _SHARING:
        return draft.text
    return draft.share.text or wrap_section(replace(draft.share.section, text=draft.text))


def stamps_of(mode: CommentMode, draft: Draft) -> tuple[Stamp, ...]:
    """This report's stamps as its comment keeps them, at least one."""
    return (draft.marker,) if draft.share is None or mode not in _SHARING else draft.share.sections


def is_shared(mode: CommentMode, draft: Draft, thread: Thread) -> bool:
    """Whether the comment holds reports of other stacks, which must be kept."""
    if draft.share is None or mode not in _SHARING:
        return False
    own = {clean_id(section.stack) for section in draft.share.sections}
    return any(
        section.stack not in own and not is_placeholder(section, draft.marker)
        for comment in thread.of_kind(Kind.STICKY)
        if not comment.is_hidden
        for section in comment.sections
    )
