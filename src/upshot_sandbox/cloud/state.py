"""What Pulumi Cloud knows: tokens, updates, conversations."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from upshot_sandbox.scenario import Scenario, UpdatePlan


def fake_token(kind: str) -> str:
    """A token of Pulumi's shape (`pul-` and 40 hexadecimal digits) that no service ever issued."""
    return "pul-" + hashlib.sha1(f"sandbox {kind}".encode()).hexdigest()


class Turn(Struct, frozen=True):
    """One question to Copilot and the messages that answered it."""

    query: str
    url: str
    messages: list[dict[str, Any]]


class CloudState:
    """Changed by requests; tests read it."""

    def __init__(self, scenario: Scenario, now: Callable[[], float]) -> None:
        self.plan = scenario.cloud
        self.now = now
        self.tokens = {fake_token("valid")}
        """Tokens that work. `expired` is not among them."""
        self.updates: list[UpdatePlan] = [u for u in scenario.cloud.updates if not u.hidden]
        self.started_at = now()
        self.conversations: dict[str, list[Turn]] = {c: [] for c in scenario.copilot.knows}
        self.asked = 0
        """Requests that Copilot got and accepted as well-formed."""

    @property
    def workflow_token(self) -> str:
        """What the workflow has as its Pulumi access token."""
        return "" if self.plan.token == "none" else fake_token(self.plan.token)

    def mint(self, subject: str) -> str:
        """A new access token for an id token's subject; works from now on."""
        token = fake_token(f"minted {subject} {len(self.tokens)}")
        self.tokens.add(token)
        return token
