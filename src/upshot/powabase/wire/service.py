"""Powabase as a service of the transport: its headers, and what its refusals mean.

Source: Powabase v0.7.0 (`routes/copilot.py`, `routes/workflows.py`, `auth.py`), the documentation's
table of errors, its page about billing (402, 503).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from upshot.errors import (
    ServiceAuthError,
    ServiceBadRequest,
    ServiceConflict,
    ServiceForbidden,
    ServiceLimitReached,
    ServiceNotFound,
)
from upshot.http.service import Refusal, Service
from upshot.lenient import as_number, as_text

_KEY_FACTS: Final = (
    "store the project's service role key (Project settings > API) as the secret that "
    "`powabase-key` names."
)
_REFUSALS: Final = {
    400: Refusal(
        ServiceBadRequest,
        "Powabase did not take the request",
        "The workflow's author must act if the message names a value of the inputs; otherwise "
        "please report the message to Upshot.",
    ),
    401: Refusal(
        ServiceAuthError,
        "Powabase refused the key",
        f"The owner of the project must act: {_KEY_FACTS}",
    ),
    402: Refusal(
        ServiceLimitReached,
        "the Powabase project has no credits left",
        "The owner of the project must act: buy credits, or wait until the plan renews.",
    ),
    403: Refusal(
        ServiceForbidden,
        "Powabase says that this key may not do that",
        f"The owner of the project must act: {_KEY_FACTS}",
    ),
    404: Refusal(
        ServiceNotFound,
        "Powabase does not know it",
        "The workflow's author must act: check `workflow-id` and `powabase-session`, and that "
        "`powabase-url` is the address of the project that they belong to.",
    ),
    409: Refusal(
        ServiceConflict,
        "the Copilot still works on an earlier message of this session",
        "No action needed: run again in a few minutes, or set `powabase-session: new`.",
    ),
    415: Refusal(
        ServiceBadRequest,
        "Powabase got a request without its content type",
        "The workflow's author must act if a proxy stands between, since Upshot sends the header "
        "Content-Type: application/json; otherwise please report this to Upshot.",
    ),
}
_HINTS: Final = (
    ("workflow_id", "The workflow's author must act: set `workflow-id` to the id of a workflow."),
    ("message is required", "The workflow's author must act: set `prompt` to what is wanted."),
    (
        "pre_snapshot",
        (
            "The workflow's author must act: set `powabase-dialect: server`; this server takes a "
            "snapshot only with the state before the change."
        ),
    ),
    (
        "model is required",
        "The workflow's author must act: set `powabase-model` to one of the project's models.",
    ),
    (
        "must be one of",
        (
            "The workflow's author must act: set `powabase-model` to one of the values in the "
            "message, or leave it empty for the project's own."
        ),
    ),
    ("workflow not found", "The workflow's author must act: check `workflow-id`."),
    (
        "session not found",
        "The workflow's author must act: set `powabase-session: new`; the session is gone.",
    ),
    (
        "service role key",
        f"The owner of the project must act: a user's token does not do; {_KEY_FACTS}",
    ),
    (
        "expired",
        f"The owner of the project must act: the token has expired; {_KEY_FACTS}",
    ),
    (
        "billing service",
        "No action needed: Powabase cannot check the balance now, the next run asks again.",
    ),
    (
        "executions per minute",
        "No action needed: Powabase limits runs of a workflow to 20 a minute, run again later.",
    ),
    (
        "unknown block type",
        "The person who asked must act: ask again for a block of a type that Powabase has; nothing was changed.",
    ),
)
"""What a text of the service says about who acts; the first that fits."""


def powabase() -> Service:
    """A Powabase project, hosted or self-hosted.

    The key goes as `apikey` (read by its gateway) and as bearer token (read by the service).
    """
    return Service(
        name="Powabase",
        address_input="powabase-url",
        token_input="powabase-key",  # noqa: S106 - the name of an input
        auth={"apikey": "{}", "Authorization": "Bearer {}"},
        refusals=_REFUSALS,
        anchor="powabase",
        find_hint=_find_hint,
    )


def _find_hint(body: Mapping[str, Any]) -> str:
    said = as_text(body.get("error")) or as_text(body.get("message"))
    if said == "insufficient_credits":
        return _credits_hint(body)
    lowered = said[:500].lower()
    return next((hint for part, hint in _HINTS if part in lowered), "")


def _credits_hint(body: Mapping[str, Any]) -> str:
    """From `{"balance", "estimated_cost", "renews_at"}`; each may be absent."""
    balance, cost = as_number(body.get("balance")), as_number(body.get("estimated_cost"))
    facts = [
        f"{name} {number:,.10g}"
        for name, number in (("the balance is", balance), ("the turn costs about", cost))
        if number is not None
    ]
    renews = as_text(body.get("renews_at"))[:10]
    if renews.replace("-", "").isdecimal() and renews.isascii():
        facts.append(f"the plan renews on {renews}")
    known = f" ({', '.join(facts)})" if facts else ""
    return f"The owner of the project must act: buy credits, or wait until the plan renews{known}."
