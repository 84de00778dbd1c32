"""Puts a change on the server if people have approved it; otherwise it waits (threat T65)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from upshot.errors import GitHubError, ServiceError
from upshot.gate.decision import State
from upshot.gate.request import Binding
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.builder.access import WorkflowAccess
from upshot.modes.builder.ends import explain
from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.modes.builder.past import Put
from upshot.modes.builder.propose import Proposal
from upshot.modes.gating.named import NamedApproval, find_named
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.powabase.change import compare
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.carry import carry_stand_ins
from upshot.powabase.secrets.hide import MADE_FIELD, NEW
from upshot.powabase.wire.store import PutResult, PutState, Snapshot, replace_graph
from upshot.powabase.wire.turn import Turn
from upshot.runner.commands import random_token
from upshot.runner.warnings import format_message

_NO_PULL: Final = (
    "The workflow's author must act: run `apply: server` on a pull request, or give its number by "
    "`pr-number`, with `github-token`; there a person approves the change."
)
_UNCHANGED: Final = "An earlier run put it, and the workflow has not changed since."


def find_approval(
    access: WorkflowAccess, lookup: PullRequestLookup, bound: str
) -> NamedApproval | None:
    """How the approval of a change stands now; None where no person can approve anything."""
    return find_named(access.job, lookup, Binding.WORKFLOW, bound)


def put_approved(
    access: WorkflowAccess, proposal: Proposal, server: Graph, approval: NamedApproval | None
) -> Outcome:
    """What becomes of a change whose approval stands as `approval` says."""
    job, outcome, whole = access.job, proposal.outcome, proposal.whole
    assert whole is not None  # noqa: S101 - there is a proposal
    if approval is None or approval.fault is not None:
        return _unread(job, outcome, approval)
    outcome = replace(outcome, request_id=approval.request_id, approved_by=approval.people)
    if approval.state is State.REJECTED:
        message = "A person has rejected this change."
        return replace(outcome, state=ApplyState.REFUSED, message=message)
    if approval.state is not State.APPROVED:
        return replace(outcome, state=ApplyState.WAITING)
    turn = outcome.turn
    assert turn is not None  # noqa: S101 - there is a proposal
    snapshot = Snapshot(turn.session_id, turn.message_id) if turn.message_id else None
    return _replace(access, outcome, whole, expected=server, snapshot=snapshot)


def put_back(access: WorkflowAccess, put: Put, server: Graph) -> Outcome:
    """Puts the state before a change, whose graph `server` is; secrets go back where they still are."""
    target = carry_stand_ins(put.before, put.after, server)
    outcome = Outcome(
        is_undo=True,
        before=server,
        after=target,
        change=compare(server, target),
        session_id=put.stored.session_id,
        turn=Turn(session_id=put.stored.session_id, message_id=put.stored.message.id),
    )
    done = _replace(access, outcome, target, expected=server, snapshot=None)
    made = sorted(_made_anew(target))
    if done.state is ApplyState.APPLIED and made:
        access.job.warnings.remark(
            f"These webhooks have a new secret, since the old one was deleted: {', '.join(made)[:300]}.",
            hint="The person who keeps the callers must act: take the new secret from the Studio.",
            anchor="powabase",
        )
    return done


def already_put(put: Put, server: Graph, approval: NamedApproval | None) -> Outcome:
    """The end of a run whose change is on the server: nothing is asked and nothing is put."""
    session_id, message = put.stored.session_id, put.stored.message
    turn = Turn(
        session_id=session_id,
        message_id=message.id,
        answer=message.content,
        diff=message.diff,
        is_log_whole=False,
    )
    return Outcome(
        state=ApplyState.APPLIED,
        turn=turn,
        session_id=session_id,
        before=put.before,
        after=server,
        change=compare(carry_stand_ins(put.before, put.after, server), server),
        request_id=approval.request_id if approval else "",
        approved_by=approval.people if approval else (),
        message=_UNCHANGED,
    )


def _replace(
    access: WorkflowAccess,
    outcome: Outcome,
    whole: Graph,
    *,
    expected: Graph,
    snapshot: Snapshot | None,
) -> Outcome:
    try:
        put: PutResult = replace_graph(
            access.client,
            access.own.workflow_id,
            whole,
            expected=expected,
            find=access.find,
            make_secret=random_token,
            snapshot=snapshot,
            allow_deployed=access.own.allow_deployed,
        )
    except ServiceError as fault:
        failed = replace(outcome, state=ApplyState.FAILED)
        return explain(access.job, fault, failed, exit_code=1)
    is_done = put.state is PutState.APPLIED
    if not is_done:
        access.job.log.error(format_message(put.message, put.hint, "powabase"), title="Upshot")
    return replace(
        outcome,
        state=ApplyState(put.state.value),
        exit_code=0 if is_done else 1,
        reason=ReasonCode.OK if is_done else ReasonCode.NOT_DONE,
        message=put.message,
        hint=put.hint,
    )


def _unread(job: Job, outcome: Outcome, approval: NamedApproval | None) -> Outcome:
    fault = approval.fault if approval else None
    unread = fault or GitHubError("There is no pull request", hint=_NO_PULL)
    job.log.error(format_message(unread.message, unread.hint, unread.anchor), title="Upshot")
    return replace(
        outcome,
        state=ApplyState.FAILED,
        exit_code=1,
        reason=ReasonCode.GITHUB_UNAVAILABLE,
        message=f"Whether the change is approved is not known: {unread.message}",
        hint=unread.hint,
    )


def _made_anew(graph: Graph) -> Iterator[str]:
    """Webhooks whose secret a put makes."""
    for block in graph.blocks:
        if block.type == "webhook" and block.config.get(MADE_FIELD) == NEW:
            yield block.name or block.id
