"""Signing up, from the challenge to the account: one proof of work, at most one more.

A challenge lives for a short time, which is not documented; one that has expired over its proof of work
is replaced once. A sign-up whose answer is lost is never repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from upshot.pulumi.agents.accounts import AgentAccount, AgentAccounts
from upshot.pulumi.agents.faults import ChallengeSpent
from upshot.pulumi.agents.proof.challenge import Challenge
from upshot.pulumi.agents.proof.solve import Progress, solve
from upshot.secret import Secret
from upshot.timing import Deadline


class Solver(Protocol):
    """`proof.solve.solve`, or a quicker one in tests."""

    def __call__(
        self,
        challenge: Challenge,
        *,
        deadline: Deadline,
        on_progress: Callable[[Progress], None],
    ) -> str: ...


def sign_up(
    accounts: AgentAccounts,
    *,
    agent_name: str = "",
    deadline: Deadline,
    on_secret: Callable[[Secret], None],
    on_challenge: Callable[[Challenge], None] = lambda _: None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    solver: Solver = solve,
) -> AgentAccount:
    """Creates one account.

    `deadline` is the end of `max-wait`. `on_secret` masks each secret before anything else happens,
    `on_challenge` and `on_progress` are for the log. Raises ChallengeRefused, ProofFailed, SignupLost
    and every other ServiceError; only after SignupLost may an account exist.
    """
    is_last = False
    while True:
        challenge = accounts.request_challenge()
        on_challenge(challenge)
        result = solver(challenge, deadline=deadline, on_progress=on_progress)
        try:
            return accounts.sign_up(challenge, result, agent_name=agent_name, on_secret=on_secret)
        except ChallengeSpent:
            if is_last:
                raise
            is_last = True
