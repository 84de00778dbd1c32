"""Who may do what on GitHub, and how it says no."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from upshot_sandbox.github.state import Access
from upshot_sandbox.wire import Refusal
from upshot_sandbox.world import World

_DOCS: Final = "https://docs.github.com/rest"
LONGEST_BODY: Final = 65_536
_BIGGEST_BODY_BYTES: Final = 262_144


def refuse(status: int, message: str, **more: Any) -> Refusal:
    """GitHub's REST error."""
    body = {"message": message, **more, "documentation_url": _DOCS, "status": str(status)}
    return Refusal(status, body)


def signed_in(world: World, request: web.Request) -> Access:
    """What the token of the request may do.

    Raises `Refusal` 401 for a token that GitHub does not know, 403 without a User-Agent.
    """
    if not request.headers.get("User-Agent"):
        raise refuse(403, "Request forbidden by administrative rules: no User-Agent header.")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    access = world.github.tokens.get(token)
    if not scheme:
        raise refuse(401, "Requires authentication")
    if scheme.lower() not in {"bearer", "token"} or access is None:
        raise refuse(401, "Bad credentials")
    return access


def in_repository(world: World, request: web.Request) -> Access:
    """As `signed_in`, and the path names the repository; else `Refusal` 404."""
    access = signed_in(world, request)
    names = (request.match_info["owner"].lower(), request.match_info["repo"].lower())
    if names != (world.github.owner.lower(), world.github.repo.lower()):
        raise refuse(404, "Not Found")
    return access


def must_write(access: Access, *scopes: str) -> None:
    """Raises `Refusal` 403 unless one of the scopes is granted for writing."""
    if not access.may(*scopes):
        raise refuse(403, "Resource not accessible by integration")


def must_read(access: Access, scope: str) -> None:
    """Raises `Refusal` 403 unless the scope is granted at all."""
    if access.permissions.get(scope) not in {"read", "write"}:
        raise refuse(403, "Resource not accessible by integration")


def check_comment(text: str) -> None:
    """Raises `Refusal` 422 for a body that GitHub does not keep."""
    problem = ""
    if not text.strip():
        problem = "Body cannot be blank"
    elif len(text) > LONGEST_BODY or len(text.encode()) > _BIGGEST_BODY_BYTES:
        problem = f"Body is too long (maximum is {LONGEST_BODY} characters)"
    if problem:
        errors = [
            {
                "resource": "IssueComment",
                "code": "unprocessable",
                "field": "data",
                "message": problem,
            }
        ]
        raise refuse(422, "Validation Failed", errors=errors)
