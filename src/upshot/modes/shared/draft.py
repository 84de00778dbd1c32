"""The comment's draft: a report with its marker, ready to stand alone or among other stacks' reports."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.inputs.choices import CommentMode, NotifyOn
from upshot.job import Job
from upshot.model import Reply, Section, Stamp, VerdictStatus
from upshot.model.stamp import fields_of, is_id
from upshot.modes.asking.earlier import is_repeatable
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft, Share, is_due
from upshot.publish.comment.sections import find_section
from upshot.publish.comment.thread import OwnComment, Thread
from upshot.report.cells import build_cells
from upshot.report.content import Report
from upshot.report.history import render_change, render_history
from upshot.report.markdown.quote import place_of
from upshot.report.render import Rendered, Rendering
from upshot.report.rollup import assemble

_MOST_PROPOSALS: Final = 10
"""As many as a report shows."""
_SHORT_DIGEST: Final = 16
"""Characters: a comment of many stacks has one for each."""
_WITHOUT_HISTORY: Final = {CommentMode.NEW, CommentMode.APPEND, CommentMode.OFF}
"""Earlier reports can be read in the conversation itself."""


class Drafter:
    """Renders one report for the comment, with what the conversation held when it was read."""

    def __init__(self, job: Job, report: Report, thread: Thread | None, *, asked: str = "") -> None:
        """`asked` is the digest of what an AI was asked, for the next run (`asking.earlier`)."""
        self._inputs = job.inputs
        self._unknown = job.unknown_stack
        self._report = report
        stack = report.subject.stack if report.subject else report.facts.stack
        self._stamp = Stamp(
            stack=str(stack or ""),
            run=report.run.run_id,
            attempt=report.run.attempt,
            sha=report.run.sha,
            started=int(job.started_at),
            verdict=report.verdict.status.value,
            conversation=report.reply.conversation_id,
            task=report.reply.task_id,
            proposals=_shown_proposals(report.reply),
            labels=labels_of(job, report),
        ).clean()
        self._asked = asked if is_repeatable(report.reply) else ""
        self._comments = thread.comments if thread else ()
        self._latest = thread.latest if thread else None

    def render(self, rendering: Rendering) -> Rendered:
        """The comment's text, with the earlier runs that our comment knows of."""
        history = ""
        latest = self._latest
        if latest and self._inputs.publish.comment_mode not in _WITHOUT_HISTORY:
            history = render_history(latest.runs_before(self._stamp), self._report.run)
        return self.remember(rendering, rendering.comment(history=history))

    def remember(self, rendering: Rendering, comment: Rendered) -> Rendered:
        """Keeps where the AI's answer stands in the comment, for the next run."""
        said = place_of(rendering.shown_answer, comment.text) if self._asked else ""
        self._stamp = replace(self._stamp, asked=self._asked if said else "", said=said)
        return comment

    def draft(self, comment: Rendered) -> Draft:
        """What `publish_comment` needs; it decides whether the comment is shared."""
        report, publish = self._report, self._inputs.publish
        status = report.verdict.status
        stamp = replace(self._stamp, digest=comment.digest[:_SHORT_DIGEST])
        section = Section(**fields_of(stamp), cells=build_cells(report), text=comment.text)
        return Draft(
            comment.text,
            build_marker(publish.comment_key, stamp),
            is_due=is_due(publish.comment_on, status, has_changes=report.facts.has_changes)
            and not self._is_about_nothing(),
            notice=self._notice() if self._is_news(status) else "",
            share=Share(replace(section, stack=stamp.stack or self._unknown), assemble),
        )

    @property
    def verdict_before(self) -> str:
        """What our comment says of this stack; empty where it says nothing."""
        stack = self._stamp.stack
        return _verdict_before(self._comments, self._latest, stack, unknown=self._unknown)

    def _is_about_nothing(self) -> bool:
        """A run of which no job ran Pulumi is no reason for a comment."""
        wanted = self._inputs.subject.log_from
        is_whole_run = wanted is not None and not wanted.job
        return is_whole_run and not self._report.facts.sources and self._report.subject is None

    def _is_news(self, status: VerdictStatus) -> bool:
        """Whether a change to this verdict is worth a comment of its own."""
        notify_on = self._inputs.publish.notify_on
        if notify_on is NotifyOn.FAILURE:
            return status is VerdictStatus.FAILED
        return notify_on is NotifyOn.VERDICT_CHANGE

    def _notice(self) -> str:
        """One line when our last report had another verdict; the publisher checks that again."""
        url = self._latest.url if self._latest else ""
        return render_change(self._report, self.verdict_before, url=url)


def labels_of(job: Job, *reports: Report) -> str:
    """What the reports say in labels, as a stamp keeps it; empty where the workflow wants none."""
    own = job.inputs.own.get("labels")
    if own is None or not own.is_on:
        return ""
    from upshot.verdict.labels import find_labels, write_labels  # few workflows want them

    found = [find_labels(one.facts, one.verdict, one.reply.task_status) for one in reports]
    return write_labels(frozenset().union(*found))


def _shown_proposals(reply: Reply) -> dict[str, str]:
    """Those that the report shows, and whose id is one that we can keep and a person can type."""
    asked = [request.id for request in reply.requests[:_MOST_PROPOSALS]]
    return {one: reply.proposals[one] for one in asked if one in reply.proposals and is_id(one)}


def _verdict_before(
    comments: tuple[OwnComment, ...], latest: OwnComment | None, stack: str, *, unknown: str
) -> str:
    sections = (section for comment in comments for section in comment.sections)
    section = find_section(sections, stack or unknown)
    if section is not None:
        return section.verdict
    return latest.marker.verdict if latest and latest.marker.stack == stack else ""
