"""What is worth knowing before a Neo task is asked for: whose token it is, and what is left.

Both questions are optional: a task is created also where a server does not answer them.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from upshot.address import build_path
from upshot.errors import ServiceError, ServiceLimitReached
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.http.retry import ONCE

_TIMEOUT_S: Final = 10.0
_YEAR_3000: Final = 32_503_680_000


class TokenBudget(Struct, frozen=True, rename="camel"):
    """`GET /api/orgs/{org}/neo/token-budget` [service description]."""

    exhausted: bool = False
    window_kind: str = ""
    """`trial`, `individual`, `free`, `org-dollar` or `member-dollar`."""
    effective_allowance_tokens: int = 0
    consumed_tokens: int = 0
    window_end: int = 0
    """Unix epoch in seconds; 0 means never."""


class _TokenInfo(Struct):
    name: str = ""
    organization: str = ""
    team: str = ""


class _User(Struct, rename="camel"):
    token_info: _TokenInfo | None = None
    is_agent: bool | None = None


def find_budget(cloud: ServiceClient, organization: str) -> TokenBudget | None:
    """The organization's Neo budget; None where it is not served or cannot be read."""
    call = Call(
        path=build_path("/api/orgs/{}/neo/token-budget", organization),
        retry=ONCE,
        read_timeout_s=_TIMEOUT_S,
    )
    try:
        return decode_json(cloud.send(call), TokenBudget)
    except ServiceError:
        return None


def check_budget(budget: TokenBudget | None) -> None:
    """Raises ServiceLimitReached when nothing is left: a task would pause at its first turn."""
    if not (budget and budget.exhausted):
        return
    until = ""
    if budget.window_end > 0:
        import time

        end = time.gmtime(min(budget.window_end, _YEAR_3000))
        until = time.strftime(" It starts anew on %Y-%m-%d at %H:%M UTC.", end)
    raise ServiceLimitReached(
        f"the organization's Neo token budget is used up: {budget.consumed_tokens:,} of "
        f"{budget.effective_allowance_tokens:,} tokens"
        + (f" ({budget.window_kind[:40]})" if budget.window_kind else "")
        + ".",
        hint=f"An organization administrator must act: raise the budget, or wait.{until}",
    )


def find_token_warning(cloud: ServiceClient) -> str:
    """A warning when the token belongs to no person, else empty; also when the server does not say.

    Only machine tokens have `tokenInfo` [service description]. Tasks run as the user whose token
    made them [documentation], and organization and team tokens are not documented for Neo.
    """
    try:
        user = decode_json(
            cloud.send(Call(path="/api/user", retry=ONCE, read_timeout_s=_TIMEOUT_S)), _User
        )
    except ServiceError:
        return ""
    if user.is_agent:
        return "The access token is an unclaimed agent account's, which cannot have Neo tasks."
    if not user.token_info:
        return ""
    kind = "a team" if user.token_info.team else "an organization"
    return (
        f"The access token is a machine token (of {kind}); Neo runs a task as the person whose "
        "token made it. Use a personal token: with OIDC, ask for the type `personal` with the "
        "scope `user:LOGIN`."
    )
