"""New names for what collides: which entity a line of `claim-renames` means, and free names to offer.

Pure. A name is only ever offered; a claim renames what its author wrote and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from upshot.errors import InputError
from upshot.inputs.renames import LONGEST_NAME, NAME
from upshot.pulumi.agents.claims import Claim
from upshot.pulumi.agents.entities import (
    Entity,
    Known,
    Renamed,
    UnknownEntity,
    rename,
)

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_MOST_SHOWN: Final = 20


def resolve_renames(claim: Claim, renames: Mapping[str, str]) -> tuple[Renamed, ...]:
    """The `conflictsResolution` for these lines of `claim-renames`, in their order.

    A key that a stack and an environment share renames both. A key of something that the service
    does not call a conflict is left out: only conflicts can be resolved (documented). Raises
    InputError for a key that the claim does not have.
    """
    unknown = sorted(set(renames) - {entity.key for entity in _all(claim)})
    if unknown:
        known = sorted({entity.key for entity in claim.conflicts if entity.key})
        more = ", …" if len(known) > _MOST_SHOWN else ""
        raise InputError(
            NAME,
            f"{unknown[0][:200]!a}, which the claim does not have",
            ", ".join(ascii(key[:200]) for key in known[:_MOST_SHOWN]) + more
            if known
            else "nothing: no entity of this claim collides",
        )
    conflicts = _by_key(claim.conflicts)
    return tuple(
        rename(entity, name) for key, name in renames.items() for entity in conflicts.get(key, ())
    )


def suggest_renames(claim: Claim, renames: Mapping[str, str]) -> dict[str, str]:
    """All of `claim-renames` as it should be: what was given, and a free name for each conflict.

    `renames` are those that `claim` was previewed with; one that did not resolve its conflict is
    replaced. "Free" means: no entity of the claim, no conflict and no other line has the name; the
    agent's login in it makes it unlikely that the destination has it. `write_renames` makes the
    YAML of it.
    """
    conflicts = _by_key(claim.conflicts)
    wanted = {key: name for key, name in renames.items() if key not in conflicts}
    taken: dict[str, set[str]] = {}
    for entity in _all(claim):
        taken.setdefault(_beside(entity.key), set()).add(entity.name)
    for key, name in renames.items():
        taken.setdefault(_beside(key), set()).add(name)
    for key, entities in conflicts.items():
        beside = taken[_beside(key)]
        names = _names(entities[0].name, claim.agent.login)
        wanted[key] = next(name for name in names if name not in beside)
        beside.add(wanted[key])
    return wanted


def _names(name: str, login: str) -> Iterator[str]:
    """`web-agent-abc123`, then `web-agent-abc123-2`, …; each at most 100 characters."""
    bare = _NOT_IN_NAMES.sub("-", name) or "entity"
    suffix = f"-{_NOT_IN_NAMES.sub('-', login)[: LONGEST_NAME // 2]}"
    number = 1
    while True:
        end = suffix if number == 1 else f"{suffix}-{number}"
        yield bare[: LONGEST_NAME - len(end)] + end
        number += 1


def _beside(key: str) -> str:
    """What must not hold the same name twice: a project, or a package's source and publisher."""
    return key.rpartition("/")[0]


def _all(claim: Claim) -> list[Known]:
    failed = (failure.entity for failure in claim.failures)
    everything = (*claim.entities, *claim.conflicts, *failed)
    return [entity for entity in everything if not isinstance(entity, UnknownEntity)]


def _by_key(entities: tuple[Entity, ...]) -> dict[str, list[Known]]:
    """What each key names, each entity once; of what is unknown, nothing."""
    found: dict[str, dict[str, Known]] = {}
    for entity in entities:
        if not isinstance(entity, UnknownEntity):
            found.setdefault(entity.key, {})[entity.kind] = entity
    return {key: list(kinds.values()) for key, kinds in found.items()}
