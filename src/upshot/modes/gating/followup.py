"""What follows an approval (`on-approve`): failed jobs run again, or a workflow is started. Once."""

from __future__ import annotations

import re
from typing import Final

from upshot.errors import GitHubError
from upshot.gate.decision import GateDecision, State
from upshot.inputs.gate import GateInputs
from upshot.job import Job
from upshot.modes.gating.outcome import GateOutcome
from upshot.publish.comment.thread import Thread
from upshot.publish.github.client import GitHub
from upshot.publish.github.runs import RunState, dispatch_workflow, list_runs, rerun_failed_jobs

_FILE: Final = re.compile(r"/\.github/workflows/([^/@]{1,200})@")


def was_approved(thread: Thread | None, decision: GateDecision | None) -> bool:
    """Whether our comment says already that this very request is approved (threat T60).

    What stands there is no proof of anything: it can only keep a second start from happening.
    """
    latest = thread.latest if thread else None
    if latest is None or decision is None:
        return False
    asked = decision.request
    return f"{State.APPROVED} · request {asked.id} ·" in latest.body


def follow_up(job: Job, own: GateInputs, outcome: GateOutcome, github: GitHub) -> None:
    """Does what `on-approve` asks for; a refusal is a warning, the approval stands."""
    decision = outcome.decision
    if decision is None:
        return
    try:
        if own.reruns:
            _rerun(job, decision, github)
        elif own.dispatches:
            inputs = {
                "pr-number": str(decision.request.pull),
                "sha": decision.approved_sha,
                "request-id": decision.request.id,
            }
            ref = job.event.default_branch or (outcome.reading and _base(outcome)) or "main"
            dispatch_workflow(github, own.dispatches, ref=ref, inputs=inputs)
            job.log.info(f"on-approve: {own.dispatches} was started")
    except GitHubError as error:
        words = f"'on-approve' was not carried out: {error.message}"
        job.warnings.degraded(None, words, hint=error.hint, anchor=error.anchor)


def _base(outcome: GateOutcome) -> str:
    pull = outcome.reading.facts.pull if outcome.reading else None
    return pull.base_ref if pull else ""


def _rerun(job: Job, decision: GateDecision, github: GitHub) -> None:
    found = _FILE.search(job.env.get("GITHUB_WORKFLOW_REF", ""))
    file, name = found[1] if found else "", job.event.run.workflow
    runs = list_runs(github, decision.commit, without=job.event.run.run_id)
    run = next((one for one in runs if one.is_of(file=file, name=name)), None)
    if run is None:
        job.log.info("on-approve: no other run of this workflow for the commit")
    elif run.state is RunState.FAILED:
        rerun_failed_jobs(github, run.id)
        job.log.info(f"on-approve: the failed jobs of run {run.id} run again")
    else:
        job.log.info(f"on-approve: run {run.id} has no failed jobs to run again")
