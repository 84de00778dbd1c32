"""Mode `gate`: is this commit approved? It looks once, says so everywhere, and ends.

Anything that cannot be found out ends as not approved, with exit code 1 (threat T57).
"""

from __future__ import annotations

from typing import Final

from upshot.errors import GitHubError
from upshot.gate.decision import State
from upshot.gate.plan import PlanUnknown
from upshot.inputs.gate import GateInputs, OnWaiting
from upshot.job import Job
from upshot.modes.gating.evidence import find_stakes
from upshot.modes.gating.occasion import asks_for, occasion_of, policy_of, stacks_of
from upshot.modes.gating.outcome import GateOutcome
from upshot.modes.gating.publish import publish_outcome
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.github.approvals.collect import read_gate
from upshot.result.run_result import RunResult

_NO_PULL: Final = (
    "The workflow's author must act: run mode 'gate' on an event of a pull request, on the push that "
    "merges one, or give its number:\n\nwith:\n  pr-number: 7"
)
_WAITS: Final = frozenset({State.WAITING, State.EXPIRED})


def run(job: Job, lookup: PullRequestLookup) -> RunResult:
    """Never raises for what GitHub or Pulumi Cloud do: that is an outcome, `error`."""
    own: GateInputs = job.inputs.own["gate"]
    return publish_outcome(job, own, find_out(job, own, lookup), lookup)


def exit_code_of(state: State, on_waiting: OnWaiting) -> int:
    """0 when it is open; while it only waits for people, as `on-waiting` says."""
    if state in {State.APPROVED, State.NOT_NEEDED}:
        return 0
    return int(not (state in _WAITS and on_waiting is OnWaiting.REPORT))


def find_out(job: Job, own: GateInputs, lookup: PullRequestLookup) -> GateOutcome:
    """What the gate comes to now. The look-up has a client for GitHub. Raises nothing but bugs."""
    context = lookup.result()
    github, pull = context.github, context.pull_request
    assert github is not None  # noqa: S101 - a mode that fails closed has a client by now
    event = job.event
    try:
        stakes = find_stakes(job, own, lookup)
    except PlanUnknown as unknown:
        return GateOutcome(fault=unknown, pull=pull)
    if pull is None:
        if not stakes.is_needed:
            return GateOutcome(state=State.NOT_NEEDED, exit_code=0, stakes=stakes)
        fault = GitHubError("There is no pull request that this run is about", hint=_NO_PULL)
        return GateOutcome(fault=fault)
    policy = policy_of(own, is_needed=stakes.is_needed)
    ask = asks_for(
        event,
        own.binding,
        stacks=stacks_of(job.inputs.subject, stakes.stacks),
        plan=stakes.plan or _NO_PLAN,
    )
    try:
        reading = read_gate(
            github, pull.number, policy=policy, occasion=occasion_of(event), ask=ask
        )
    except GitHubError as fault:
        return GateOutcome(fault=fault, pull=pull, stakes=stakes)
    decision = reading.decide(policy)
    return GateOutcome(
        state=decision.state,
        exit_code=exit_code_of(decision.state, own.on_waiting),
        decision=decision,
        reading=reading,
        stakes=stakes,
        pull=pull,
        fault=reading.faults[0] if reading.faults else None,
    )


_NO_PLAN: Final = "0" * 64
"""Of a request that needs no approval: there is nothing that it could be approved by."""
