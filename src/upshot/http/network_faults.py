"""From a failed exchange of bytes to the error that says whether it may have been accepted.

Pure; the HTTP statuses are in `faults`.
"""

from __future__ import annotations

import httpx

from upshot.errors import ServiceConnectionLost, ServiceError, ServiceTimeout, ServiceUnreachable
from upshot.http.faults import Where
from upshot.timing import Deadline

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def build_network_error(where: Where, error: httpx.HTTPError, until: Deadline) -> ServiceError:
    """What a failed exchange means for whoever asked: was it surely not accepted, or maybe?"""
    at = f"{where.method} {where.path}"
    cause = " ".join(str(error).split())[:200] or type(error).__name__
    method, path = where.method, where.path
    if isinstance(error, _NOT_SENT):
        if until.passed:
            return build_no_time(where)
        hint = "Check the network, `cloud-url` and the proxy settings of the runner."
        if "CERTIFICATE" in cause.upper():
            hint = "Set SSL_CERT_FILE to the certificate authority that your server uses."
        return ServiceUnreachable(
            f"no connection to Pulumi Cloud ({cause}) at {at}", hint=hint, method=method, path=path
        )
    if isinstance(error, httpx.TimeoutException):
        if until.passed:
            return build_no_time(where)
        return ServiceTimeout(
            f"Pulumi Cloud did not answer in time at {at}", method=method, path=path
        )
    return ServiceConnectionLost(
        f"the connection broke ({cause}) at {at}", method=method, path=path
    )


def build_no_time(where: Where) -> ServiceTimeout:
    return ServiceTimeout(
        f"the time for it ran out at {where.method} {where.path}",
        method=where.method,
        path=where.path,
        hint="Raise `max-wait` or `timeout` if this happens often.",
    )
