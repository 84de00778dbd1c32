"""Which addresses foreign text may link to, and how the others are shown.

https only, to a host of the allow-list, spelled plainly. Addresses of issues, pull requests,
commits and discussions are never linked, on any host: GitHub turns them into cross
references (threats T15, T17).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

_LONGEST = 1_000
_LONGEST_SHOWN = 100
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?#!$&'*+,;=%@]*")


@lru_cache(maxsize=1)
def _reference() -> re.Pattern[str]:
    kinds = "issues|pulls?|discussions|commits?|compare|orgs|users|login|settings|security|new|edit"
    return re.compile(rf"/(?:[^/]+/[^/]+/)?(?:{kinds})(?:/|$)", re.IGNORECASE)


def allowed_url(url: str, allowed_hosts: Collection[str]) -> str:
    """The address, safe to write between parentheses, or empty when it may not be a link."""
    parts = _split(url)
    if parts is None or parts.scheme != "https" or not _PLAIN.fullmatch(url):
        return ""
    if parts.netloc.lower() not in allowed_hosts:
        return ""
    path = unquote(parts.path)
    if "%" in path or "\\" in path or re.search(r"/(?:\.{0,2}/|\.{1,2}$)", path):
        return ""
    if _reference().match(path):
        return ""
    return f"https://{parts.netloc.lower()}{url[len('https://') + len(parts.netloc) :]}"


def shown_url(url: str) -> str:
    """What is shown, as text, of an address that may not be a link: host and path, no query."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return ""
    host = parts.hostname
    if not host.isascii():
        host = "xn--" + host.encode("punycode").decode("ascii", "replace")
    path = parts.path.rstrip("/")
    shown = f"{host}{path}"
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"


def _split(url: str) -> SplitResult | None:
    if len(url) > _LONGEST or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return None
    return parts
