"""Mode `collect`: the reports of many jobs become one comment, one summary and one result.

The jobs' files may say what they like: facts, diagnosis and verdict are judged again here, links
go to this repository and this console only, and the rest is shown as text.
"""

from __future__ import annotations

from msgspec.structs import replace

from upshot.evidence import diagnose
from upshot.job import Job
from upshot.model import BackendName, Facts, NoAnswer, ReasonCode
from upshot.model.stamp import UNKNOWN_STACK, clean_id
from upshot.modes.joined.join import name_of
from upshot.modes.joined.publish import publish_joined
from upshot.modes.joined.stored import Stored, read_reports
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.report import ReportMaker
from upshot.report.content import Report, map_texts
from upshot.result.run_result import RunResult
from upshot.verdict.decide import decide


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Reads, judges, joins and publishes. Finding no report is a warning."""
    found = read_reports(job.inputs.subject.reports_folder)
    if found.refused:
        job.warnings.degraded(
            None,
            f"{found.refused} of the reports in 'reports-folder' cannot be used.",
            hint="Upload the folder 'upshot' of each job as it is, written by the same version.",
        )
    if found.reports or found.refused_places:
        adopted = [_adopt(job, stored) for stored in found.reports]
        adopted += [_unreadable(job, place) for place in found.refused_places]
        return publish_joined(
            job, adopted, lookup.result, maker=ReportMaker(job), is_annotated=True
        )
    job.warnings.degraded(
        ReasonCode.NO_EVIDENCE,
        "'reports-folder' holds no report of another job.",
        hint="Did actions/download-artifact run before this step, with the same path?",
    )
    return RunResult(
        reason_code=ReasonCode.NO_EVIDENCE, run=job.event.run, duration_s=job.duration_s
    )


def _unreadable(job: Job, place: str) -> tuple[str, Report]:
    """A row for a report that cannot be read: what happened to that stack is not known."""
    facts = Facts(is_incomplete=True)
    report = Report(
        facts=facts,
        diagnosis=diagnose(facts),
        reply=NoAnswer(BackendName.LOCAL),
        verdict=decide(facts, policy=job.inputs.policy),
        run=job.event.run,
        notices=("The report of this job cannot be read: what happened is not known.",),
        made_at=job.clock.now(),
    )
    return clean_id(f"{UNKNOWN_STACK}/{job.redactor.redact(place)}"), report


def _adopt(job: Job, stored: Stored) -> tuple[str, Report]:
    """The report as one of our own: judged by our rules, linked to our places only."""
    report = stored.report
    run, subject = job.event.run, report.subject
    if subject is not None and subject.console != job.console:
        subject = replace(subject, console="")
    facts = replace(report.facts, links=())
    report = replace(
        report,
        facts=facts,
        diagnosis=diagnose(facts),
        verdict=decide(facts, report.reply, policy=job.inputs.policy),
        subject=subject,
        run=replace(
            run,
            run_id=report.run.run_id or run.run_id,
            run_attempt=report.run.run_attempt or "1",
            sha=report.run.sha or run.sha,
        ),
    )
    redact = job.redactor.redact
    report = map_texts(report, redact)  # its name becomes a heading, a marker and an output
    return name_of(report) or clean_id(f"{UNKNOWN_STACK}/{redact(stored.place)}"), report
