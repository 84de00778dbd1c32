"""From the inputs and the event of a run to what a gate asks for, and who may approve it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from upshot.errors import GitHubError
from upshot.event import Event
from upshot.gate.facts import Account, PullRequest
from upshot.gate.plan import bound_to_plan
from upshot.gate.policy import Policy
from upshot.gate.request import Binding, Request
from upshot.inputs.gate import ApprovalBinding, GateInputs
from upshot.inputs.values import SubjectInputs
from upshot.publish.github.approvals.collect import Ask, Occasion

_OF_ANOTHER_COMMIT: Final = frozenset({"push", "merge_group"})
"""Their commit may be a merge: a vote is about the pull request's head."""
_PULL_EVENTS: Final = frozenset({"pull_request", "pull_request_target"})


def policy_of(own: GateInputs, *, is_needed: bool = True) -> Policy:
    return Policy(
        sources=own.sources,
        required=own.required,
        approvers=own.approvers,
        environment=own.environment,
        allow_self=own.allow_self,
        expires_s=own.expires_s,
        is_needed=is_needed,
    )


def occasion_of(event: Event) -> Occasion:
    """What the event says of the commit that it is about, and of who pushed that."""
    is_push = event.name == "push"
    is_by_pusher = is_push or (event.name in _PULL_EVENTS and event.action == "synchronize")
    pusher = None
    if is_by_pusher and event.sender_id is not None:
        pusher = Account(event.sender_id, event.sender, event.sender_type or "User")
    return Occasion(
        run_id=event.run.run_id,
        is_push=is_push,
        sha="" if event.name == "merge_group" else event.head_sha,
        pusher=pusher,
    )


def stacks_of(subject: SubjectInputs, evidence: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names of the stacks that the inputs name; else those of the evidence.

    The inputs come first: the same id must come out before the plan is known and after.
    """
    if subject.update is not None:
        return (str(subject.update.stack),)
    if subject.name is not None:
        return (str(subject.name.settle(())),)
    return evidence


def asks_for(
    event: Event,
    binding: ApprovalBinding,
    *,
    stacks: tuple[str, ...],
    plan: str,
) -> Ask:
    """The request of this run. `plan`: its digest, for that binding.

    An event about a commit asks for that one, also when the pull request has moved on: what the job
    would deploy is not what is approved there. Raises GitHubError when a commit cannot be read.
    """

    def ask(pull: PullRequest, read_tree: Callable[[str], str]) -> Request:
        sha = event.head_sha if event.name not in _OF_ANOTHER_COMMIT else ""
        sha = sha or pull.head_sha
        bound = sha
        if binding is ApprovalBinding.TREE:
            bound = read_tree(sha)
            if not bound:
                raise GitHubError(f"GitHub no longer has the commit {sha[:7]}")
        elif binding is ApprovalBinding.PLAN:
            bound = bound_to_plan(sha, plan)
        return Request(
            repository=pull.repository,
            pull=pull.number,
            binding=Binding(binding.value),
            bound=bound,
            stacks=stacks,
        )

    return ask
