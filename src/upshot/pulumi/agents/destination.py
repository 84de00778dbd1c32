"""The calls of the organization that takes an agent account over, with the token of a member.

Source: the documented page of agent accounts; a stack is looked for on the path that the CLI uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from upshot.address import build_path
from upshot.errors import ServiceError, ServiceNotFound
from upshot.http.calls import Call
from upshot.http.client import ServiceClient
from upshot.http.retry import CREATE, ONCE, READ, RetryPolicy
from upshot.lenient import as_dict
from upshot.pulumi.agents import faults
from upshot.pulumi.agents.claims import Claim, parse_claim
from upshot.pulumi.agents.entities import Renamed, Stack, build_rename
from upshot.pulumi.agents.wire import fetch, fetch_claim
from upshot.secret import Secret

_CLAIM: Final = "/api/agents/{}/claim"
_STATUS: Final = "/api/agents/{}/claim/status"
_STACK: Final = "/api/stacks/{}/{}/{}"
_LOOK_TIMEOUT_S: Final = 10.0


class Destination:
    """One organization. Everything raises ServiceError unless it says otherwise."""

    def __init__(self, client: ServiceClient, organization: str) -> None:
        """`client` has the access token of a person who may claim into `organization`."""
        self._client = client
        self.organization = organization

    def preview(self, claim_token: Secret, renames: Sequence[Renamed] = ()) -> Claim:
        """What a claim would do; it changes nothing, so it is repeated like a GET."""
        return self._claim(claim_token, renames, READ, (("dryRun", "true"),))

    def start(self, claim_token: Secret, renames: Sequence[Renamed] = ()) -> Claim:
        """Starts the claim; one with conflicts or failures changed nothing.

        Repeated only when it was surely not accepted. After ServiceTimeout, ServiceUnavailable or
        ServiceBadReply it may have started: look at `read_claims`, never start it again.
        """
        return self._claim(claim_token, renames, CREATE, ())

    def read_claims(self) -> dict[str, Claim]:
        """The recent claims into this organization, by their id; what is no claim is left out."""
        path = build_path(_STATUS, self.organization)
        reply = fetch(self._client, Call(path=path, refusals=faults.CLAIM))
        found = {key: parse_claim(raw) for key, raw in as_dict(reply.get("claims")).items()}
        return {key: claim for key, claim in found.items() if claim is not None}

    def has_stack(self, stack: Stack) -> bool | None:
        """Whether the organization has the stack now; None when that is not known."""
        try:
            path = build_path(_STACK, self.organization, stack.project, stack.name)
            self._client.send(Call(path=path, retry=ONCE, read_timeout_s=_LOOK_TIMEOUT_S))
        except ServiceNotFound:
            return False
        except (ServiceError, ValueError):
            return None
        return True

    def _claim(
        self,
        claim_token: Secret,
        renames: Sequence[Renamed],
        retry: RetryPolicy,
        params: tuple[tuple[str, str], ...],
    ) -> Claim:
        path = build_path(_CLAIM, self.organization)
        body: dict[str, object] = {"claimToken": claim_token.reveal()}
        if renames:
            body["conflictsResolution"] = [build_rename(one) for one in renames]
        call = Call(
            method="POST",
            path=path,
            params=params,
            body=body,
            retry=retry,
            refusals=faults.CLAIM,
        )
        return fetch_claim(self._client, call, claim_token)
