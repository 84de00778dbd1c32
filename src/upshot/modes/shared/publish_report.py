"""The telling: verdict, report, publishers, outputs; local ones first, remote ones last.

A publisher that fails is a warning and never stops the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from upshot.event import Event
from upshot.evidence import diagnose
from upshot.inputs import Inputs
from upshot.model import (
    NoAnswer,
    ReasonCode,
    Receipt,
    ReceiptStatus,
    Reply,
    Run,
    TaskState,
    TaskStatus,
)
from upshot.modes.job import Job
from upshot.modes.shared.draft import Drafter
from upshot.modes.shared.gather import Case
from upshot.modes.shared.lookup import PullRequestContext
from upshot.modes.shared.report_files import keep_files
from upshot.modes.shared.template import read_template
from upshot.modes.shared.told import Told
from upshot.publish.annotations import build_annotations, publish_annotations
from upshot.publish.comment.plan import Draft
from upshot.publish.comment.publish import publish_comment
from upshot.publish.comment.receipts import failed_comment, skipped
from upshot.publish.status import commit_state, post_status
from upshot.publish.summary import publish_summary
from upshot.report.build import build_report
from upshot.report.content import Report
from upshot.report.markdown.defang import defang_markdown
from upshot.report.render import Rendered, Renderer
from upshot.report.view import allowed_hosts
from upshot.result import Ending
from upshot.subject import build_update_url
from upshot.verdict import decide, decide_reason

_PULUMI_APP: Final = (
    "Pulumi's own GitHub App comments on this pull request, too. Its comments can be switched off in "
    "the settings of Pulumi Cloud's GitHub integration, ours by 'comment-mode: off'."
)
_WAITING = {TaskStatus.AWAITING_APPROVAL, TaskStatus.AWAITING_ANSWER, TaskStatus.RUNNING}


class Pages(NamedTuple):
    """The report, rendered for its two places."""

    comment: Rendered
    summary: Rendered

    @property
    def is_truncated(self) -> bool:
        return self.comment.truncated or self.summary.truncated


class ReportPublisher:
    """Tells one case; each method is one sink."""

    def __init__(self, inputs: Inputs, event: Event, job: Job) -> None:
        self._inputs = inputs
        self._event = event
        self._job = job
        self._template: str | None = None

    def tell(self, case: Case, reply: Reply, visit: PullRequestContext) -> Told:
        """Publishes everything but the outputs, which are the ladder's last word."""
        report = self.report(case, reply, visit)
        drafter = self._drafter(report, visit)
        pages = self.render(report, drafter)
        if pages.comment.notices:  # told in the report, too
            self.give_up_template(pages.comment.notices)
            report = self.report(case, reply, visit)
            drafter = self._drafter(report, visit)
            pages = self.render(report, drafter)
        receipts = (
            self.post_summary(pages.summary),
            self._annotations(report),
            self.post_comment(drafter.draft(pages.comment), visit),
            self.post_status(report, visit),
        )
        ending = self.ending(case, report, receipts=receipts, pages=pages)
        key = self._inputs.publish.comment_key
        ending = keep_files(ending, pages.summary.text, self._job, key=key, report=report)
        return Told(ending, bool(report.verdict.breaches))

    def show(self, case: Case, state: TaskState, visit: PullRequestContext) -> None:
        """The comment while a task runs; what goes wrong here is told at the end, if it lasts."""
        if visit.github is None or visit.pull_request is None or visit.fault is not None:
            return
        report = self.report(case, state, visit)
        drafter = self._drafter(report, visit)
        draft = drafter.draft(drafter.render(self.renderer()))
        mode = self._inputs.publish.comment_mode
        publish_comment(visit.github, visit.pull_request, draft, mode=mode, thread=visit.thread)

    def report(self, case: Case, reply: Reply, visit: PullRequestContext) -> Report:
        """What is to be told: the facts, the offline diagnosis, the verdict and the reply."""
        job, inputs = self._job, self._inputs
        self.renderer()  # what is wrong with the template is told in the report
        return build_report(
            case.facts,
            diagnose(case.facts),
            reply=reply,
            verdict=decide(case.facts, reply, policy=inputs.policy),
            subject=case.subject,
            run=self.run(visit),
            pull_request=visit.pull_request,
            redactor=job.redactor,
            now=job.clock.now(),
            notices=job.warnings.notices,
            backend_asked=inputs.ask.backend.value,
            looked_at=case.looked_at,
        )

    def render(self, report: Report, drafter: Drafter | None = None) -> Pages:
        renderer = self.renderer()
        comment = drafter.render(renderer) if drafter else renderer.comment(report)
        return Pages(comment, renderer.summary(report))

    def ending(
        self,
        case: Case,
        report: Report,
        *,
        receipts: Sequence[Receipt] = (),
        pages: Pages | None = None,
    ) -> Ending:
        """All that outputs and result tell; `receipts` are of the publishers so far."""
        job = self._job
        return Ending(
            verdict=report.verdict,
            reason_code=decide_reason(
                report.verdict,
                report.facts,
                is_subject_known=case.subject is not None,
                reply=report.reply,
                receipts=receipts,
                stopped=job.warnings.codes,
            ),
            run=report.run,
            facts=report.facts,
            diagnosis=report.diagnosis,
            reply=report.reply,
            subject=case.subject,
            update_url=build_update_url(case.subject) if case.subject else "",
            answer=self._answer(report),
            receipts=receipts,
            truncated=pages.is_truncated if pages else False,
            redacted_count=job.redactor.count,
            duration_s=job.clock.now() - job.started_at,
        )

    def post_summary(self, summary: Rendered) -> Receipt:
        if self._inputs.run.dry_run:
            self._job.log.untrusted(summary.text)
        if not self._inputs.publish.job_summary:
            return Receipt("summary", ReceiptStatus.SKIPPED, why="'job-summary' is off")
        path = self._job.env.get("GITHUB_STEP_SUMMARY", "")
        return self._heard(publish_summary(path, summary.text))

    def _annotations(self, report: Report) -> Receipt:
        if not self._inputs.publish.annotations:
            return Receipt("annotations", ReceiptStatus.SKIPPED, why="'annotations' is off")
        found = build_annotations(report.facts)
        workspace = self._job.workspace
        return publish_annotations(self._job.log, found, relative_path=workspace.relative_path)

    def post_comment(self, draft: Draft, visit: PullRequestContext) -> Receipt:
        if visit.fault is not None:
            return self._heard(failed_comment(visit.fault))
        if visit.github is None or visit.pull_request is None:
            return self._heard(skipped(self._why_nowhere(visit)))
        mode, thread = self._inputs.publish.comment_mode, visit.thread
        receipt = publish_comment(visit.github, visit.pull_request, draft, mode=mode, thread=thread)
        if receipt.action == "created" and thread is not None and thread.has_pulumi_app:
            self._job.log.notice(_PULUMI_APP, title="Upshot")
        return self._heard(receipt)

    def _why_nowhere(self, visit: PullRequestContext) -> str:
        if self._inputs.run.dry_run:
            return "'dry-run' is on"
        return "there is no pull request" if visit.github else "there is no GitHub token"

    def post_status(self, report: Report, visit: PullRequestContext) -> Receipt:
        context = self._inputs.publish.commit_status
        if not context or visit.github is None:
            return Receipt("status", ReceiptStatus.SKIPPED)
        is_waiting = isinstance(report.reply, TaskState) and report.reply.status in _WAITING
        status = f"Pulumi: {report.verdict.status}" + ("; a Neo task is not done" * is_waiting)
        receipt = post_status(
            visit.github,
            report.run.sha,
            context=context,
            state=commit_state(report.verdict, is_waiting=is_waiting),
            description="; ".join(report.verdict.breaches) or status,
            target_url=report.run.url,
        )
        return self._heard(receipt)

    def _heard(self, receipt: Receipt) -> Receipt:
        """A failed publisher is a warning; what it says is ours, and GitHub's status."""
        if receipt.status is ReceiptStatus.FAILED:
            code = ReasonCode.COMMENT_FAILED if receipt.publisher == "comment" else None
            notice = f"The {receipt.publisher} was not written: {receipt.why}"
            self._job.warnings.degraded(code, notice, hint=receipt.hint, anchor=receipt.anchor)
        elif receipt.hint:  # left out for a reason that somebody can mend
            notice = f"No {receipt.publisher}: {receipt.why}"
            self._job.warnings.degraded(None, notice, hint=receipt.hint, anchor=receipt.anchor)
        told = f"{receipt.publisher} {receipt.action or receipt.status}"
        is_explained = receipt.status is ReceiptStatus.SKIPPED and receipt.why and not receipt.hint
        self._job.log.info(f"{told}: {receipt.why}" if is_explained else told)
        return receipt

    def _drafter(self, report: Report, visit: PullRequestContext) -> Drafter:
        started_at = self._job.started_at
        return Drafter(self._inputs, report, started_at=started_at, thread=visit.thread)

    def renderer(self) -> Renderer:
        """With the user's template; ours stands in for one that cannot be used."""
        if self._template is None:
            self._template = read_template(self._inputs, self._event, self._job)
        return Renderer(redactor=self._job.redactor, template=self._template)

    def give_up_template(self, faults: Sequence[str]) -> None:
        """Ours is used from now on, if there are any."""
        for fault in faults:
            self._template = ""
            self._job.warnings.degraded(None, fault, anchor="template")

    def _answer(self, report: Report) -> str:
        """The model's words as the report shows them: no mention, image or foreign link in them."""
        text = "" if isinstance(report.reply, NoAnswer) else report.reply.text
        hosts = allowed_hosts(report)
        redact = self._job.redactor.redact
        return defang_markdown(text, allowed_hosts=hosts, redact=redact) if text else ""

    def run(self, visit: PullRequestContext) -> Run:
        """The run, with the commit that only the look-up of the pull request could tell."""
        run, pull = self._event.run, visit.pull_request
        return replace(run, sha=pull.head_sha) if pull and not run.sha else run
