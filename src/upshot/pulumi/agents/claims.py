"""What Pulumi Cloud says of a claim, as a value, and what follows from it.

Pure. One shape serves validation, preview, start, blocked start and progress (documented):
`{agent{login, orgName, createdAt}, entities[], conflicts[], failures[{entity, failureDetails}],
claimExpiresAt, transferToken?}`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from upshot.lenient import as_dict, as_list, as_text
from upshot.pulumi.agents.entities import Entity, parse_owned
from upshot.pulumi.agents.times import parse_time


class ClaimState(StrEnum):
    """`claim-state`."""

    VALID = "valid"
    """The claim token works; nothing was asked about a destination."""
    GONE = "gone"
    """The claim token is unknown, expired, cancelled or used."""
    BLOCKED = "blocked"
    """Conflicts or failures are open: the claim changes nothing."""
    READY = "ready"
    """Nothing stands against the claim; it was not started."""
    STARTED = "started"
    """It runs, or may run; its end was not seen."""
    DONE = "done"
    FAILED = "failed"


class Agent(Struct, frozen=True):
    """The account that is claimed; all texts are the service's, untrusted."""

    login: str
    organization: str
    created_at: str = ""
    """RFC 3339 in UTC, to the second; empty when it cannot be read."""


class Failure(Struct, frozen=True):
    """An entity that cannot be moved; a new name does not help."""

    entity: Entity
    details: str
    """The service's reason, untrusted text."""


class Claim(Struct, frozen=True):
    """What moves, what collides, what cannot move."""

    agent: Agent
    entities: tuple[Entity, ...] = ()
    conflicts: tuple[Entity, ...] = ()
    failures: tuple[Failure, ...] = ()
    expires_at: str = ""
    """RFC 3339 in UTC, to the second; empty when it cannot be read."""
    transfer_id: str = ""
    """`transferToken`: names a started claim when its progress is asked for; no right to anything
    without an access token of the destination [inference]."""
    reported: str = ""
    """A word about its state, where the service sends one (not documented)."""

    @property
    def is_blocked(self) -> bool:
        return bool(self.conflicts or self.failures)


def parse_claim(raw: object) -> Claim | None:
    """None for what is no claim: without an agent that has a login and an organization."""
    record = as_dict(raw)
    agent = as_dict(record.get("agent"))
    login, organization = as_text(agent.get("login")), as_text(agent.get("orgName"))
    if not (login and organization):
        return None
    return Claim(
        agent=Agent(login, organization, parse_time(as_text(agent.get("createdAt")))),
        entities=tuple(map(parse_owned, as_list(record.get("entities")))),
        conflicts=tuple(map(parse_owned, as_list(record.get("conflicts")))),
        failures=tuple(map(_parse_failure, as_list(record.get("failures")))),
        expires_at=parse_time(as_text(record.get("claimExpiresAt"))),
        transfer_id=as_text(record.get("transferToken")),
        reported=as_text(record.get("status")) or as_text(record.get("state")),
    )


def _parse_failure(raw: Any) -> Failure:
    record = as_dict(raw)
    return Failure(parse_owned(record.get("entity")), as_text(record.get("failureDetails")))
