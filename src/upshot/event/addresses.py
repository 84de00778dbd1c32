"""GitHub's addresses, of github.com or of an Enterprise Server: parsed and compared here only.

The job's token goes to the API and to GraphQL, so both must have one origin, by https (plain http
is for this machine), threat T31.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from upshot.address import origin, parse_base_url
from upshot.errors import EventError

_HINT = "The runner sets {them}; remove them from `env:` of the workflow."


class Addresses(Struct, frozen=True):
    """Made by `parse_addresses`; without a trailing slash."""

    api: str
    """`https://api.github.com`, or `https://HOST/api/v3`."""
    graphql: str
    """Of the same origin."""
    server: str
    """What a browser opens: `https://github.com`."""


def parse_addresses(api: str = "", graphql: str = "", server: str = "") -> Addresses:
    """The values of GITHUB_API_URL, GITHUB_GRAPHQL_URL and GITHUB_SERVER_URL; empty ones follow.

    An empty `graphql` follows from `api`, the other two are github.com's. Raises EventError for an
    address that is not allowed, and where the first two name different hosts.
    """
    try:
        api = parse_base_url(api or "https://api.github.com", with_path=True)
        graphql = parse_base_url(graphql or _graphql_beside(api), with_path=True)
        server = parse_base_url(server or "https://github.com")
    except ValueError as problem:
        raise EventError(
            "GITHUB_API_URL, GITHUB_GRAPHQL_URL or GITHUB_SERVER_URL cannot be used: allowed is "
            f"{problem}",
            hint=_HINT.format(them="all three"),
        ) from None
    if origin(api) != origin(graphql):
        raise EventError(
            "GITHUB_API_URL and GITHUB_GRAPHQL_URL name different hosts",
            hint=_HINT.format(them="both"),
        )
    return Addresses(api, graphql, server)


def _graphql_beside(api: str) -> str:
    """`https://api.github.com/graphql`, or `https://HOST/api/graphql` beside `/api/v3`."""
    path = urlsplit(api).path.removesuffix("/v3")
    return f"{origin(api)}{path}/graphql"
