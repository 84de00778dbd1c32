"""Validation and claims: what moves, what collides, the lock meanwhile, the end of the agent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import Struct

from upshot_sandbox.accounts.owned import INSIGHTS, Identity, identity_of, show
from upshot_sandbox.accounts.signup import note_token
from upshot_sandbox.accounts.state import AccountsState, Agent, Claim, time_of
from upshot_sandbox.cloud.auth import refuse, signed_in
from upshot_sandbox.wire import read_body
from upshot_sandbox.world import World

_CLAIM: Final = "/api/agents/{org}/claim"
_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
"""What Go, in which the service is written, reads as true."""


class _Body(Struct, frozen=True, rename="camel"):
    claim_token: str
    conflicts_resolution: list[Any] | None = None


def routes(world: World, state: AccountsState) -> Sequence[web.RouteDef]:
    async def validate(request: web.Request) -> web.Response:
        note_token(world, request)
        agent = state.claimable(request.match_info["token"])
        if agent is None:
            raise refuse(404, "Not Found: unknown, expired or cancelled claim token")
        return web.json_response(describe(state, agent, {}))

    async def claim(request: web.Request) -> web.Response:
        _admit(world, state, request)
        body = await read_body(request, _Body, world.journal)
        agent = state.claimable(body.claim_token)
        if agent is None:
            raise refuse(404, "Not Found: unknown, expired or cancelled claim token")
        if agent.claim and not agent.claim.has_ended:
            raise refuse(409, f"Conflict: organization {agent.login} is being claimed")
        renames = _read_renames(state, agent, body.conflicts_resolution or [])
        found = describe(state, agent, renames)
        is_blocked = bool(found["conflicts"] or found["failures"])
        if request.query.get("dryRun", "") not in _TRUE and not is_blocked:
            found["transferToken"] = _start(state, agent, renames).id
        return web.json_response(found)

    async def status(request: web.Request) -> web.Response:
        _admit(world, state, request)
        return web.json_response({"claims": look(state)})

    return [
        web.get("/api/agents/signup/validate/{token}", validate),
        web.post(_CLAIM, claim),
        web.get(f"{_CLAIM}/status", status),
    ]


def describe(
    state: AccountsState, agent: Agent, renames: dict[Identity, Identity]
) -> dict[str, Any]:
    """An AgentClaimResponse; `renames`: as it is -> as it would be."""
    owned = agent.owns.known
    failures = [
        {"entity": show(one), "failureDetails": "Insights accounts cannot be transferred yet"}
        for one in owned
        if one[0] == INSIGHTS and not state.plan.insights_move
    ]
    after = {one: renames.get(one, one) for one in owned}
    names = list(after.values())
    conflicts = [
        show(one)
        for one, new in after.items()
        if new in state.destination.known or names.count(new) > 1
    ]
    return {
        "agent": {
            "login": agent.login,
            "orgName": agent.login,
            "createdAt": time_of(agent.created_at),
        },
        "entities": agent.owns.entities(),
        "conflicts": conflicts,
        "failures": failures,
        "claimExpiresAt": time_of(state.claim_expires_at(agent)),
    }


def look(state: AccountsState) -> dict[str, Any]:
    """The recent claims; each look brings each of them nearer to its end."""
    listed = {}
    for claim in state.claims.values():
        claim.looks += 1
        if not claim.has_ended and claim.looks >= state.plan.looks:
            _end(state, claim)
        if not (claim.has_ended and state.plan.ends == "unlisted" and not claim.broke):
            listed[claim.id] = _progress(state, claim)
    return listed


def _progress(state: AccountsState, claim: Claim) -> dict[str, Any]:
    found = describe(state, claim.agent, {})
    ends = state.plan.ends if claim.has_ended and not claim.broke else ""
    left = claim.started if ends in {"same", "word", "token"} else claim.moves
    found |= {"conflicts": [], "failures": [], "transferToken": claim.id}
    found["entities"] = [show(old) for old, _ in left]
    if claim.broke:
        broken = {"entity": show(claim.moves[0][0]), "failureDetails": claim.broke}
        found["failures"] = [broken]
    if ends == "word":
        found["status"] = "completed"
    if ends == "token":
        del found["transferToken"]
    return found


def _start(state: AccountsState, agent: Agent, renames: dict[Identity, Identity]) -> Claim:
    """From now on the agent's organization is locked."""
    moves = [(one, renames.get(one, one)) for one in agent.owns.known]
    number = len(state.claims) + 1
    claim = Claim(
        str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox claim {number}")), agent, moves, list(moves)
    )
    state.claims[claim.id] = agent.claim = claim
    return claim


def _end(state: AccountsState, claim: Claim) -> None:
    claim.has_ended = True
    agent = claim.agent
    if state.plan.breaks and claim.moves:
        claim.broke = state.plan.breaks
        return
    for old, new in claim.moves:
        state.destination.known[new] = agent.owns.known.pop(old)
    state.destination.others += agent.owns.others
    agent.owns.others = []
    claim.moves = []
    agent.is_dead = True
    state.cloud.tokens.discard(agent.access_token)


def _admit(world: World, state: AccountsState, request: web.Request) -> None:
    token = signed_in(world, request)
    if state.by_token(token):
        raise refuse(403, "Forbidden: an agent account cannot claim")
    if request.match_info["org"] != state.organization:
        raise refuse(404, f"Not Found: organization '{request.match_info['org']}' not found")
    if not state.plan.may_claim:
        raise refuse(403, "Forbidden: you may not create stacks in this organization")


def _read_renames(
    state: AccountsState, agent: Agent, resolution: list[Any]
) -> dict[Identity, Identity]:
    """Raises `Refusal` 400 for what is no rename of a conflict."""
    conflicts = {identity_of(one) for one in describe(state, agent, {})["conflicts"]}
    renames: dict[Identity, Identity] = {}
    for given in resolution:
        kind = str(given.get("kind", "")) if isinstance(given, dict) else ""
        if not kind.endswith("Rename"):
            raise refuse(400, f"Bad Request: conflictsResolution: unknown kind '{kind}'")
        old = identity_of(given | {"kind": kind.removesuffix("Rename")})
        new = identity_of(given.get("renameAs"))
        if old is None or new is None or new[0] != old[0]:
            raise refuse(400, "Bad Request: conflictsResolution: an entity is not well-formed")
        if old not in conflicts:
            raise refuse(400, "Bad Request: conflictsResolution: there is no such conflict")
        renames[old] = new
    return renames
