"""An approval of something that is no commit: a claim (`claim`), a change of a workflow (`workflow`).

Only a comment that names its id counts: a review, and an environment's approval, are about a commit. Who
may approve, how many, and for how long say the inputs of mode `gate`, as they do there.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import GitHubError
from upshot.gate.decision import State
from upshot.gate.facts import PullRequest
from upshot.gate.policy import Source
from upshot.gate.request import Binding, Request
from upshot.job import Job
from upshot.modes.gating.occasion import occasion_of, policy_of
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.github.approvals.collect import read_gate


class NamedApproval(Struct, frozen=True, kw_only=True):
    """What is asked for, and how it stands now."""

    state: State
    request_id: str = ""
    """Empty where it is not known what is asked for."""
    people: tuple[str, ...] = ()
    """Logins of those whose approval counts."""
    why: str = ""
    """One line."""
    fault: GitHubError | None = None
    """Of state `error`: why it could not be found out."""

    @property
    def line(self) -> str:
        """The comment that approves it; empty where none can."""
        return f"/upshot approve {self.request_id}" if self.request_id else ""


def find_named(
    job: Job, lookup: PullRequestLookup, binding: Binding, bound: str
) -> NamedApproval | None:
    """None where there is no pull request, or no token, so that no person can approve anything.

    `bound`: what the approval is for, as `Request.bound`. Whatever cannot be read is state `error`.
    """
    context = lookup.result()
    if context.fault is not None:
        return _unread(context.fault)
    if context.github is None or context.pull_request is None:
        return None

    def ask(pull: PullRequest, _: object) -> Request:
        return Request(repository=pull.repository, pull=pull.number, binding=binding, bound=bound)

    own = replace(job.inputs.own["gate"], sources=(Source.COMMENT,), environment="")
    policy = policy_of(own)
    try:
        reading = read_gate(
            context.github,
            context.pull_request.number,
            policy=policy,
            occasion=occasion_of(job.event),
            ask=ask,
        )
    except GitHubError as fault:
        return _unread(fault)
    decision = reading.decide(policy)
    unread = GitHubError(f"What the approval depends on could not be read: {decision.why}")
    is_unread = decision.state is State.ERROR
    return NamedApproval(
        state=decision.state,
        request_id=decision.request.id,
        people=decision.people,
        why=decision.why,
        fault=next(iter(reading.faults), unread) if is_unread else None,
    )


def _unread(fault: GitHubError) -> NamedApproval:
    return NamedApproval(state=State.ERROR, why=fault.message, fault=fault)
