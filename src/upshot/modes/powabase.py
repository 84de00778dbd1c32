"""Mode `powabase`: one turn with the Copilot of a Powabase project about one workflow.

The graph is read, asked about and changed on a copy. Nothing is written but by `apply: file`, or by
`apply: server` behind an approval of this very change. A message is sent once (threat T63).
"""

from __future__ import annotations

import os
from typing import Final

from msgspec.structs import replace

from upshot.errors import (
    GitHubError,
    InputError,
    ServiceAuthError,
    ServiceBadRequest,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
)
from upshot.gate.decision import State
from upshot.gate.request import Binding
from upshot.inputs.powabase import Apply, PowabaseInputs
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.builder.desk import Desk, connect
from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.modes.builder.propose import Proposal, propose
from upshot.modes.builder.publish import publish_outcome
from upshot.modes.gating.named import find_named
from upshot.modes.shared.foreign import why_foreign
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.powabase.change import compare
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import digest_masked, hide_secrets
from upshot.powabase.state import build_state
from upshot.powabase.wire.records import Workflow
from upshot.powabase.wire.store import PutState, Snapshot, replace_graph
from upshot.powabase.wire.turn import Turn
from upshot.powabase.workflow_file import read_workflow, write_workflow
from upshot.result.run_result import RunResult
from upshot.runner.commands import random_token
from upshot.runner.warnings import format_message
from upshot.workspace import read_text

_FILE_BYTES: Final = 32 * 1024 * 1024
_AUTHOR_ACTS: Final = (ServiceAuthError, ServiceForbidden, ServiceNotFound, ServiceBadRequest)
_NO_PULL: Final = (
    "The workflow's author must act: run `apply: server` on a pull request, or give its number by "
    "`pr-number`, with `github-token`; there a person approves the change."
)
_FORK: Final = (
    "The workflow's author must act: leave forks out with "
    "`if: github.event.pull_request.head.repo.full_name == github.repository`."
)


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Raises InputError for a model that the project does not offer."""
    own: PowabaseInputs = job.inputs.own["powabase"]
    refused = why_foreign(job, lookup)
    if refused:
        return publish_outcome(job, own, _end(job, refused, _FORK, ReasonCode.NOT_ALLOWED), lookup)
    with connect(job, own) as service:
        desk = Desk(job, own, service)
        try:
            outcome = _carry_out(desk, lookup)
        except ServiceError as fault:
            outcome = _explain(job, fault)
        except InvalidWorkflow as invalid:
            outcome = replace(
                _end(job, invalid.message, invalid.hint, ReasonCode.NOT_DONE),
                findings=invalid.findings,
            )
        outcome = replace(outcome, chats=desk.client.chats)
    return publish_outcome(job, own, outcome, lookup)


def _carry_out(desk: Desk, lookup: PullRequestLookup) -> Outcome:
    own, job = desk.own, desk.job
    found, server = desk.read_workflow()
    base = _read_file(desk, server)
    known = Outcome(name=found.name, is_deployed=found.is_deployed)
    if base is not None and _has_drifted(base, server):
        return _describe_drift(job, base, server, found)
    asked = base if base is not None else server
    state = build_state(asked)
    prompt = job.redactor.redact(job.inputs.ask.prompt)
    latest = lookup.result().latest
    remembered = latest.remembered("").conversation if latest else ""
    pending = desk.find_pending(remembered, prompt) if own.apply is Apply.SERVER else None
    if pending is not None:
        turn = pending
        job.log.info("The Copilot was asked this before: its answer is read, not asked for again")
        if not turn.message_id:
            return _unanswered(job, turn)
    elif job.inputs.run.dry_run:
        return replace(known, before=asked, message="'dry-run' is on: nothing was asked")
    else:
        turn = desk.ask(desk.find_session(remembered), prompt, state.body)
    proposal = propose(turn, asked, state, workflow_id=own.workflow_id, find=desk.find)
    proposal = Proposal(
        replace(proposal.outcome, name=found.name, is_deployed=found.is_deployed),
        proposal.whole,
        proposal.bound,
    )
    if turn.fault is not None:
        return _explain(job, turn.fault, proposal.outcome)
    if proposal.whole is None or job.inputs.run.dry_run:
        return proposal.outcome
    if own.apply is Apply.FILE:
        return _write_file(desk, proposal.outcome)
    if own.apply is Apply.SERVER:
        return _put(desk, lookup, proposal, proposal.whole, server)
    return proposal.outcome


def _read_file(desk: Desk, server: Graph) -> Graph | None:
    """The graph of `workflow-file`, its secrets hidden as the server's are; None without a file."""
    path = desk.own.workflow_file
    if not path or not os.path.exists(path):  # noqa: PTH110 - pathlib costs 3 ms
        return None
    try:
        text = read_text(path, limit_bytes=_FILE_BYTES)
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputError(
            "workflow-file", f"a file that cannot be read ({why})", "a regular file"
        ) from None
    graph, vault = hide_secrets(read_workflow(text), desk.find)
    for secret in vault.secrets():
        desk.job.hide(secret)
    return server if digest_masked(graph) == digest_masked(server) else graph


def _has_drifted(base: Graph, server: Graph) -> bool:
    """Another version and another graph; a file that is ahead has the server's version."""
    return base.version != server.version and digest_masked(base) != digest_masked(server)


def _describe_drift(job: Job, base: Graph, server: Graph, found: Workflow) -> Outcome:
    message = (
        f"The workflow file was made from version {base.version}, and the server has version "
        f"{server.version} with another graph"
    )
    job.log.error(format_message(message, anchor="powabase"), title="Upshot")
    return Outcome(
        state=ApplyState.STALE,
        exit_code=1,
        reason=ReasonCode.NOT_DONE,
        name=found.name,
        is_deployed=found.is_deployed,
        before=base,
        after=server,
        change=compare(base, server),
        is_drift=True,
        message=message,
    )


def _write_file(desk: Desk, outcome: Outcome) -> Outcome:
    """Replaces the file as a whole; a link or a device in its place is refused (threat T37)."""
    assert outcome.after is not None  # noqa: S101 - there is a change
    text = write_workflow(outcome.after)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        os.makedirs(os.path.dirname(desk.own.workflow_file), exist_ok=True)  # noqa: PTH103, PTH120
        descriptor = os.open(desk.own.workflow_file, flags, 0o644)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            file.write(text)
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
    else:
        return replace(outcome, state=ApplyState.APPLIED)
    message = f"The workflow file was not written: {why}"
    hint = "The workflow's author must act: check `workflow-file` and the folder that it is in."
    desk.job.log.error(format_message(message, hint, "powabase"), title="Upshot")
    return replace(
        outcome,
        state=ApplyState.FAILED,
        exit_code=1,
        reason=ReasonCode.NOT_DONE,
        message=message,
        hint=hint,
    )


def _put(
    desk: Desk, lookup: PullRequestLookup, proposal: Proposal, whole: Graph, server: Graph
) -> Outcome:
    """Puts the change if people have approved it; otherwise it waits."""
    job, outcome = desk.job, proposal.outcome
    approval = find_named(job, lookup, Binding.WORKFLOW, proposal.bound)
    if approval is None or approval.fault is not None:
        none = GitHubError("There is no pull request", hint=_NO_PULL)
        unread = approval.fault if approval and approval.fault else none
        job.log.error(format_message(unread.message, unread.hint, unread.anchor), title="Upshot")
        return replace(
            outcome,
            state=ApplyState.FAILED,
            exit_code=1,
            reason=ReasonCode.GITHUB_UNAVAILABLE,
            message=f"Whether the change is approved is not known: {unread.message}",
            hint=unread.hint,
        )
    outcome = replace(outcome, request_id=approval.request_id, approved_by=approval.people)
    if approval.state is State.REJECTED:
        message = "A person has rejected this change."
        return replace(outcome, state=ApplyState.REFUSED, message=message)
    if approval.state is not State.APPROVED:
        return replace(outcome, state=ApplyState.WAITING)
    turn = outcome.turn
    assert turn is not None  # noqa: S101 - there is a proposal
    try:
        put = replace_graph(
            desk.client,
            desk.own.workflow_id,
            whole,
            expected=server,
            find=desk.find,
            make_secret=random_token,
            snapshot=Snapshot(turn.session_id, turn.message_id) if turn.message_id else None,
            allow_deployed=desk.own.allow_deployed,
        )
    except ServiceError as fault:
        return _explain(job, fault, replace(outcome, state=ApplyState.FAILED), exit_code=1)
    state = ApplyState(put.state.value)
    if put.state is not PutState.APPLIED:
        job.log.error(format_message(put.message, put.hint, "powabase"), title="Upshot")
    is_done = put.state is PutState.APPLIED
    return replace(
        outcome,
        state=state,
        exit_code=0 if is_done else 1,
        reason=ReasonCode.OK if is_done else ReasonCode.NOT_DONE,
        message=put.message,
        hint=put.hint,
    )


def _unanswered(job: Job, turn: Turn) -> Outcome:
    job.warnings.degraded(
        ReasonCode.AI_TIMED_OUT,
        "The Copilot has not answered yet; it is not asked twice.",
        hint="No action needed: run again in a few minutes.",
        anchor="powabase",
    )
    return Outcome(turn=turn, session_id=turn.session_id, fault="The Copilot has not answered yet.")


def _explain(
    job: Job, fault: ServiceError, outcome: Outcome | None = None, *, exit_code: int = 0
) -> Outcome:
    """A fault of the service. A person must act: exit code 1; an outage leaves something unsaid: 0."""
    found = replace(outcome or Outcome(), fault=fault.message, hint=fault.hint)
    if exit_code or isinstance(fault, _AUTHOR_ACTS):
        job.log.error(format_message(fault.message, fault.hint, fault.anchor), title="Upshot")
        return replace(found, exit_code=1, reason=ReasonCode.NOT_DONE)
    words = "Powabase did not answer as it should"
    job.warnings.degraded_by(fault.reason, words, fault)
    return replace(found, reason=fault.reason)


def _end(job: Job, message: str, hint: str, reason: ReasonCode) -> Outcome:
    job.log.error(format_message(message, hint, "powabase"), title="Upshot")
    return Outcome(exit_code=1, reason=reason, fault=message, hint=hint)
