"""The calls of an agent account that need no token: challenge, sign-up, validation.

The client that they go through has no access token. A claim token is a right to take the account over,
so each secret is handed to the caller the moment it exists, and no error shows one.
Source: the documented page of agent accounts; `agentName` comes from the shipped CLI.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Self
from urllib.parse import quote, unquote

from msgspec import Struct

from upshot.address import build_path
from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.http.calls import Call
from upshot.http.client import ServiceClient, Transport
from upshot.http.retry import CREATE
from upshot.lenient import as_dict, as_list, as_text
from upshot.pulumi.agents import faults
from upshot.pulumi.agents.claims import Claim
from upshot.pulumi.agents.proof.challenge import (
    Challenge,
    ChallengeRefused,
    is_solved,
    read_challenge,
)
from upshot.pulumi.agents.times import parse_time
from upshot.pulumi.agents.wire import fetch, fetch_claim
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Clock, Deadline

SIGN_UP: Final = "/api/agents/signup"
CHALLENGES: Final = (SIGN_UP, f"{SIGN_UP}/challenge")
"""Where a challenge is asked for: the page's table names the first, its prose the second; today's
service and CLI use the first."""
_VALIDATE: Final = f"{SIGN_UP}/validate/{{}}"
_NOT_SERVED: Final = frozenset({404, 405})
_SPENT: Final = frozenset({400, 409, 410})


class AgentAccount(Struct, frozen=True):
    """A new account; names are the service's, untrusted."""

    login: str
    organization: str
    """The agent's own organization, where its stacks live."""
    access_token: Secret
    valid_until: str
    """RFC 3339 in UTC; empty when unknown. After it the token may only read (72 h after sign-up)."""
    claim_token: Secret
    """A right to claim the account, once."""
    claim_valid_until: str
    """RFC 3339 in UTC; empty when unknown (30 days after sign-up)."""
    claim_address: Secret | None = None
    """For a person; None when the console's address is unknown."""


class AgentAccounts:
    """One service, asked without a token; close it, or use it in a `with` block.

    Everything raises ServiceError unless it says otherwise.
    """

    def __init__(
        self,
        cloud_url: str,
        *,
        console: str = "",
        clock: Clock,
        deadline: Deadline,
        on_warning: Callable[[str], None] | None = None,
        http: Transport | None = None,
    ) -> None:
        """`console`: origin of the console, for the claim address; empty when unknown. The rest as
        for `ServiceClient`.
        """
        self._client = ServiceClient(
            cloud_url,
            None,
            service=pulumi_cloud(console),
            clock=clock,
            deadline=deadline,
            on_warning=on_warning,
            http=http,
        )
        self._console = console
        self._served = ""
        self._used: set[str] = set()

    def request_challenge(self) -> Challenge:
        """A new challenge, from the one path of `CHALLENGES` that this service serves.

        Raises ChallengeRefused for one that cannot or will not be solved.
        """
        if not self._served:
            self._served = CHALLENGES[0]
            try:
                return self._read_challenge()
            except (ServiceBadReply, ServiceBadRequest, ServiceNotFound) as error:
                if not (error.status in _NOT_SERVED or isinstance(error, ServiceBadReply)):
                    raise
            self._served = CHALLENGES[1]
        return self._read_challenge()

    def sign_up(
        self,
        challenge: Challenge,
        result: str,
        *,
        agent_name: str = "",
        on_secret: Callable[[Secret], None],
    ) -> AgentAccount:
        """Creates the account; never twice for one challenge, and never again after a lost answer.

        `result` is the number of `proof.solve`. `on_secret` is called with every secret of the reply
        before anything else happens: the caller masks them. Raises ChallengeSpent when the service
        no longer takes the challenge, SignupLost when it is not known whether an account was made,
        ChallengeRefused for a challenge that was used before or is not solved by `result`.
        """
        number = int(result) if result.isascii() and result.isdecimal() else -1
        if challenge.id in self._used or not is_solved(challenge.data, number):
            raise ChallengeRefused("a challenge is answered once, and by its own proof of work")
        self._used.add(challenge.id)
        body = {"challengeID": challenge.id, "challengeResult": result}
        if agent_name:
            body["agentName"] = agent_name
        call = Call(method="POST", path=SIGN_UP, body=body, retry=CREATE, refusals=faults.SIGN_UP)
        fault: ServiceError
        try:
            reply = fetch(self._client, call)
            return self._read_account(reply, on_secret)
        except (ServiceTimeout, ServiceUnavailable, ServiceBadReply) as error:
            fault = faults.build_lost(error)
        except (ServiceBadRequest, ServiceConflict) as error:
            fault = faults.build_spent(error) if error.status in _SPENT else error
        raise fault

    def validate(self, claim_token: Secret) -> Claim | None:
        """What the claim token would hand over; None when it is unknown, used or expired (404)."""
        try:
            path = build_path(_VALIDATE, claim_token.reveal())
        except ValueError:  # nothing, or dots: no claim token
            return None
        call = Call(path=path, is_path_secret=True, refusals=faults.VALIDATE)
        try:
            return fetch_claim(self._client, call, claim_token)
        except ServiceNotFound:
            return None

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_challenge(self) -> Challenge:
        reply = fetch(self._client, Call(path=self._served, refusals=faults.CHALLENGE))
        challenge_id, data = as_text(reply.get("challengeID")), as_text(reply.get("challengeData"))
        if not (challenge_id and data):
            raise faults.build_no_challenge()
        return read_challenge(challenge_id, data)

    def _read_account(
        self, reply: dict[str, Any], on_secret: Callable[[Secret], None]
    ) -> AgentAccount:
        access, claim = (Secret(as_text(reply.get(key))) for key in ("accessToken", "claimToken"))
        address = build_claim_address(self._console, claim)
        for secret in (access, claim, Secret(as_text(reply.get("refreshToken"))), address):
            if secret:
                on_secret(secret)
        user = as_dict(reply.get("userInfo"))
        login = as_text(user.get("githubLogin"))
        if not (access and claim and login):
            raise faults.build_no_account()
        organizations = [as_dict(one) for one in as_list(user.get("organizations"))]
        own = (as_text(organization.get("githubLogin")) for organization in organizations)
        return AgentAccount(
            login=login,
            organization=next(filter(None, own), login),
            access_token=access,
            valid_until=parse_time(as_text(reply.get("accessTokenValidUntil"))),
            claim_token=claim,
            claim_valid_until=parse_time(as_text(reply.get("claimTokenValidUntil"))),
            claim_address=address,
        )


def find_claim_token(given: Secret) -> Secret:
    """The claim token of a claim address, as a person may have been given one; else what was given."""
    _, found, rest = given.reveal().partition("/claim/")
    return Secret(unquote(re.split(r"[/?#]", rest, maxsplit=1)[0])) if found else given


def build_claim_address(console: str, claim_token: Secret) -> Secret | None:
    """`{console}/claim/{claimToken}` (shipped CLI), as secret as the token in it; None where the
    console's address or the token is empty.
    """
    if not (console and claim_token):
        return None
    return Secret(f"{console}/claim/{quote(claim_token.reveal(), safe='')}")
