"""What Pulumi Cloud knows of agent accounts: challenges, accounts, claims, lifetimes."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime

from msgspec import Struct

from upshot_sandbox.accounts.owned import Identity, Owned, from_plan
from upshot_sandbox.accounts.plan import AccountsPlan, AgentPlan, OwnedPlan
from upshot_sandbox.cloud.state import CloudState, fake_token
from upshot_sandbox.scenario import Scenario


class Challenge(Struct):
    id: str
    data: str
    expires_at: float
    is_used: bool = False


class Agent(Struct):
    """One account; its organization has its login as name."""

    login: str
    access_token: str
    claim_token: str
    created_at: float
    owns: Owned
    is_dead: bool = False
    """Claimed: organization and token are deleted."""
    claim: Claim | None = None


class Claim(Struct):
    """One claim that was started."""

    id: str
    agent: Agent
    moves: list[tuple[Identity, Identity]]
    """What is still to be moved: as it is, as it will be."""
    started: list[tuple[Identity, Identity]]
    looks: int = 0
    has_ended: bool = False
    broke: str = ""


class AccountsState:
    """Changed by requests; tests read it, and may let time pass."""

    def __init__(self, plan: AccountsPlan, scenario: Scenario, cloud: CloudState) -> None:
        self.plan = plan
        self.cloud = cloud
        self.organization = scenario.cloud.organization
        self.challenges: dict[str, Challenge] = {}
        self.agents: list[Agent] = []
        self.claims: dict[str, Claim] = {}
        self.answered = 0
        """Answers to challenges that came in time to be judged."""
        self._later_s = 0.0
        own = f"{scenario.cloud.project}/{scenario.cloud.stack}"
        there = plan.destination
        stacks = tuple(dict.fromkeys((own, *there.stacks)))
        self.destination = from_plan(
            OwnedPlan(stacks, there.environments, there.insights, there.packages),
            updated_at=time_of(self.now()),
        )
        for agent in plan.agents:
            self._begin(agent)

    def now(self) -> float:
        return self.cloud.now() + self._later_s

    def let_pass(self, seconds: float) -> None:
        """For tests: all lifetimes are so much nearer to their end."""
        self._later_s += seconds

    def new_challenge(self) -> Challenge:
        number = len(self.challenges) + 1
        seed = hashlib.sha256(f"sandbox challenge {number}".encode()).hexdigest()[:32]
        challenge = Challenge(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox challenge {number}")),
            data=self.plan.challenge or f"v1:{seed}:{self.plan.difficulty}",
            expires_at=self.now() + self.plan.challenge_s,
        )
        self.challenges[challenge.id] = challenge
        return challenge

    def new_agent(
        self, login: str = "", age_s: float = 0.0, owns: OwnedPlan | None = None
    ) -> Agent:
        number = len(self.agents) + 1
        created_at = self.now() - age_s
        agent = Agent(
            login=login or f"agent-{hashlib.sha256(b'%d' % number).hexdigest()[:6]}",
            access_token=fake_token(f"agent {number}"),
            claim_token=str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox claim token {number}")),
            created_at=created_at,
            owns=from_plan(owns or OwnedPlan(), updated_at=time_of(created_at)),
        )
        self.agents.append(agent)
        self.cloud.tokens.add(agent.access_token)
        return agent

    def by_token(self, access_token: str) -> Agent | None:
        return next((a for a in self.agents if a.access_token == access_token), None)

    def by_organization(self, name: str) -> Agent | None:
        return next((a for a in self.agents if a.login == name and not a.is_dead), None)

    def claimable(self, claim_token: str) -> Agent | None:
        """The agent whose claim token this is; None when it is used up or has expired."""
        for agent in self.agents:
            if agent.claim_token == claim_token and not agent.is_dead:
                return agent if self.now() < self.claim_expires_at(agent) else None
        return None

    def access_expires_at(self, agent: Agent) -> float:
        return agent.created_at + self.plan.access_s

    def claim_expires_at(self, agent: Agent) -> float:
        return agent.created_at + self.plan.claim_s

    def _begin(self, plan: AgentPlan) -> None:
        self.new_agent(plan.login, plan.age_s, plan.owns)


def time_of(epoch_s: float) -> str:
    """RFC 3339 in UTC, with milliseconds, as the service writes times."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace(
        "+00:00", "Z"
    )  # fmt: skip
