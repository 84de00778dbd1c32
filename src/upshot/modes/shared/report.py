"""From a case and a reply to a published report.

The verdict is decided, the report built, rendered for each place and handed to the publishers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from upshot.evidence import diagnose
from upshot.job import Job
from upshot.model import Receipt, Reply, Run
from upshot.model.stamp import UNKNOWN_STACK
from upshot.modes.shared.announced import announced, document_of
from upshot.modes.shared.draft import Drafter
from upshot.modes.shared.finish import finish, publish_everywhere
from upshot.modes.shared.gather import Case
from upshot.publish.comment.publish import publish_comment
from upshot.publish.interface import Publication, PullRequestContext, StackFacts
from upshot.report.announcement.build import announce_report
from upshot.report.build import RunContext, build_report
from upshot.report.content import Report
from upshot.report.render import Rendered, Renderer
from upshot.result.run_result import RunResult
from upshot.verdict.decide import decide
from upshot.verdict.gaps import describe_gap
from upshot.verdict.health import is_well
from upshot.workspace import read_text

_TEMPLATE_LIMIT_BYTES: Final = 262_144
"""More than enough for the 64,000 characters that a template may have."""
_FOREIGN: Final = (
    "'template-file' was not used: on a pull request from a fork the workspace is the fork's."
)


class Pages(NamedTuple):
    """The report, rendered for its two places."""

    comment: Rendered
    summary: Rendered
    answer: str = ""
    """The AI's text as both places show it."""

    @property
    def is_truncated(self) -> bool:
        return self.comment.truncated or self.summary.truncated


def publish_report(job: Job, case: Case, reply: Reply, context: PullRequestContext) -> RunResult:
    """Publishes everything but the outputs, which `__main__` sets last."""
    maker = ReportMaker(job)
    report, drafter, pages = maker.make(case, reply, context)
    if pages.comment.notices:  # a faulty template: the report says so, and uses ours
        maker.drop_template(pages.comment.notices)
        report, drafter, pages = maker.make(case, reply, context)
    publication = Publication(
        facts=report.facts,
        verdict=report.verdict,
        run=report.run,
        summary=pages.summary.text,
        draft=drafter.draft(pages.comment),
        is_waiting=report.reply.task_status.is_open,
        is_well=is_well(report.facts, report.verdict),
        verdict_before=drafter.verdict_before,
        announcement=announced(job, lambda: announce_report(report)),
        document=lambda receipts: document_of(job, report, pages.answer, receipts),
        stacks=(StackFacts(str(case.stack or case.job or UNKNOWN_STACK), report.facts),),
    )
    receipts = publish_everywhere(job, publication, context)
    return finish(
        job,
        report,
        receipts=receipts,
        summary=pages.summary.text,
        answer=pages.answer,
        is_truncated=pages.is_truncated,
        stored=[report],
    )


def show_progress(
    job: Job, case: Case, reply: Reply, context: PullRequestContext
) -> Receipt | None:
    """The comment while an AI works; what was done to it, None where it is not written.

    A fault of GitHub's that lasts is reported at the end.
    """
    if context.github is None or context.pull_request is None or context.fault is not None:
        return None
    maker = ReportMaker(job)
    report = maker.build(case, reply, context)
    drafter = Drafter(job, report, context.thread)
    draft = drafter.draft(drafter.render(maker.renderer().open(report)))
    mode = job.inputs.publish.comment_mode
    receipt = publish_comment(
        context.github, context.pull_request, draft, mode=mode, thread=context.thread
    )
    return receipt if receipt.action in {"created", "updated"} else None


def run_of(job: Job, context: PullRequestContext) -> Run:
    """This run, with the commit that only the look-up of the pull request could find."""
    run, pull = job.event.run, context.pull_request
    return replace(run, sha=pull.head_sha) if pull and not run.sha else run


class ReportMaker:
    """Builds and renders the reports of one job, with the user's template while it works."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._template = _read_template(job)

    def make(
        self, case: Case, reply: Reply, context: PullRequestContext
    ) -> tuple[Report, Drafter, Pages]:
        report = self.build(case, reply, context)
        drafter = Drafter(self._job, report, context.thread, asked=case.asked)
        rendering = self.renderer().open(report)
        pages = Pages(drafter.render(rendering), rendering.summary(), rendering.answer)
        return report, drafter, pages

    def build(self, case: Case, reply: Reply, context: PullRequestContext) -> Report:
        """The facts, the offline diagnosis, the verdict and the reply, redacted."""
        job = self._job
        return build_report(
            case.facts,
            diagnose(case.facts),
            reply=reply,
            verdict=decide(case.facts, reply, policy=job.inputs.policy),
            subject=case.subject,
            context=RunContext(
                run=run_of(job, context),
                made_at=job.clock.now(),
                notices=(
                    *case.notices,
                    *filter(None, [describe_gap(case.facts)]),
                    *job.warnings.notices,
                ),
                looked_at=case.looked_at,
                question=job.inputs.ask.prompt if job.inputs.mode == "ask" else "",
            ),
            redactor=job.redactor,
        )

    def renderer(self) -> Renderer:
        return Renderer(redactor=self._job.redactor, template=self._template)

    def drop_template(self, faults: Sequence[str]) -> None:
        """Ours is used from now on, if there are faults."""
        for fault in faults:
            self._template = ""
            self._job.warnings.degraded(None, fault, anchor="template")


def _read_template(job: Job) -> str:
    """The text of `template-file`; empty, with a warning, where ours must stand in."""
    path = job.inputs.publish.template_file
    if not path:
        return ""
    if job.event.is_checkout_foreign:
        job.warnings.remark(_FOREIGN, anchor="template")
        return ""
    try:
        return read_text(path, limit_bytes=_TEMPLATE_LIMIT_BYTES)
    except OSError as fault:
        why = fault.strerror or str(fault)
        job.warnings.degraded(None, f"'template-file' cannot be read: {why}", anchor="template")
        return ""
