"""Addresses that a request may go to: parsed strictly, because a token travels with them.

Pure text work; knows nothing of HTTP or of what is asked.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from upshot import address
from upshot.errors import InputError


def parse_base_url(text: str, *, name: str = "cloud-url") -> str:
    """An address of a service as `scheme://host[:port][/path]`.

    What `upshot.address` allows, less IP literals other than loopback, in every spelling that a
    resolver takes (`2130706433`, `0x7f.1`): cloud metadata services live at such addresses.
    Raises InputError, naming the input `name`; the address is not repeated when it is refused,
    since it may hold user info.
    """
    try:
        base_url = address.parse_base_url(text, with_path=True)
    except ValueError as problem:
        raise InputError(name, "an address that no token may go to", str(problem)) from None
    host = urlsplit(base_url).hostname or ""
    if _is_ip_literal(host) and not address.is_loopback(host):
        raise InputError(name, f"the IP address {host!a}", "an address with a host name")
    return base_url


def build_path(template: str, *parts: str) -> str:
    """Fills each `{}` of the template with one part, percent-encoded as one segment.

    Raises ValueError for an empty part, `.` and `..`: they would name another resource.
    """
    for part in parts:
        if part in {"", ".", ".."}:
            raise ValueError(f"not a path segment: {part!r}")
    return template.format(*(quote(part, safe="") for part in parts))


def _is_ip_literal(host: str) -> bool:
    """By the rule of browsers: a host whose last label is a number is an IPv4 address."""
    last = host.rstrip(".").rsplit(".", 1)[-1]
    return ":" in host or last.isdecimal() or last.startswith("0x")
