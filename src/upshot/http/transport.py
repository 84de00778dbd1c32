"""The way to a service: direct, or through a proxy."""

from __future__ import annotations

import os

import httpx

from upshot.http.network import find_proxy
from upshot.http.wire import Limit


def open_transport(base_url: str, limit: Limit) -> httpx.BaseTransport:
    """The way to `base_url`, through the proxy that the environment names for it.

    Few runners have a proxy, so what knows CONNECT, and TLS within TLS, is loaded for them alone
    (docs/decisions/0047-http-client.md). Raises InputError for a proxy that cannot be used.
    """
    if proxy := find_proxy(base_url, os.environ):
        from upshot.http.proxied import ProxiedTransport

        return ProxiedTransport(base_url, proxy, limit)
    from upshot.http.direct import DirectTransport

    return DirectTransport(base_url, limit)
