"""Whether people have approved this very change of this version of the workflow (threat T65)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.errors import GitHubError
from upshot.gate.decision import GateDecision, State
from upshot.gate.facts import Commit, PullRequest
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Binding, Request
from upshot.job import Job
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.github.approvals.collect import Occasion, read_gate

_NO_PULL: Final = (
    "The workflow's author must act: run `apply: server` on a pull request, or give its number by "
    "`pr-number`; there a person approves the change."
)
_RUN_WITH_ONE: Final = (
    "The workflow's author must act: leave `github-token` out, so that the job's own is used, with the "
    "permission `pull-requests: write`."
)


class Approval(Struct, frozen=True):
    """What is asked for, and how it stands."""

    request_id: str = ""
    is_given: bool = False
    is_rejected: bool = False
    approved_by: tuple[str, ...] = ()
    fault: GitHubError | None = None
    """Why it could not be found out: then nothing is applied."""


def find_approval(job: Job, lookup: PullRequestLookup, bound: str) -> Approval:
    """`bound`: the digest of version, graph before, diff and graph after."""
    context = lookup.result()
    github, pull = context.github, context.pull_request
    if context.fault is not None:
        return Approval(fault=context.fault)
    if github is None:
        return Approval(fault=GitHubError("There is no GitHub token", hint=_RUN_WITH_ONE))
    if pull is None:
        return Approval(fault=GitHubError("There is no pull request", hint=_NO_PULL))

    def ask(found: PullRequest, _commit: Commit) -> Request:
        return Request(
            repository=found.repository, pull=found.number, binding=Binding.WORKFLOW, bound=bound
        )

    occasion = Occasion(run_id=job.event.run.run_id, sha=job.event.head_sha)
    # A review is about the pull request's commit; only a comment names this change.
    policy = Policy(sources=(Source.COMMENT,))
    try:
        reading = read_gate(github, pull.number, policy=policy, occasion=occasion, ask=ask)
    except GitHubError as fault:
        return Approval(fault=fault)
    return _read(reading.decide(policy), reading.faults[0] if reading.faults else None)


def _read(decision: GateDecision, fault: GitHubError | None) -> Approval:
    is_unknown = decision.state is State.ERROR
    why = fault or GitHubError("What the approval depends on could not be read from GitHub")
    return Approval(
        request_id=decision.request.id,
        is_given=decision.state is State.APPROVED,
        is_rejected=decision.state is State.REJECTED,
        approved_by=decision.people,
        fault=why if is_unknown else None,
    )
