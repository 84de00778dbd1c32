"""What a scenario says about agent accounts: the table `[accounts]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

HOUR_S = 3_600.0
DAY_S = 86_400.0


class OwnedPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """What an organization has."""

    stacks: tuple[str, ...] = ()
    """`project/name`."""
    environments: tuple[str, ...] = ()
    """`project/name`."""
    insights: tuple[str, ...] = ()
    """Names of Insights accounts."""
    packages: tuple[str, ...] = ()
    """`source/publisher/name`."""
    others: tuple[dict[str, Any], ...] = ()
    """Entities of a kind that no client knows yet, as they are sent."""


class AgentPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """An agent account that was made before the scenario starts."""

    login: str = "agent-3f9c1d"
    owns: OwnedPlan = OwnedPlan()
    age_s: float = HOUR_S


class AccountsPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How the service behaves. Lifetimes in seconds."""

    serves: tuple[str, ...] = ("table",)
    """Where a challenge is asked for: `table` is `/api/agents/signup`, `prose` is `…/challenge`."""
    difficulty: int = 8
    challenge: str = ""
    """Sent instead of a challenge of that difficulty, as it is."""
    challenge_s: float = 60.0
    expire_first: int = 0
    """How many challenges have expired when their answer comes."""
    access_s: float = 72 * HOUR_S
    """Then the token may only read."""
    claim_s: float = 30 * DAY_S
    agents: tuple[AgentPlan, ...] = ()
    destination: OwnedPlan = OwnedPlan()
    """What the organization of the scenario has, besides the scenario's own stack."""
    may_claim: bool = True
    """Whether the workflow's token may claim into it."""
    insights_move: bool = False
    """Whether Insights accounts can be moved; at launch they cannot (documented)."""
    looks: int = 2
    """How many readings of the progress until a claim has ended."""
    ends: str = "empty"
    """How the end of a claim shows in the list: `empty` (it lists no entities), `unlisted`, `same` (as
    at the start), `word` (`status: completed`), `token` (its transfer token is gone)."""
    breaks: str = ""
    """A claim ends with its first entity not moved, for this reason."""
    repeats: bool = False
    """It repeats claim tokens in warnings, errors and reasons."""


def parse_plan(table: Mapping[str, Any]) -> AccountsPlan:
    """Raises `msgspec.ValidationError` for a name or a value that is not known."""
    return msgspec.convert(dict(table), AccountsPlan)
