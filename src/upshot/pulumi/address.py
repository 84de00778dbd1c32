"""Addresses that a request may go to: parsed strictly, because a token travels with them.

Pure text work; knows nothing of HTTP or of what is asked.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlsplit

from upshot.errors import InputError

_ALLOWED: Final = (
    "an https address such as https://api.pulumi.com, without user name, query or fragment "
    "(plain http for localhost only)"
)
_MAX_ADDRESS: Final = 2_048


def parse_base_url(text: str, *, name: str = "cloud-url") -> str:
    """An address of a service as `scheme://host[:port][/path]`, in lower case up to the path.

    Plain http is for loopback hosts only, without a switch. IP literals other than loopback are
    refused, in every spelling a resolver takes (`2130706433`, `0x7f.1`), and so is user info.

    Raises InputError, naming the input `name`; the address is not repeated when it holds user info.
    """
    parsed = None
    if _is_plain(text):
        try:
            parsed = urlsplit(text)
            port = parsed.port
        except ValueError:
            parsed = None
    if parsed is None or not parsed.hostname:
        raise InputError(name, _shown(text), _ALLOWED)
    if "@" in parsed.netloc:
        raise InputError(name, "an address with a user name or password in it", _ALLOWED)
    if "?" in text or "#" in text or ".." in parsed.path.split("/"):
        raise InputError(name, _shown(text), _ALLOWED)
    host = parsed.hostname
    if parsed.scheme not in {"http", "https"} or (
        parsed.scheme == "http" and not is_loopback(host)
    ):
        raise InputError(name, _shown(text), _ALLOWED)
    if _is_ip_literal(host) and not is_loopback(host):
        raise InputError(name, f"an IP address, {_shown(text)}", _ALLOWED)
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port is None else f":{port}"
    return f"{parsed.scheme}://{shown_host}{shown_port}{parsed.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by name: `localhost`, `127.x.y.z` in full, `::1`."""
    if host in {"localhost", "::1"}:
        return True
    parts = host.split(".")
    return (
        parts[0] == "127"
        and len(parts) == 4  # noqa: PLR2004 - octets
        and all(part.isascii() and part.isdecimal() and int(part[:9]) < 256 for part in parts)  # noqa: PLR2004
    )


def build_path(template: str, *parts: str) -> str:
    """Fills each `{}` of the template with one part, percent-encoded as one segment.

    Raises ValueError for an empty part, `.` and `..`: they would name another resource.
    """
    for part in parts:
        if part in {"", ".", ".."}:
            raise ValueError(f"not a path segment: {part!r}")
    return template.format(*(quote(part, safe="") for part in parts))


def _is_plain(text: str) -> bool:
    """Printable ASCII without space or backslash: what every URL parser reads alike."""
    return (
        len(text) <= _MAX_ADDRESS
        and text.isascii()
        and text.isprintable()
        and " " not in text
        and "\\" not in text
    )


def _is_ip_literal(host: str) -> bool:
    """By the rule of browsers: a host whose last label is a number is an IPv4 address."""
    last = host.rstrip(".").rsplit(".", 1)[-1]
    return ":" in host or last.isdecimal() or last.startswith("0x")


def _shown(text: str) -> str:
    shown = text if len(text) <= 80 else text[:80] + "…"  # noqa: PLR2004 - one line of an error
    return ascii("…" if "@" in text else shown.partition("?")[0])
