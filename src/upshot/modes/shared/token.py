"""The Pulumi access token: the input, else the environment, else an OIDC exchange, else none."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from upshot.errors import ServiceError
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import ReasonCode
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret


class Access(Struct, frozen=True):
    """A token, or why there is none."""

    token: Secret | None = None
    fault: ServiceError | None = None
    """Why the exchange that was asked for gave no token."""


def obtain_access(job: Job) -> Access:
    """The token for Pulumi Cloud. A refused exchange is a warning: the local diagnosis stands."""
    inputs, wanted = job.inputs, job.inputs.pulumi
    if wanted.access_token or wanted.requested_token_type is None:
        return Access(wanted.access_token)
    from upshot.pulumi.oidc import IdTokenService, TokenRequest, mint_access_token

    request_token = job.env.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "")
    service = IdTokenService(
        url=job.env.get("ACTIONS_ID_TOKEN_REQUEST_URL", ""),
        token=Secret(request_token) if request_token else None,
        is_fork=job.event.is_fork is True,
    )
    request = TokenRequest(
        organization=inputs.subject.organization,
        token_type=wanted.requested_token_type.value,
        scope=wanted.scope,
        expiration_s=wanted.token_expiration_s,
    )
    try:
        token = mint_access_token(
            service,
            request,
            cloud_url=wanted.cloud_url,
            clock=job.clock,
            deadline=job.deadline,
            on_secret=job.hide,
            http=job.http,
        )
    except ServiceError as fault:
        job.warnings.degraded_by(ReasonCode.AI_TOKEN, "No Pulumi access token", fault)
        return Access(fault=fault)
    return Access(token)


def connect_cloud(
    job: Job, access: Access, *, on_warning: Callable[[str], None] | None = None
) -> ServiceClient | None:
    """A client for Pulumi Cloud, None without a token. It makes no request yet.

    `on_warning` gets what the service warns its clients of; without it the log does.
    """
    if access.token is None:
        return None

    def log_warning(text: str) -> None:
        job.log.info("Pulumi Cloud warns its clients:")
        job.log.untrusted(text)

    return ServiceClient(
        job.inputs.pulumi.cloud_url,
        access.token,
        service=pulumi_cloud(job.console),
        clock=job.clock,
        deadline=job.deadline,
        on_warning=on_warning or log_warning,
        http=job.http,
    )


def connect_again(job: Job, access: Access) -> ServiceClient:
    """Another connection beside the first, for reads at the same time; it repeats no warning.

    Only where `access` has a token.
    """
    client = connect_cloud(job, access, on_warning=lambda _: None)
    assert client is not None  # noqa: S101 - there is a token
    return client
