"""What the list of recent claims says of one claim: it runs, is done, or failed. Pure.

The documented page says that a claim's progress is in the list of recent claims, in the shape of a
preview, and not how its end shows there. So several signs count, each marked as what it is
(docs/decisions/0017): whatever is not clearly an end is still running.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from upshot.pulumi.agents.claims import Claim, ClaimState

_DONE: Final = frozenset({"done", "complete", "completed", "succeeded", "success", "claimed"})
_FAILED: Final = frozenset({"failed", "error", "errored", "cancelled", "canceled", "aborted"})


def find_ours(
    listed: Mapping[str, Claim], *, agent: str, transfer_id: str, before: AbstractSet[str]
) -> tuple[str, Claim] | None:
    """Our claim and its id: by the id of its start, else a new one of the same agent.

    `agent` is the agent's organization; `before` holds the ids that were listed before the start.
    """
    if transfer_id:
        for key, claim in listed.items():
            if transfer_id in {key, claim.transfer_id}:
                return key, claim
    for key, claim in listed.items():
        if key not in before and claim.agent.organization == agent:
            return key, claim
    return None


def judge(claim: Claim, *, had_transfer_id: bool, had_entities: bool = True) -> ClaimState:
    """`started` while nothing says that it has ended.

    Failed: it lists failures or conflicts, which prevent a claim from completing (documented). Done:
    the agent's organization has nothing left of what it had (`had_entities`), or the id for asking about
    its progress, which it had before, is gone [inference]. A word for the state, should the service
    send one, comes first.
    """
    word = claim.reported.lower()
    if word in _DONE:
        return ClaimState.DONE
    if word in _FAILED or claim.is_blocked:
        return ClaimState.FAILED
    if (had_entities and not claim.entities) or (had_transfer_id and not claim.transfer_id):
        return ClaimState.DONE
    return ClaimState.STARTED
