"""The end of a run with a report: every publisher in turn, the files, the result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import json
from msgspec.structs import replace

from upshot.job import Job
from upshot.model import (
    ReasonCode,
    Receipt,
    ReceiptStatus,
)
from upshot.publish.interface import Publication, PullRequestContext
from upshot.registry import PUBLISHERS, load
from upshot.report.content import Report
from upshot.result.build import build_document
from upshot.result.run_result import RunResult
from upshot.runner.scratch import write_scratch
from upshot.runner.streams import print_traceback
from upshot.verdict.reason import decide_reason
from upshot.workspace import RESULT_FILE

_TITLES: Final = {
    "slack": "message to Slack was not sent",
    "teams": "message to Teams was not sent",
    "webhook": "result was not sent to the webhook",
}
"""How a publisher's failure is told where it writes nothing."""
REPORT_FILE: Final = "report.json"
"""What `mode: collect` reads: a `Report` as JSON."""


def publish_everywhere(
    job: Job,
    publication: Publication,
    context: PullRequestContext,
    *,
    names: Collection[str] = tuple(PUBLISHERS),
) -> tuple[Receipt, ...]:
    """One receipt for each publisher of the registry that the workflow uses, in its order."""
    for breach in publication.verdict.breaches:
        job.log.error(f"{breach}. 'fail-on' forbids it.", title="Upshot")
    receipts: list[Receipt] = []
    for name, spec in PUBLISHERS.items():
        if name not in names or (spec.own_inputs and name not in job.inputs.own):
            continue
        try:
            so_far = replace(publication, receipts=tuple(receipts))
            receipt: Receipt = load(spec.publish)(so_far, context, job)
        except Exception as bug:  # noqa: BLE001 - a publisher that fails never stops the next
            why = f"this is a bug in Upshot ({type(bug).__name__})"
            receipt = Receipt(name, ReceiptStatus.FAILED, "failed", why=why)
            with job.log.group("Traceback"):
                print_traceback(job.log, bug)
        receipts.append(receipt)
        note_receipt(job, receipt)
    return tuple(receipts)


def note_receipt(job: Job, receipt: Receipt) -> None:
    """A publisher that failed is a warning; its words are ours, and GitHub's status."""
    name = receipt.publisher
    if receipt.status is ReceiptStatus.FAILED:
        code = ReasonCode.COMMENT_FAILED if name == "comment" else None
        words = f"The {_TITLES.get(name, f'{name} was not written')}: {receipt.why}"
        job.warnings.degraded(code, words, hint=receipt.hint, anchor=receipt.anchor)
    elif receipt.missed:
        job.warnings.remark(
            f"The {name} was written, and what belongs to it was not done: {receipt.missed}.",
            hint="The workflow's author must act if every run says this: the token needs "
            "`pull-requests: write` to hide or delete earlier comments.",
            anchor="github",
        )
    elif receipt.hint:  # left out for a reason that a person can change
        words = f"No {name}: {receipt.why}"
        job.warnings.degraded(None, words, hint=receipt.hint, anchor=receipt.anchor)
    line = f"{name} {receipt.action or receipt.status}"
    is_explained = receipt.status is ReceiptStatus.SKIPPED and receipt.why and not receipt.hint
    job.log.info(f"{line}: {receipt.why}" if is_explained else line)


def finish(
    job: Job,
    report: Report,
    *,
    receipts: Sequence[Receipt],
    summary: str,
    answer: str,
    is_truncated: bool,
    stored: Sequence[Report],
) -> RunResult:
    """The run's result, with its files written.

    `answer` is the AI's text as the pages show it. Each of `stored` is written as a `report.json`, for a job in mode `collect`.
    """
    result = replace(
        build_result(job, report, answer=answer, receipts=receipts),
        is_truncated=is_truncated,
    )
    document = build_document(result, redact=job.redactor.redact)
    result = replace(result, document=document)
    return write_files(job, result, summary, stored)


def build_result(
    job: Job, report: Report, *, answer: str = "", receipts: Sequence[Receipt] = ()
) -> RunResult:
    """What outputs and `result.json` hold about a report; `receipts` are the publishers' so far."""
    return RunResult(
        reason_code=decide_reason(
            report.verdict,
            report.facts,
            is_subject_known=report.subject is not None,
            reply=report.reply,
            receipts=receipts,
            stopped=job.warnings.codes,
        ),
        report=report,
        run=report.run,
        exit_code=1 if report.verdict.breaches or job.inputs.problems else 0,
        answer=answer,
        receipts=tuple(receipts),
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )


def write_files(
    job: Job, result: RunResult, summary: str, stored: Sequence[Report] = ()
) -> RunResult:
    """Writes `report.md`, `result.json` and `report.json`; the result with their names.

    A full disk is a warning.
    """
    temp, key = job.workspace.temp, job.inputs.publish.comment_key
    if not temp:
        return result
    try:
        report_file = write_scratch(temp, key, "report.md", summary)
        document = json.encode(result.document).decode()
        result_file = write_scratch(temp, key, RESULT_FILE, document)
        for number, report in enumerate(stored):
            folder = key if len(stored) == 1 else f"{key}/{number + 1}"
            write_scratch(temp, folder, REPORT_FILE, json.encode(report).decode())
    except OSError as fault:
        job.warnings.degraded(None, f"The report file was not written: {fault.strerror}")
        return result
    return replace(result, report_file=report_file, result_file=result_file)
