"""Trades GitHub's id token for a Pulumi access token, as pulumi/auth-actions does on the wire.

Two requests: to the runner's token service, then to `{api}/api/oauth/token`. Every secret is handed
to the caller the moment it exists, to be masked before anything else is printed.
Must not know the environment: `ACTIONS_ID_TOKEN_REQUEST_…` come in as values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from upshot.errors import ServiceAuthError, ServiceError
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient, Transport
from upshot.http.retry import EXCHANGE
from upshot.http.service import Service
from upshot.lenient import as_dict, as_text
from upshot.pulumi.oidc_faults import (
    build_exchange_error,
    build_id_token_error,
    build_missing_permission,
)
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Clock, Deadline

PATH: Final = "/api/oauth/token"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_RUNNERS_TOKENS: Final = Service(
    name="GitHub's token service",
    address_input="ACTIONS_ID_TOKEN_REQUEST_URL",
    token_input="ACTIONS_ID_TOKEN_REQUEST_TOKEN",  # noqa: S106 - the name of a variable
    auth={"Authorization": "bearer {}"},
    status_page="https://www.githubstatus.com",
)
_ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - a type's name


class IdTokenService(Struct, frozen=True):
    """Where the runner hands out id tokens; both empty without `id-token: write`."""

    url: str = ""
    """ACTIONS_ID_TOKEN_REQUEST_URL: an address with a query."""
    token: Secret | None = None
    """ACTIONS_ID_TOKEN_REQUEST_TOKEN."""
    is_fork: bool = False
    """The pull request comes from a fork, which never gets an id token."""


class TokenRequest(Struct, frozen=True):
    """Which access token is wanted."""

    organization: str
    token_type: str
    """`urn:pulumi:token-type:access_token:organization`, `…:team`, `…:personal`, `…:runner`."""
    scope: str = ""
    """`team:NAME`, `user:LOGIN`, `admin`, `runner:NAME`; sent when not empty."""
    expiration_s: int | None = None
    """Sent when given; the service has its own default and limit."""


def mint_access_token(
    service: IdTokenService,
    request: TokenRequest,
    *,
    cloud_url: str,
    clock: Clock,
    deadline: Deadline,
    on_secret: Callable[[Secret], None],
    http: Transport | None = None,
) -> Secret:
    """Gets an id token for the organization and exchanges it.

    `on_secret` is called with the id token, the access token and any refresh token, each before
    anything else happens: the caller masks them. Raises ServiceError: each class of failure has
    its own message, and what to paste.
    """
    id_token = request_id_token(
        service, request.organization, clock=clock, deadline=deadline, http=http
    )
    on_secret(id_token)
    with ServiceClient(
        cloud_url, None, service=pulumi_cloud(), clock=clock, deadline=deadline, http=http
    ) as client:
        call = Call(
            method="POST",
            path=PATH,
            headers={"Accept": "application/json"},
            body=build_exchange_body(request, id_token),
            retry=EXCHANGE,
        )
        fault: ServiceError | None = None
        try:
            reply = as_dict(decode_json(client.send(call), object))
        except ServiceError as error:
            fault = build_exchange_error(error, id_token, request.organization)
        if fault:
            raise fault
    for key in ("access_token", "refresh_token"):
        if as_text(reply.get(key)):
            on_secret(Secret(as_text(reply.get(key))))
    if not as_text(reply.get("access_token")):
        raise ServiceAuthError(
            f"Pulumi Cloud answered the OIDC exchange without an access token (POST {PATH})",
            method="POST",
            path=PATH,
            anchor="oidc-refused",
        )
    return Secret(as_text(reply.get("access_token")))


def request_id_token(
    service: IdTokenService,
    organization: str,
    *,
    clock: Clock,
    deadline: Deadline,
    http: Transport | None = None,
) -> Secret:
    """GitHub's signed statement of which workflow this is, for the audience `urn:pulumi:org:ORG`."""
    if not (service.url and service.token):
        raise build_missing_permission(is_fork=service.is_fork)
    address = urlsplit(service.url)
    base_url = f"{address.scheme}://{address.netloc}"
    client = ServiceClient(
        base_url,
        service.token,
        service=_RUNNERS_TOKENS,
        clock=clock,
        deadline=deadline,
        http=http,
    )
    fault: ServiceError | None = None
    with client:
        call = Call(
            path=address.path or "/",
            params=(*_query(address.query), ("audience", build_audience(organization))),
            retry=EXCHANGE,
        )
        try:
            reply = as_dict(decode_json(client.send(call), object))
        except ServiceError as error:
            fault = build_id_token_error(error)
    if fault:
        raise fault
    value = as_text(reply.get("value"))
    if not value:
        raise ServiceAuthError(
            "GitHub's token service answered without an id token", anchor="oidc-permission"
        )
    return Secret(value)


def build_audience(organization: str) -> str:
    return f"urn:pulumi:org:{organization}"


def build_exchange_body(request: TokenRequest, id_token: Secret) -> dict[str, Any]:
    """The body of the exchange; `scope` and `expiration` only when set."""
    body: dict[str, Any] = {
        "audience": build_audience(request.organization),
        "grant_type": _GRANT,
        "subject_token_type": _ID_TOKEN,
        "requested_token_type": request.token_type,
        "subject_token": id_token.reveal(),
    }
    if request.scope:
        body["scope"] = request.scope
    if request.expiration_s is not None:
        body["expiration"] = request.expiration_s
    return body


def _query(query: str) -> tuple[tuple[str, str], ...]:
    from urllib.parse import parse_qsl

    return tuple(parse_qsl(query, keep_blank_values=True, max_num_fields=50))
