"""What the network around the runner asks for: proxies from the environment, one TLS context.

Must not know tokens, paths or what is asked.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import httpx

from upshot.address import find_own_authority, is_loopback
from upshot.errors import InputError


@cache
def tls_context() -> ssl.SSLContext:
    """The one context of the process: it costs 15 ms to build. Verification cannot be turned off.

    The environment may add a company's own authority to the public ones.
    """
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    if own := find_own_authority(os.environ):
        context.load_verify_locations(own)
    if folder := os.environ.get("SSL_CERT_DIR", ""):
        context.load_verify_locations(capath=folder)
    return context


def find_proxy(base_url: str, env: Mapping[str, str]) -> str:
    """The proxy that `env` names for this address, or an empty text.

    `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case; lower case
    wins, also when it is empty. Loopback never goes through one: a token in plain http must not leave the machine.

    Raises InputError for a proxy that is neither http nor https.
    """
    parsed = urlsplit(base_url)
    host = parsed.hostname or ""
    proxies = _proxies(env)
    if is_loopback(host) or _is_exempt(host, proxies.get("no", "")):
        return ""
    found = proxies.get(parsed.scheme) or proxies.get("all") or ""
    if found and "://" not in found:
        found = f"http://{found}"
    if found and not found.startswith(("http://", "https://")):
        raise InputError(
            "HTTPS_PROXY",
            f"a proxy of the kind {found.partition('://')[0][:20]!a} from the environment",
            "an http or https proxy",
        )
    return found


def _proxies(env: Mapping[str, str]) -> dict[str, str]:
    """Scheme, `all` or `no` -> what its variable `<name>_proxy` holds."""
    upper = {name.lower(): value for name, value in env.items() if name.endswith("_PROXY")}
    lower = {name: value for name, value in env.items() if name.endswith("_proxy")}
    return {name.removesuffix("_proxy"): value for name, value in (upper | lower).items() if value}


def _is_exempt(host: str, no_proxy: str) -> bool:
    """Whether `NO_PROXY` names the host or a domain that it is in; `*` names all."""
    names = [name.strip().lstrip(".").lower() for name in no_proxy.split(",")]
    return "*" in names or any(f".{host}".endswith(f".{name}") for name in names if name)


def quiet_loggers() -> None:
    """The libraries log each address at INFO, and a path can be a right in itself (threat T34)."""
    import logging

    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
