"""From a turn to an outcome: the diff read and applied to a copy, or why nothing may be used. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from upshot.modes.builder.outcome import ApplyState, Outcome
from upshot.powabase.apply import Applied, apply_diff, bind
from upshot.powabase.change import compare
from upshot.powabase.diff import read_diff
from upshot.powabase.findings import Finding, InvalidWorkflow, errors_of, sort_findings
from upshot.powabase.graph import Graph
from upshot.powabase.secrets.hide import FindSecrets, check_stand_ins, hide_new_secrets
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
    turn: Turn,
    base: Graph,
    server: Graph,
    state: State,
    *,
    workflow_id: str,
    find: FindSecrets,
    is_for_server: bool = False,
) -> Proposal:
    """`base` is the graph that was asked about, `server` the one that it is shown against.

    Both have their secrets hidden. They differ where `workflow-file` is ahead: an approval is for all
    that a put would change. What is bound to has new secrets hidden, too: the same turn read again
    gives the same digest.
    """
    asked = Outcome(turn=turn, session_id=turn.session_id, before=server)
    if turn.diff is None:
        return Proposal(asked)
    try:
        diff = read_diff(turn.diff)
        applied = apply_diff(base, diff, workflow_id=workflow_id, cut=state.cut)
        findings = applied.findings
        if base is not server:
            findings = _check_file(server, applied, is_for_server=is_for_server)
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
        return Proposal(replace(asked, findings=findings))
    found = replace(
        asked,
        state=ApplyState.NOT_ASKED,
        after=shown,
        change=change if base is server else compare(server, shown),
        findings=findings,
    )
    return Proposal(found, applied.after, bind(server, diff, shown))


def _check_file(server: Graph, applied: Applied, *, is_for_server: bool) -> tuple[Finding, ...]:
    """What a working copy does with the server's secrets counts as well as what the change does.

    Raises InvalidWorkflow where a put would carry one to a place where it does not belong.
    """
    foreign = [
        one if is_for_server else replace(one, is_error=False)
        for one in check_stand_ins(server, applied.after)
    ]
    findings = sort_findings([*applied.findings, *foreign])
    if errors_of(findings):
        raise InvalidWorkflow("the workflow file with the proposed change", findings)
    return findings
