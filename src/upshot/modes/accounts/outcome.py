"""How an operation on an agent account ended, as a value, and what outputs and report say of a claim.

Pure. No token is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, json

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceError,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
    UpshotError,
)
from upshot.inputs.account import Operation
from upshot.model import ReasonCode
from upshot.pulumi.agents.claims import Claim, ClaimState
from upshot.pulumi.agents.entities import Entity, Renamed, Stack, UnknownEntity
from upshot.pulumi.agents.renames import suggest_renames
from upshot.report.accounts.page import AccountPage, Item
from upshot.result.outputs import LIMIT_BYTES

MUST_SUCCEED: Final = frozenset({Operation.SIGNUP, Operation.CLAIM})
_AUTHOR_ACTS: Final = (
    ServiceAuthError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceBadRequest,
    ServiceLimitReached,
)
_JSON_BUDGET: Final = LIMIT_BYTES - 2


class Outcome(Struct, frozen=True, kw_only=True):
    page: AccountPage
    outputs: dict[str, str] = {}
    exit_code: int = 0
    reason: ReasonCode = ReasonCode.OK
    has_comment: bool = False
    """The report is for the pull request, too."""
    is_truncated: bool = False
    """An output has only a part of a list."""


def is_exit_1(operation: Operation, fault: UpshotError) -> bool:
    """Whether a fault fails the step.

    So does each that keeps an account from being made or claimed. Of the rest, those that a person
    must mend do, and an outage, which only leaves something unsaid, does not.
    """
    if operation in MUST_SUCCEED or not isinstance(fault, ServiceError):
        return True
    return isinstance(fault, _AUTHOR_ACTS)


def describe_claim(
    operation: Operation,
    state: ClaimState,
    claim: Claim,
    *,
    destination: str = "",
    renames: Mapping[str, str] | None = None,
    sent: tuple[Renamed, ...] = (),
    transfer_id: str = "",
) -> AccountPage:
    """What the report says of a claim. `renames` as given, `sent` as they go with the claim."""
    offered = suggest_renames(claim, renames or {}) if claim.conflicts else {}
    new = {(one.entity.kind, one.entity.key): one.rename_as.name for one in sent}
    return AccountPage(
        operation=operation,
        state=state,
        login=claim.agent.login,
        organization=claim.agent.organization,
        created_at=claim.agent.created_at,
        destination=destination,
        claim_until=claim.expires_at,
        moves=tuple(_item(one, new.get((one.kind, one.key), "")) for one in claim.entities),
        conflicts=tuple(_item(one, offered.get(one.key, "")) for one in claim.conflicts),
        failures=tuple(_item(one.entity, one.details) for one in claim.failures),
        renames=tuple(offered.items()),
        transfer_id=transfer_id,
    )


def claim_outputs(page: AccountPage) -> tuple[dict[str, str], bool]:
    """The outputs about a claim, and whether a list was cut so that it is still JSON."""
    conflicts, conflicts_cut = _json(
        [{"kind": one.noun, "name": one.name, "free-name": one.note} for one in page.conflicts]
    )
    failures, failures_cut = _json(
        [{"kind": one.noun, "name": one.name, "why": one.note} for one in page.failures]
    )
    outputs = {
        "account-login": page.login,
        "account-organization": page.organization,
        "claim-valid-until": page.claim_until,
        "claim-state": page.state,
        "claim-conflicts": conflicts,
        "claim-failures": failures,
        "transfer-id": page.transfer_id,
    }
    return outputs, conflicts_cut or failures_cut


def _item(entity: Entity, note: str) -> Item:
    """A kind that is not known has no name that means something: what was sent as its kind stands there."""
    name = entity.name or "?" if isinstance(entity, UnknownEntity) else entity.key
    resources = entity.resource_count if isinstance(entity, Stack) else None
    return Item(entity.noun, name, note, resources)


def _json(records: list[dict[str, Any]]) -> tuple[str, bool]:
    """A JSON list of the first records that fit into an output, and whether some did not."""
    parts: list[bytes] = []
    left = _JSON_BUDGET
    for record in records:
        part = json.encode(record)
        left -= len(part) + 1
        if left < 0:
            break
        parts.append(part)
    return f"[{b','.join(parts).decode()}]", len(parts) < len(records)
