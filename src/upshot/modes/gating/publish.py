"""The end of a gate: audit, commit status, comment, summary, what follows an approval, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError, UpshotError
from upshot.gate.audit import audit_line, build_audit, encode_audit
from upshot.gate.decision import GateDecision, State
from upshot.gate.request import Binding
from upshot.inputs.choices import CommentMode, CommentOn
from upshot.inputs.gate import GateInputs
from upshot.job import Job
from upshot.model import (
    Facts,
    PullRequest,
    Receipt,
    ReceiptStatus,
    Run,
    Stamp,
    Verdict,
    VerdictStatus,
)
from upshot.modes.gating.followup import follow_up, was_approved
from upshot.modes.gating.outcome import GateOutcome
from upshot.modes.shared.finish import note_receipt, write_files
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.comment import publish as comment
from upshot.publish.comment.marker import build_marker
from upshot.publish.comment.plan import Draft
from upshot.publish.comment.thread import Thread, read_thread, thread_of
from upshot.publish.interface import Publication, PullRequestContext
from upshot.publish.status import post_status
from upshot.publish.summary import publish_page
from upshot.report.gate.page import GatePage
from upshot.report.gate.render import render_gate
from upshot.report.render import Rendered
from upshot.result.build import build_document
from upshot.result.run_result import RunResult
from upshot.runner.scratch import write_scratch
from upshot.runner.warnings import format_message

AUDIT_FILE: Final = "audit.json"
_SHORT: Final = 16
_STATES: Final = {
    State.APPROVED: "success",
    State.NOT_NEEDED: "success",
    State.WAITING: "pending",
    State.EXPIRED: "pending",
}


def publish_outcome(
    job: Job, own: GateInputs, outcome: GateOutcome, lookup: PullRequestLookup
) -> RunResult:
    """Says it everywhere. A place that cannot be written is a warning: it opens and closes nothing."""
    context = _context(job, outcome, lookup.result())
    run = _run(job, outcome)
    audit_file = _write_audit(job, outcome.decision, run)
    _log(job, outcome)
    receipts = [_set_status(job, outcome, context)]
    context = _with_thread(job, context)
    is_known = was_approved(context.thread, outcome.decision)
    if outcome.state is State.APPROVED and context.github and not is_known:
        follow_up(job, own, outcome, context.github)
    page = _page(outcome, run)
    rendered = render_gate(
        page,
        run=run,
        made_at=job.clock.now(),
        notices=job.warnings.notices,
        redactor=job.redactor,
    )
    receipts += [_comment(job, outcome, context, rendered, run), publish_page(rendered.text, job)]
    for receipt in receipts:
        note_receipt(job, receipt)
    outputs = _outputs(outcome, audit_file)
    result = RunResult(
        reason_code=outcome.reason_code,
        run=run,
        exit_code=outcome.exit_code,
        receipts=tuple(receipts),
        own_outputs={name: job.redactor.redact(text) for name, text in outputs.items()},
        is_truncated=rendered.truncated,
        redacted_count=job.redactor.count,
        duration_s=job.duration_s,
    )
    result = replace(result, document=build_document(result, redact=job.redactor.redact))
    return write_files(job, result, rendered.text)


def _context(job: Job, outcome: GateOutcome, found: PullRequestContext) -> PullRequestContext:
    """With the pull request as it was read, and our comments among those that were read."""
    reading, github = outcome.reading, found.github
    pull = reading.facts.pull if reading else None
    if reading is None or pull is None or github is None:
        return found
    known = PullRequest(
        pull.number,
        head_sha=pull.head_sha,
        is_fork=reading.is_fork,
        is_open=pull.is_open,
        is_locked=pull.is_locked,
    )
    thread: Thread | None = None
    if reading.facts.comments is not None:
        try:
            thread = thread_of(
                github,
                pull.number,
                reading.raw_comments,
                key=build_key(job),
                head_sha=pull.head_sha,
            )
        except GitHubError as fault:  # the status can still be set
            return PullRequestContext(github, known, fault=fault)
    return PullRequestContext(github, known, thread)


def build_key(job: Job) -> str:
    from upshot.model.stamp import clean_id

    return clean_id(job.comment_key)


def _run(job: Job, outcome: GateOutcome) -> Run:
    run = job.event.run
    return run if run.sha else replace(run, sha=outcome.head)


def _write_audit(job: Job, decision: GateDecision | None, run: Run) -> str:
    """The file's path below `runner.temp`; no link is followed. Empty where there is no decision."""
    temp = job.workspace.temp
    if not temp or decision is None:
        return ""
    record = build_audit(decision, run, redact=job.redactor.redact)
    try:
        text = encode_audit(record).decode()
        return write_scratch(temp, job.inputs.publish.comment_key, AUDIT_FILE, text)
    except OSError as fault:
        job.warnings.degraded(None, f"The audit file was not written: {fault.strerror}")
        return ""


def _log(job: Job, outcome: GateOutcome) -> None:
    """One line; an error where the gate ends the job."""
    why = _why(outcome)
    if outcome.exit_code:
        fault, decision = outcome.fault, outcome.decision
        hint = fault.hint if fault and outcome.state is State.ERROR else ""
        if decision and not hint and outcome.state in {State.WAITING, State.EXPIRED}:
            asked = decision.request
            hint = f"To approve, write this as a comment:\n\n/upshot approve {asked.id}"
        words = f"Not approved ({outcome.state}): {why}"
        job.log.error(format_message(words, hint, anchor="gate"), title="Upshot")
    else:
        job.log.info(f"Gate {outcome.state}: {why}")


def _why(outcome: GateOutcome) -> str:
    if outcome.decision is None:
        fault = outcome.fault
        return fault.message if fault else "This run meets no word of approval-required-on."
    detail = ""
    if outcome.state is State.ERROR and isinstance(outcome.fault, UpshotError):
        detail = f" {outcome.fault.message}."
    return outcome.decision.why + detail


def _set_status(job: Job, outcome: GateOutcome, context: PullRequestContext) -> Receipt:
    """The status that `commit-status` names, on the commit that is asked about."""
    name = job.inputs.publish.commit_status
    if not name or context.github is None:
        return Receipt("status", ReceiptStatus.SKIPPED)
    return post_status(
        context.github,
        job.event.run.sha or outcome.head,
        context=name,
        state=_STATES.get(outcome.state, "failure"),
        description=job.redactor.redact(f"{str(outcome.state).capitalize()}: {_why(outcome)}"),
        target_url=job.event.run.url,
    )


def _page(outcome: GateOutcome, run: Run) -> GatePage:
    decision, fault = outcome.decision, outcome.fault
    return GatePage(
        decision=decision,
        is_needed=outcome.state is not State.NOT_NEEDED,
        plan=outcome.stakes.rows,
        commit=_asked(outcome),
        audit=audit_line(decision, run) if decision else "",
        fault=fault.message if fault and not outcome.is_open else "",
        hint=fault.hint if fault and not outcome.is_open else "",
    )


def _asked(outcome: GateOutcome) -> str:
    """The commit of the request, which is not the head where that has moved on."""
    decision = outcome.decision
    if decision is None or decision.request.binding not in {Binding.HEAD_SHA, Binding.PLAN}:
        return outcome.head
    return decision.request.bound.partition(":")[0]


def _comment(
    job: Job, outcome: GateOutcome, context: PullRequestContext, page: Rendered, run: Run
) -> Receipt:
    """A gate that needs no approval makes no comment, and keeps one that is there current."""
    on = job.inputs.publish.comment_on
    stamp = Stamp(
        run=run.run_id,
        attempt=run.attempt,
        sha=run.sha,
        started=int(job.started_at),
        verdict=VerdictStatus.UNKNOWN.value,
        digest=page.digest[:_SHORT],
    )
    is_due = outcome.state is not State.NOT_NEEDED and (
        on is not CommentOn.FAILURE or not outcome.is_open
    )
    publication = Publication(
        facts=Facts(),
        verdict=Verdict(VerdictStatus.UNKNOWN),
        run=run,
        summary=page.text,
        draft=Draft(page.text, build_marker(job.comment_key, stamp), is_due=is_due),
    )
    return comment.publish(publication, context, job)


def _with_thread(job: Job, context: PullRequestContext) -> PullRequestContext:
    """With our comments, where the decision did not need the conversation and a comment is wanted."""
    is_wanted = job.inputs.publish.comment_mode is not CommentMode.OFF
    pull, github = context.pull_request, context.github
    if not is_wanted or context.thread or context.fault or pull is None or github is None:
        return context
    try:
        thread = read_thread(github, pull.number, key=build_key(job))
    except GitHubError as fault:
        return replace(context, fault=fault)
    return replace(context, thread=thread)


def _outputs(outcome: GateOutcome, audit_file: str) -> Mapping[str, str]:
    decision = outcome.decision
    sha = decision.approved_sha if decision else (outcome.head if outcome.is_open else "")
    return {
        "approval-state": outcome.state.value,
        "approved": str(outcome.is_open).lower(),
        "approved-by": ",".join(decision.people) if decision and outcome.is_open else "",
        "approved-sha": sha,
        "approval-request-id": decision.request.id if decision else "",
        "approval-reason": " ".join(decision.reason.split()) if decision else "",
        "audit-file": audit_file,
    }
