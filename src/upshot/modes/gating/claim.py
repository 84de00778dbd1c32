"""An approval of a claim (`binding: claim`): by a comment on the pull request, as for a commit.

It opens what `confirm` opens. Whatever cannot be read leaves it closed, and changes nothing else.
"""

from __future__ import annotations

from typing import Final

from upshot.errors import GitHubError
from upshot.gate.decision import State
from upshot.gate.facts import Commit, PullRequest
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Binding, Request
from upshot.job import Job
from upshot.modes.gating.occasion import occasion_of
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.github.approvals.collect import read_gate

_POLICY: Final = Policy(sources=(Source.COMMENT,))


class ClaimGate:
    """Looks once for each claim that it is asked about."""

    def __init__(self, job: Job, lookup: PullRequestLookup) -> None:
        self._job = job
        self._lookup = lookup
        self.line = ""
        """The comment that approves the claim which was asked about last; empty where none can."""

    def is_open(self, digest: str) -> bool:
        """Whether the claim with this digest is approved now."""
        self.line = ""
        context = self._lookup.result()
        if context.github is None or context.pull_request is None:
            return False

        def ask(pull: PullRequest, _: Commit) -> Request:
            return Request(
                repository=pull.repository, pull=pull.number, binding=Binding.CLAIM, bound=digest
            )

        try:
            reading = read_gate(
                context.github,
                context.pull_request.number,
                policy=_POLICY,
                occasion=occasion_of(self._job.event),
                ask=ask,
            )
        except GitHubError as fault:
            self._job.log.info(f"Approvals of the claim were not read: {fault.message}")
            return False
        decision = reading.decide(_POLICY)
        self._job.log.info(f"Approval of the claim: {decision.state}. {decision.why}")
        asked = decision.request
        self.line = f"/upshot approve {asked.id}"
        return decision.state is State.APPROVED
