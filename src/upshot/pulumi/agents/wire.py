"""One way to send the calls of agent accounts and to read what comes back.

A claim token stands in a path and in bodies, and a service may repeat it: no error of the transport is
passed on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from upshot.errors import ServiceError
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.lenient import as_dict
from upshot.pulumi.agents.claims import Claim, parse_claim
from upshot.pulumi.agents.faults import build_no_claim, without
from upshot.secret import Secret


def fetch(client: ServiceClient, call: Call, secrets: Sequence[Secret] = ()) -> dict[str, Any]:
    """The JSON object of the reply; empty for other JSON. Raises ServiceError without `secrets`."""
    try:
        return as_dict(decode_json(client.send(call), object))
    except ServiceError as error:
        fault = without(error, secrets)
    raise fault  # outside the handler, so that no traceback shows the first error beside it


def fetch_claim(client: ServiceClient, call: Call, claim_token: Secret) -> Claim:
    """As `fetch`, a claim; ServiceBadReply for another object."""
    claim = parse_claim(fetch(client, call, (claim_token,)))
    if claim is None:
        raise build_no_claim()
    return claim
