"""Addresses of services: https, or plain http on this very machine, and nothing clever.

A token follows these addresses, so they are read strictly (threat T31): no user information, no
query, no fragment, no white space, no host outside ASCII. Knows neither inputs nor HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

LONGEST = 2_048


def parse_base_url(text: str, *, with_path: bool = False) -> str:
    """The address in its plain form: lower-case scheme and host, no trailing slash.

    `with_path` allows a path (`https://github.acme.corp/api/v3`). Raises ValueError; its text
    completes the sentence "allowed is …".
    """
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\"<>^`{|}'):
        raise ValueError("an address of ASCII characters without spaces")
    if len(text) > LONGEST:
        raise ValueError(f"an address of at most {LONGEST:,} characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("an address such as https://api.pulumi.com") from None
    if parts.scheme not in {"https", "http"} or not _is_host(host):
        raise ValueError("an address such as https://api.pulumi.com")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("https (plain http is for this machine only: localhost, 127.0.0.1, [::1])")
    if "@" in parts.netloc:
        raise ValueError("an address without user name or password")
    if "?" in text or "#" in text:
        raise ValueError("an address without '?' and '#'")
    path = parts.path.rstrip("/")
    if path and not with_path:
        raise ValueError("an address without a path")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{path}"


def parse_service_url(text: str) -> str:
    """The address of a service that a token goes to, as `scheme://host[:port]`.

    What `parse_base_url` allows without a path, less IP addresses other than this machine: cloud
    metadata services live at such addresses. Raises ValueError as that does.
    """
    base_url = parse_base_url(text)
    if is_ip_address(base_url):
        raise ValueError("an address with a host name")
    return base_url


def build_path(template: str, *parts: str) -> str:
    """Fills each `{}` of the template with one part, percent-encoded as one segment.

    Raises ValueError for an empty part, `.` and `..`: they would name another resource.
    """
    for part in parts:
        if part in {"", ".", ".."}:
            raise ValueError(f"not a path segment: {part!r}")
    return template.format(*(quote(part, safe="") for part in parts))


def origin(base_url: str) -> str:
    """`scheme://host[:port]` of an address that `parse_base_url` has returned."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine (`127.evil.example` does not)."""
    if host in {"localhost", "::1"}:
        return True
    octets = host.split(".")
    return (
        octets[0] == "127"
        and len(octets) == 4  # noqa: PLR2004 - an IPv4 address
        and all(octet.isdecimal() and int(octet) <= 255 for octet in octets)  # noqa: PLR2004
    )


def is_ip_address(base_url: str) -> bool:
    """Whether the host is an IP address other than this machine, in any spelling of a resolver.

    By the rule of browsers: a host whose last label is a number is one (`2130706433`, `0x7f.1`).
    Cloud metadata services live at such addresses, Pulumi Cloud does not.
    """
    host = urlsplit(base_url).hostname or ""
    last = host.rstrip(".").rsplit(".", 1)[-1]
    return (":" in host or last.isdecimal() or last.startswith("0x")) and not is_loopback(host)


def _is_host(host: str) -> bool:
    if ":" in host:  # urlsplit took it out of brackets
        return all(char in "0123456789abcdef:." for char in host)
    return bool(host) and all(
        0 < len(label) <= 63 and label.replace("-", "").isalnum()  # noqa: PLR2004 - RFC 1035
        for label in host.rstrip(".").split(".")
    )


def find_own_authority(env: Mapping[str, str]) -> str:
    """Path of the file with a company's own certificate authority; empty where none is named.

    One variable serves both HTTP libraries: httpx knows `SSL_CERT_FILE`, requests
    `REQUESTS_CA_BUNDLE`.
    """
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return next((path for name in names if (path := env.get(name, "").strip())), "")
