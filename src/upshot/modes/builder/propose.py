"""From a turn to an outcome: the diff read and applied to a copy, or why nothing may be used. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.powabase.apply import apply_diff, bind
from upshot.powabase.change import compare
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import InvalidWorkflow
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import FindSecrets, hide_new_secrets
from upshot.powabase.state import State
from upshot.powabase.wire.turn import Turn


class Proposal(Struct, frozen=True):
    """What the Copilot proposes."""

    outcome: Outcome
    """State `no-change`, `refused`, or `not-asked` with the change."""
    whole: Graph | None = None
    """The graph to be put: with what the change itself brought, which is shown nowhere."""
    bound: str = ""
    """What an approval is bound to."""


def propose(
    turn: Turn, base: Graph, state: State, *, workflow_id: str, find: FindSecrets
) -> Proposal:
    """`base` is the graph that was asked about, its secrets hidden.

    What is bound to has new secrets hidden, too: the same turn read again gives the same digest.
    """
    asked = Outcome(turn=turn, session_id=turn.session_id, before=base)
    if turn.diff is None:
        return Proposal(asked)
    try:
        diff = read_diff(turn.diff)
        applied = apply_diff(base, diff, workflow_id=workflow_id, cut=state.cut)
    except InvalidWorkflow as invalid:
        return Proposal(
            replace(
                asked,
                state=ApplyState.REFUSED,
                findings=invalid.findings,
                message=invalid.message,
                hint=invalid.hint,
            )
        )
    shown = hide_new_secrets(applied.after, find)
    change = compare(base, shown)
    if change.is_empty:
        return Proposal(replace(asked, findings=applied.findings))
    found = replace(
        asked, state=ApplyState.NOT_ASKED, after=shown, change=change, findings=applied.findings
    )
    return Proposal(found, applied.after, bind(base, diff, shown))
