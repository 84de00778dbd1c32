"""What a scenario says of Powabase: `[powabase]` of its file."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

WORKFLOW = "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11"
"""The workflow that a scenario has unless it says otherwise."""


class ToolPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool that the Copilot calls. `modify_workflow` adds to the turn's diff."""

    name: str
    arguments: dict[str, Any] = {}
    result: str = '{"status": "ok"}'


class TurnPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """One turn of the Copilot; the last one of the list stays for all later messages."""

    when: str = ""
    """Only for a message that holds this text."""
    answer: str = "Done."
    reasoning: tuple[str, ...] = ()
    tools: tuple[ToolPlan, ...] = ()
    diff: dict[str, Any] | None = None
    """Instead of what the calls of `modify_workflow` add up to."""
    raw: str = ""
    """Sent as it is before the last event: an unknown event, a broken one."""
    fails: bool = False
    """Ends with `error`; the stored message says Sorry."""
    silent: bool = False
    """The stream opens and then says nothing, until the client leaves."""
    cut_after: int = -1
    """So many bytes of the stream are sent before the connection is closed; -1: all."""
    ends_early: bool = False
    """With `cut_after`: the stream ends in good order instead of being torn."""
    appears_after: int = 0
    """Reads of the messages before the answer is among them."""
    never: bool = False
    """The answer is never stored, as when the worker was killed."""
    status: int = 200
    """Refused with this status instead: 402, 409, 429, 500 (HTML), 503; nothing is stored."""
    stores: bool = False
    """With `status`: the message was accepted nevertheless, as behind a proxy that gave up."""


class BlockPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """A block as the server keeps it."""

    id: str
    type: str
    name: str = ""
    x: float = 0.0
    y: float = 0.0
    config: dict[str, Any] = {}
    enabled: bool = True


class EdgePlan(Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    target: str
    handle: str = "output"
    condition: str | None = None


class WorkflowPlan(Struct, frozen=True, forbid_unknown_fields=True):
    id: str = WORKFLOW
    name: str = "Support"
    version: int = 3
    state: str = "internal"
    """`internal` or `deployed`."""
    blocks: tuple[BlockPlan, ...] = ()
    edges: tuple[EdgePlan, ...] = ()


class PowabasePlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How a project of Powabase behaves."""

    dialect: str = "server"
    """`server` (v0.7.0) or `documented`."""
    rule: str = "service-role"
    """Who may ask: `service-role` (since 0.12), or `any-token` (0.7)."""
    key: str = "service"
    """What the workflow has as its key: `service`, `user`, `expired` or `none`."""
    workflows: tuple[WorkflowPlan, ...] = (WorkflowPlan(),)
    turns: tuple[TurnPlan, ...] = (TurnPlan(),)
    secrets: tuple[str, ...] = ()
    """Besides `api_key` and `webhook_secret` of blocks: texts that may come in a put only."""
    model: str = "claude-opus-4-6"


def parse_plan(found: dict[str, Any]) -> PowabasePlan:
    """Raises msgspec.ValidationError for what a plan does not have."""
    return msgspec.convert(found, PowabasePlan)
