"""What the facts mean for a workflow: verdict, risk, and the reason code of the run.

Here is what is settled before the first AI request: how the run ended, where the step that ran Pulumi says
something else than the evidence.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from upshot.inputs.choices import StepOutcome
from upshot.model import Facts, Outcome

_FLOOR: Final = {
    StepOutcome.FAILURE: Outcome.FAILED,
    StepOutcome.CANCELLED: Outcome.CANCELLED,
}


def settle_outcome(facts: Facts, outcome: StepOutcome | None) -> Facts:
    """The facts, with the outcome of the step that ran Pulumi as their floor.

    No evidence of a success outweighs a step that failed or was cancelled; a failure in the
    evidence stands whatever the step says. A step's success alone, without evidence, proves
    nothing, and `skipped` says nothing of the deployment.
    """
    floor = _FLOOR.get(outcome) if outcome else None
    if floor is None:
        is_open = facts.outcome is Outcome.UNKNOWN and not facts.is_running
        if outcome is StepOutcome.SUCCESS and is_open and facts.sources:
            return replace(facts, outcome=Outcome.SUCCEEDED)
        return facts
    if facts.outcome in {Outcome.FAILED, Outcome.CANCELLED}:
        return facts
    return replace(facts, outcome=floor, is_running=False)
