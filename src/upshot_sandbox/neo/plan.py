"""The `[neo]` part of a scenario: how Neo behaves, and the script of its tasks."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


class NeoStep(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a task does. What a field means depends on `do`."""

    do: str
    """`say`, `final`, `tool`, `todos`, `ask` (an approval), `question`, `plan`, `name`, `warn`,
    `fail`, `cancelled`, `pull-request`, `compress`, `token` (an event that must not leak), `raw`
    (`body` as it is, of a kind that may be unknown) or `wait` (for ever)."""
    text: str = ""
    after_s: float | None = None
    """Seconds after the step before; the plan's pace when None."""
    tool: str = ""
    """`tool`, `ask`: `<server>__<method>`."""
    args: dict[str, Any] = {}
    result: str = "done"
    is_error: bool = False
    todos: tuple[tuple[str, str], ...] = ()
    """`todos`: pairs of text and status."""
    sensitivity: str = ""
    choices: tuple[str, ...] = ()
    diff: dict[str, str] = {}
    plan: str = ""
    number: int = 0
    """`pull-request`: its number."""
    body: dict[str, Any] = {}
    count: int = 1
    """Stands for so many steps like it."""


class NeoPlan(Struct, frozen=True, forbid_unknown_fields=True):
    """How Neo behaves for every task of the scenario."""

    steps: tuple[NeoStep, ...] = (NeoStep(do="final", text="All is well."),)
    """What a new task does; it parks at `ask`, `question` and `plan` until a person answers."""
    rejected: tuple[NeoStep, ...] = (NeoStep(do="final", text="Then I leave it as it is."),)
    """What it does after a rejection instead of the rest. `{instructions}` stands for them."""
    follow_up: tuple[NeoStep, ...] = (NeoStep(do="final", text="As I said: all is well."),)
    """What it does after each further message. `{message}` stands for it."""
    pace_s: float = 0.0
    streams: bool = True
    """False: the events are listed only."""
    holds_back: bool = False
    """A proxy in between keeps what is streamed: a stream opens, and gives no byte."""
    keep_alive_s: float = 5.0
    drop_after: int = 0
    """A stream breaks in the middle of the event that follows so many; 0: never."""
    drops: int = 0
    """Only so many streams break; 0: every one."""
    forgets_resume: bool = False
    """`Last-Event-ID` is ignored: every stream starts from the first event."""
    budget: str = "fine"
    """`fine`, `exhausted`, or `unserved` (404)."""
    entities: str = "valid"
    """`invalid`: the stack cannot be attached (400)."""
    create_delay_s: float = 0.0
    known_tasks: tuple[str, ...] = ()
    """Ids of finished tasks of earlier runs, oldest first."""
    says_it_waits: bool = True
    """False: no `awaiting_approvals` follows a request; the task is just idle."""
    machine_token: str = ""
    """`organization` or `team`: the token belongs to no person."""


def parse_plan(raw: dict[str, Any]) -> NeoPlan:
    """The plan of a scenario. Raises msgspec.ValidationError when it is wrong."""
    return msgspec.convert(raw, NeoPlan)
