"""Reports of a gate, one for each state that people see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace
from tests.unit.gate.cases import (
    ALICE,
    CAROL,
    DAVE,
    DAY,
    ERIN,
    MALLORY,
    NOW,
    PLAN_REQUEST,
    REQUEST,
    approve,
    comment,
    facts,
    pull,
    reject,
)

from upshot.gate.audit import audit_line
from upshot.gate.decision import GateDecision
from upshot.gate.facts import GateFacts, Revision
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Request
from upshot.gate.verify import verify
from upshot.model import Run
from upshot.report.gate.page import GatePage, PlanRow
from upshot.report.gate.render import render_gate
from upshot.report.redact.redact import Redactor
from upshot.report.render import Rendered

RUN: Final = Run(
    "acme/webshop", "https://github.com", "19283746501", workflow="Deploy", sha=REQUEST.bound
)
HIDDEN: Final = Revision(None, is_minimised=True)
PLAN: Final = (
    PlanRow("acme/shop/prod", (("create", 3), ("update", 12), ("replace", 1), ("delete", 0))),
)


def page(
    found: GateFacts,
    policy: Policy | None = None,
    request: Request = REQUEST,
    *,
    plan: tuple[PlanRow, ...] = (),
    fault: str = "",
    hint: str = "",
) -> GatePage:
    decision: GateDecision = verify(found, policy or Policy(), request)
    return GatePage(
        decision=decision,
        commit=request.bound.partition(":")[0],
        plan=plan,
        audit=audit_line(decision, RUN),
        fault=fault,
        hint=hint,
    )


PAGES: Final[dict[str, GatePage]] = {
    "waiting": page(facts()),
    "waiting-for-two": page(
        facts(
            approve(at=-7_200),
            approve(CAROL, id=101, at=-3_600, revision=HIDDEN),
            approve(ALICE, id=102, at=-1_800),
            approve(ERIN, id=103, at=-900),
            approve(MALLORY, id=104, at=-800),
            memberships={("acme/platform", who.id): True for who in (ALICE, ERIN, MALLORY)},
        ),
        Policy(required=2, approvers=("bob", "carol", "dave", "@acme/platform")),
    ),
    "waiting-plan": page(facts(), Policy(required=2), PLAN_REQUEST, plan=PLAN),
    "approved": page(
        facts(comment(f"/upshot approve {REQUEST.id} --reason Checked with finance."))
    ),
    "rejected": page(facts(approve(), reject(DAVE, id=101, at=-60))),
    "expired": page(facts(approve(at=-3 * DAY)), Policy(expires_s=2 * DAY)),
    "stale": page(facts(approve(), pull=pull(head_sha="c3" * 20))),
    "not-needed": page(facts(), Policy(is_needed=False), plan=PLAN),
    "error": page(
        facts(comments=None),
        fault="GitHub refused to read the comments: Resource not accessible by integration (403)",
        hint="Give the job's token the permission `pull-requests: read`.",
    ),
    "environment": page(facts(), Policy(sources=(Source.ENVIRONMENT,), environment="production")),
    "unknown": GatePage(
        fault="There is no pull request that this run is about",
        hint="The workflow's author must act: run mode 'gate' on an event of a pull request.",
    ),
}


def render(
    shown: GatePage, *, notices: Sequence[str] = (), redactor: Redactor | None = None
) -> Rendered:
    return render_gate(
        shown, run=RUN, made_at=NOW, notices=notices, redactor=redactor or Redactor([])
    )


def with_words(shown: GatePage, text: str) -> GatePage:
    """The page with this text wherever people's and services' words stand."""
    decision = shown.decision
    if decision is not None:
        votes = tuple(replace(vote, reason=text, login=text) for vote in decision.votes)
        decision = replace(decision, reason=text, votes=votes)
    rows = tuple(PlanRow(text, row.counts) for row in shown.plan)
    return replace(shown, decision=decision, fault=text, hint=text, plan=rows)
