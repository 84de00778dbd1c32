"""What the previews would do, where the gate depends on it: its plan, and whether it is needed."""

from __future__ import annotations

from typing import Final

from upshot.gate.plan import digest_plan
from upshot.inputs.choices import FailOn
from upshot.inputs.gate import ApprovalBinding, GateInputs
from upshot.inputs.values import PolicyInputs
from upshot.job import Job
from upshot.model import Facts, Meaning, Outcome
from upshot.modes.gating.stakes import Stakes
from upshot.modes.shared.gather import Case, gather_evidence
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.report.gate.page import PlanRow
from upshot.verdict.decide import decide

_COUNTED: Final = {
    "create": Meaning.CREATE,
    "update": Meaning.UPDATE,
    "replace": Meaning.REPLACE,
    "delete": Meaning.DELETE,
}


def find_stakes(job: Job, own: GateInputs, lookup: PullRequestLookup) -> Stakes:
    """Reads evidence only where the decision depends on it. Raises PlanUnknown."""
    is_bound = own.binding is ApprovalBinding.PLAN
    if not (is_bound or own.required_on):
        return Stakes()
    cases = _gather(job, lookup)
    facts = tuple(case.facts for case in cases)
    # What a stranger's run left behind could be made up: an approval is asked for in any case.
    is_trusted = not job.event.is_evidence_foreign
    threshold = job.inputs.policy
    is_needed = not (own.required_on and is_trusted) or any(
        needs_approval(one, own.required_on, threshold) for one in facts
    )
    return Stakes(
        is_needed=is_needed,
        plan=digest_plan(facts) if is_bound and is_needed else "",
        rows=tuple(map(_row, cases)),
        stacks=tuple(str(case.stack) for case in cases if case.stack) if is_bound else (),
    )


def needs_approval(facts: Facts, words: tuple[FailOn, ...], policy: PolicyInputs) -> bool:
    """Whether one of the words is met, or cannot be ruled out by these facts."""
    is_known = (
        bool(facts.sources)
        and facts.outcome is Outcome.SUCCEEDED
        and facts.has_changes is not None
        and not facts.is_running
        and not facts.is_incomplete
    )
    asked = PolicyInputs(fail_on=words, risk_threshold=policy.risk_threshold)
    return not is_known or bool(decide(facts, policy=asked).breaches)


def _gather(job: Job, lookup: PullRequestLookup) -> tuple[Case, ...]:
    def attempt_start() -> float | None:
        from upshot.modes.shared.attempt import find_attempt_start

        return find_attempt_start(job, lookup)

    cloud = connect_cloud(job, obtain_access(job))
    if cloud is None:
        return gather_evidence(job, None, is_expected=True, attempt_start=attempt_start)
    with cloud:
        return gather_evidence(job, cloud, is_expected=True, attempt_start=attempt_start)


def _row(case: Case) -> PlanRow:
    counts = ((word, case.facts.count(meaning)) for word, meaning in _COUNTED.items())
    known = tuple((word, number) for word, number in counts if number is not None)
    return PlanRow(str(case.stack) if case.stack else "", known)
