"""The headers of every request, and what must not be told about requests."""

from __future__ import annotations

from typing import Final

import httpx

from upshot import __version__
from upshot.errors import InputError
from upshot.secret import Secret

USER_AGENT: Final = f"upshot/{__version__}"
ACCEPT: Final = "application/vnd.pulumi+8"
"""The version that Pulumi's REST documentation asks for."""
JSON_BODY: Final = {"Content-Type": "application/json"}


def build_headers(token: Secret | None, scheme: str) -> dict[str, str]:
    """What each request carries; Authorization only with a token.

    Raises InputError for a token that no header may hold, without showing it.
    """
    common = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip"}
    return common | _authorization(token, scheme)


def lower_names(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def quiet_loggers() -> None:
    """The library tells each address at INFO, and a path can be a right in itself."""
    import logging

    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))


def _authorization(token: Secret | None, scheme: str) -> dict[str, str]:
    if not token:
        return {}
    value = token.reveal()
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise InputError(
            "pulumi-access-token",
            "a value with white space or characters that no token has (it is not shown)",
            "one line of printable ASCII",
        )
    return {"Authorization": f"{scheme} {value}"}
