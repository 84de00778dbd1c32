"""Votes at the gate: the vote stands in the comment itself, so the gate is looked at again, now.

It is judged by the inputs of mode `gate`, which the workflow gives here as it gives them there. An id of
another commit, plan, or stack is not this gate's (threat T53).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from upshot.gate.decision import State
from upshot.inputs.gate import GateInputs
from upshot.model import ReasonCode
from upshot.modes.chat.chat import Answer, Chat, World, failed
from upshot.modes.gate import find_out
from upshot.modes.gating.outcome import GateOutcome
from upshot.modes.gating.publish import publish_outcome
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.publish.github.reactions import Reaction
from upshot.publish.interface import PullRequestContext
from upshot.report.chat.page import Plain, Words

_MODE: Final = "gate"
_ICONS: Final = {
    State.APPROVED: "✅",
    State.NOT_NEEDED: "✅",
    State.REJECTED: "⛔",
    State.ERROR: "⚠️",
}


def vote(chat: Chat) -> Answer | None:
    """None where the id is not the one that the gate asks with now."""
    asked = chat.command.request_id
    if not asked:
        return None
    if chat.job.inputs.run.dry_run:
        return failed(Words("`dry-run` is on: the gate was not looked at."))
    gate = replace(chat.job, inputs=replace(chat.job.inputs, mode=_MODE))
    own: GateInputs = chat.job.inputs.own[_MODE]
    lookup = PullRequestLookup(gate, known=PullRequestContext(chat.github, chat.pull))
    outcome = find_out(gate, own, lookup)
    if outcome.decision is None:
        why = outcome.fault.message if outcome.fault else "it is not known what it asks for"
        answer = failed(
            Words("The gate could not be looked at: {}", (Plain(why),)), reason=outcome.reason_code
        )
        return replace(answer, outputs={"approval-state": "error", "approved": "false"})
    if outcome.decision.request.id != asked:
        return None
    result = publish_outcome(gate, own, outcome, lookup)
    is_read = outcome.state is not State.ERROR
    return Answer(
        blocks=(_state(outcome),),
        reaction=Reaction.ROCKET if is_read else Reaction.CONFUSED,
        reason=ReasonCode.OK if is_read else outcome.reason_code,
        result=result,
        outputs=result.own_outputs,
    )


def describe(chat: Chat, _world: World) -> Sequence[tuple[Words, Words]]:
    """How the gate stands, where the workflow gives one of its inputs."""
    own: GateInputs = chat.job.inputs.own[_MODE]
    if own == GateInputs() or chat.job.inputs.run.dry_run:
        return ()
    gate = replace(chat.job, inputs=replace(chat.job.inputs, mode=_MODE))
    lookup = PullRequestLookup(gate, known=PullRequestContext(chat.github, chat.pull))
    return ((Words("Gate"), _state(find_out(gate, own, lookup))),)


def _state(outcome: GateOutcome) -> Words:
    icon = _ICONS.get(outcome.state, "⏳")
    decision = outcome.decision
    why = decision.why if decision else (outcome.fault.message if outcome.fault else "")
    return Words(f"{icon} **{{}}**: {{}}", (Plain(outcome.state.value), Plain(why)))
