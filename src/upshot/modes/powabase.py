"""Mode `powabase`: one turn with the Copilot of a Powabase project about one workflow.

The graph is read, asked about and changed on a copy. Nothing is written but by `apply: file`, or by
`apply: server` behind an approval of this very change. A message is sent once (threat T63).
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.errors import ServiceError
from upshot.inputs.powabase import CONTINUE, Apply, PowabaseInputs
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.modes.builder.access import WorkflowAccess, connect
from upshot.modes.builder.ends import end, explain, unanswered, unusable
from upshot.modes.builder.file import describe_drift, has_drifted, read_file, write_file
from upshot.modes.builder.outcome import Outcome
from upshot.modes.builder.past import Put, find_pending, find_stored, match_put
from upshot.modes.builder.propose import propose
from upshot.modes.shared.foreign import why_foreign
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph
from upshot.powabase.state import build_state
from upshot.powabase.wire.turn import Turn
from upshot.result.run_result import RunResult

_FORK: Final = (
    "The workflow's author must act: leave forks out with "
    "`if: github.event.pull_request.head.repo.full_name == github.repository`."
)


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Raises InputError for a model that the project does not offer."""
    own: PowabaseInputs = job.inputs.own["powabase"]
    refused = why_foreign(job, lookup)
    if refused:
        return _publish(job, end(job, refused, _FORK, ReasonCode.NOT_ALLOWED), lookup)
    with connect(job, own) as service:
        access = WorkflowAccess(job, own, service)
        try:
            outcome = _carry_out(access, lookup)
        except ServiceError as fault:
            outcome = explain(job, fault)
        except InvalidWorkflow as invalid:
            outcome = unusable(job, invalid)
        outcome = replace(outcome, chats=access.client.chats)
    return _publish(job, outcome, lookup)


def _publish(job: Job, outcome: Outcome, lookup: PullRequestLookup) -> RunResult:
    from upshot.modes.builder.publish import publish_outcome  # loaded while the Copilot answers

    return publish_outcome(job, job.inputs.own["powabase"], outcome, lookup)


def _carry_out(access: WorkflowAccess, lookup: PullRequestLookup) -> Outcome:
    own, job = access.own, access.job
    found, server = access.read_workflow()
    named = Outcome(name=found.name, is_deployed=found.is_deployed)
    base = read_file(access, server)
    if base is not None and has_drifted(base, server):
        return describe_drift(access, base, server, found)
    asked = base if base is not None else server
    state = build_state(asked)
    prompt = job.redactor.redact(job.inputs.ask.prompt)
    remembered = _read_remembered(own, lookup)
    earlier = (
        _find_earlier(access, remembered, prompt, server, base)
        if own.apply is Apply.SERVER
        else None
    )
    if isinstance(earlier, Put):
        from upshot.modes.builder.put import already_put, find_approval

        job.log.info("This was asked, approved and put before: nothing is asked")
        approval = find_approval(access, lookup, earlier.bound)
        return _named(already_put(earlier, server, approval), named)
    if earlier is not None:
        turn = earlier
        job.log.info("The Copilot was asked this before: its answer is read, not asked for again")
        if not turn.message_id:
            return unanswered(job, turn)
    elif job.inputs.run.dry_run:
        return replace(named, before=asked, message="'dry-run' is on: nothing was asked")
    else:
        lookup.start()  # GitHub is read, and the report warmed up, while the Copilot answers
        turn = access.ask(access.find_session(remembered), prompt, state.body)
    proposal = propose(
        turn,
        asked,
        server,
        state,
        workflow_id=own.workflow_id,
        find=access.find,
        is_for_server=own.apply is Apply.SERVER,
    )
    proposal = replace(proposal, outcome=_named(proposal.outcome, named))
    if turn.fault is not None:
        return explain(job, turn.fault, proposal.outcome)
    if proposal.whole is None or job.inputs.run.dry_run:
        return proposal.outcome
    if own.apply is Apply.FILE:
        return write_file(access, proposal.outcome)
    if own.apply is Apply.SERVER:
        from upshot.modes.builder.put import find_approval, put_approved

        return put_approved(access, proposal, server, find_approval(access, lookup, proposal.bound))
    return proposal.outcome


def _read_remembered(own: PowabaseInputs, lookup: PullRequestLookup) -> str:
    """The session that our comment remembers, for those who want it; nobody else waits for GitHub."""
    if own.session != CONTINUE and own.apply is not Apply.SERVER:
        return ""
    latest = lookup.result().latest
    return latest.remembered("").conversation if latest else ""


def _find_earlier(
    access: WorkflowAccess, remembered: str, prompt: str, server: Graph, base: Graph | None
) -> Turn | Put | None:
    """The turn of an earlier run that asked the same; or its change, where the server has it."""
    talks = access.read_talks(remembered)
    stored = find_stored(talks)
    if stored is not None and stored.question.strip() == prompt.strip():
        put = match_put(stored, server, base, workflow_id=access.own.workflow_id, find=access.find)
        if put is not None:
            return put
    return next(find_pending(talks, prompt), None)


def _named(outcome: Outcome, workflow: Outcome) -> Outcome:
    return replace(outcome, name=workflow.name, is_deployed=workflow.is_deployed)
