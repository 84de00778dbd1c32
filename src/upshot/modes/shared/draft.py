"""The comment's draft: a report with its marker, ready to stand alone or among other stacks' reports."""

from __future__ import annotations

from typing import Final

from upshot.inputs.choices import CommentMode, NotifyOn
from upshot.job import Job
from upshot.model import Section
from upshot.publish.comment.marker import Marker, build_marker, clean_id, next_history
from upshot.publish.comment.plan import Draft, Share, is_due
from upshot.publish.comment.sections import UNKNOWN_STACK, find_section
from upshot.publish.comment.thread import Comment, Thread
from upshot.report.cells import build_cells
from upshot.report.content import Report
from upshot.report.history import render_change, render_history
from upshot.report.render import Rendered, Renderer
from upshot.report.rollup import assemble

_SHORT_DIGEST: Final = 16
"""Characters: a comment of many stacks has one for each."""
_WITHOUT_HISTORY: Final = {CommentMode.NEW, CommentMode.APPEND, CommentMode.OFF}
"""Earlier reports can be read in the conversation itself."""


class Drafter:
    """Renders one report for the comment, with what the conversation held when it was read."""

    def __init__(self, job: Job, report: Report, thread: Thread | None) -> None:
        self._inputs = job.inputs
        self._report = report
        stack = report.subject.stack if report.subject else report.facts.stack
        self._stack = str(stack or "")
        self._started_at = job.started_at
        self._comments = thread.comments if thread else ()
        self._latest = thread.latest if thread else None

    def render(self, renderer: Renderer) -> Rendered:
        """The comment's text, with the earlier runs that our comment knows of."""
        history = ""
        latest = self._latest
        if latest and self._inputs.publish.comment_mode not in _WITHOUT_HISTORY:
            # The marker of another stack's comment, or of a shared one, is not about this stack.
            is_ours = latest.marker.stack == clean_id(self._stack)
            past = next_history(latest.marker, self._marker("")) if is_ours else ()
            history = render_history(past, self._report.run)
        return renderer.comment(self._report, history=history)

    def draft(self, comment: Rendered) -> Draft:
        """What `publish_comment` needs; it decides whether the comment is shared."""
        report, publish = self._report, self._inputs.publish
        status = report.verdict.status
        marker = self._marker(comment.digest[:_SHORT_DIGEST])
        return Draft(
            comment.text,
            marker,
            is_due=is_due(publish.comment_on, status, has_changes=report.facts.has_changes),
            notice=self._notice() if publish.notify_on is NotifyOn.VERDICT_CHANGE else "",
            share=Share(_section(marker, report, comment.text), assemble),
        )

    def _marker(self, digest: str) -> Marker:
        report = self._report
        return build_marker(
            report.run,
            key=self._inputs.publish.comment_key,
            started=self._started_at,
            verdict=report.verdict.status.value,
            digest=digest,
            conversation=report.reply.conversation_id,
            task=report.reply.task_id,
            stack=self._stack,
        )

    def _notice(self) -> str:
        """One line when our last report had another verdict; the publisher checks that again."""
        before = _verdict_before(self._comments, self._latest, self._stack)
        url = self._latest.url if self._latest else ""
        return render_change(self._report, before, url=url)


def _verdict_before(comments: tuple[Comment, ...], latest: Comment | None, stack: str) -> str:
    section = find_section((comment.body for comment in comments), stack or UNKNOWN_STACK)
    if section is not None:
        return section.verdict
    return latest.marker.verdict if latest and latest.marker.stack == clean_id(stack) else ""


def _section(marker: Marker, report: Report, text: str) -> Section:
    return Section(
        stack=marker.stack or UNKNOWN_STACK,
        run=marker.run,
        attempt=marker.attempt,
        sha=marker.sha,
        started=marker.started,
        verdict=marker.verdict,
        digest=marker.digest,
        cells=build_cells(report),
        text=text,
        conversation=marker.conversation,
        task=marker.task,
    )
