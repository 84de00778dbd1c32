"""Signing up: a challenge that expires and is used once, its proof, and the new account."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from msgspec import Struct, field

from upshot_sandbox.accounts.state import AccountsState, Agent, time_of
from upshot_sandbox.cloud.auth import refuse
from upshot_sandbox.wire import line_of, read_body
from upshot_sandbox.world import World

_PATH: Final = "/api/agents/signup"


class _SignUp(Struct, frozen=True, rename="camel"):
    """`agentName` and its kin are the CLI's; they are not in the description."""

    challenge_id: str = field(name="challengeID")
    challenge_result: str
    agent_name: str = ""
    agent_model: str = ""
    challenge_solve_duration_ms: int = 0


def routes(world: World, state: AccountsState) -> Sequence[web.RouteDef]:
    async def challenge(request: web.Request) -> web.Response:
        note_token(world, request)
        made = state.new_challenge()
        return web.json_response({"challengeID": made.id, "challengeData": made.data})

    async def sign_up(request: web.Request) -> web.Response:
        note_token(world, request)
        body = await read_body(request, _SignUp, world.journal)
        made = state.challenges.get(body.challenge_id)
        if made is None:
            raise refuse(400, "Bad Request: unknown challenge")
        if made.is_used:
            world.journal.violation(line_of(request), "a challenge was answered twice")
            raise refuse(400, "Bad Request: the challenge was used already")
        made.is_used = True
        state.answered += 1
        if state.answered <= state.plan.expire_first or state.now() >= made.expires_at:
            raise refuse(400, "Bad Request: the challenge has expired")
        if not proves(made.data, body.challenge_result):
            world.journal.violation(line_of(request), "the proof of work is wrong")
            raise refuse(400, "Bad Request: invalid proof of work")
        return web.json_response(show_account(state, state.new_agent()))

    found = [web.post(_PATH, sign_up)]
    if "table" in state.plan.serves:
        found.append(web.get(_PATH, challenge))
    else:
        found.append(web.get(_PATH, _not_served))
    if "prose" in state.plan.serves:
        found.append(web.get(f"{_PATH}/challenge", challenge))
    else:
        found.append(web.get(f"{_PATH}/challenge", _not_served))
    return found


def proves(data: str, result: str) -> bool:
    """The service's own check, apart from the client's: zero bits at the start of the digest."""
    if not (result.isascii() and result.isdecimal() and int(result) < 2**64):
        return False
    digest = hashlib.sha256(f"{data}:{result}".encode()).hexdigest()
    bits = f"{int(digest, 16):0256b}"
    return bits.startswith("0" * int(data.rsplit(":", 1)[1]))


def show_account(state: AccountsState, agent: Agent) -> dict[str, Any]:
    """The reply to a sign-up."""
    return {
        "accessToken": agent.access_token,
        "accessTokenValidUntil": time_of(state.access_expires_at(agent)),
        "claimToken": agent.claim_token,
        "claimTokenValidUntil": time_of(state.claim_expires_at(agent)),
        "userInfo": show_user(agent),
    }


def show_user(agent: Agent) -> dict[str, Any]:
    """The agent as a user of Pulumi Cloud."""
    own = {"githubLogin": agent.login, "name": agent.login, "avatarUrl": "", "role": "admin"}
    return {
        "id": agent.claim_token[::-1],
        "githubLogin": agent.login,
        "name": "Agent",
        "email": f"{agent.login}@agents.example",
        "avatarUrl": "",
        "organizations": [own],
        "identities": [],
        "siteAdmin": False,
        "hasMFA": False,
        "isOrgManaged": False,
        "isManagedByMultiOrg": False,
        "isAgent": True,
    }


async def _not_served(_: web.Request) -> web.Response:
    """404, which is no violation: a client finds out which path is served."""
    raise refuse(404, "Not Found")


def note_token(world: World, request: web.Request) -> None:
    if "Authorization" in request.headers:
        world.journal.violation(line_of(request), "a sign-up carries no Authorization")
