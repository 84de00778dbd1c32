"""How a run about a workflow ended, as a value. Graphs in it have their secrets hidden."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from upshot.model import ReasonCode
from upshot.powabase.change import Change
from upshot.powabase.findings import Finding
from upshot.powabase.graph import Graph
from upshot.powabase.wire.turn import Turn


class ApplyState(StrEnum):
    """Values of the output `apply-state`."""

    NOT_ASKED = "not-asked"
    NO_CHANGE = "no-change"
    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"
    STALE = "stale"
    FAILED = "failed"


class Outcome(Struct, frozen=True, kw_only=True):
    state: ApplyState = ApplyState.NO_CHANGE
    exit_code: int = 0
    reason: ReasonCode = ReasonCode.OK
    name: str = ""
    """Of the workflow."""
    before: Graph = Graph()
    """What the change is shown against."""
    after: Graph | None = None
    """None without a change that may be used."""
    change: Change = Change()
    is_drift: bool = False
    is_undo: bool = False
    """The change leads back to the state before an earlier one."""
    is_deployed: bool = False
    findings: tuple[Finding, ...] = ()
    turn: Turn | None = None
    session_id: str = ""
    chats: int = 0
    """Messages that were sent in this run: 0 or 1."""
    request_id: str = ""
    """Set while an approval is asked for, and when it was given."""
    approved_by: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    fault: str = ""
