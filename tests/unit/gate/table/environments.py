"""Rule 7: approvals of this very run's environment."""

from __future__ import annotations

from tests.unit.gate.cases import (
    APPROVED,
    BOB,
    CAROL,
    DAY,
    ENVIRONMENT,
    ERROR,
    EVERYWHERE,
    EXPIRED,
    HEAD,
    HOUR,
    MERGE,
    NOW,
    OTHER,
    PLAN_REQUEST,
    REJECTED,
    TREE,
    TREE_REQUEST,
    WAITING,
    Case,
    approve,
    commit,
    environment,
    facts,
    merged,
    reject,
)

from upshot.gate.decision import Rule, State
from upshot.gate.facts import EnvironmentApproval, GateFacts, ThisRun
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Request

OPEN, CLOSED = Rule.COUNTS, Rule.REJECTS


def case(
    rule: str, name: str, found: GateFacts, state: State, *fates: Rule, policy: Policy = ENVIRONMENT
) -> Case:
    return Case(rule, name, found, state, fates, policy)


def one(name: str, approval: EnvironmentApproval, state: State, *fates: Rule) -> Case:
    return case("7", name, facts(approval), state, *fates)


def bound(name: str, request: Request, state: State, *fates: Rule, sha: str = HEAD) -> Case:
    found = facts(environment(), run=ThisRun(sha=sha, created_at=NOW - HOUR))
    return Case(
        "7", f"{name}, bound to {request.binding}", found, state, fates, ENVIRONMENT, request
    )


STATES = [
    one("approved", environment(), APPROVED, OPEN),
    one("rejected", environment("rejected"), REJECTED, CLOSED),
    one("pending", environment("pending"), WAITING, Rule.OTHER_ENVIRONMENT),
    one("a state in capitals", environment("APPROVED"), WAITING, Rule.OTHER_ENVIRONMENT),
    one(
        "another environment",
        environment(environments=("staging",)),
        WAITING,
        Rule.OTHER_ENVIRONMENT,
    ),
    one(
        "another environment rejected",
        environment("rejected", environments=("staging",)),
        WAITING,
        Rule.OTHER_ENVIRONMENT,
    ),
    one(
        "several environments", environment(environments=("staging", "production")), APPROVED, OPEN
    ),
    one("no environment", environment(environments=()), WAITING, Rule.OTHER_ENVIRONMENT),
    one("its name in another case", environment(environments=("Production",)), APPROVED, OPEN),
    one(
        "a longer name",
        environment(environments=("production-eu",)),
        WAITING,
        Rule.OTHER_ENVIRONMENT,
    ),
    case("7", "no one yet", facts(), WAITING),
    case(
        "7", "where only comments and reviews count", facts(environment()), WAITING, policy=Policy()
    ),
    case("7", "a comment where only the environment counts", facts(approve()), WAITING),
]
RUNS = [
    case("7, T53", "a run of another commit", facts(environment(), run=ThisRun(sha=OTHER, created_at=NOW)), WAITING, Rule.OTHER_COMMIT),
    case("7, T60", "an old attempt that was rejected", facts(environment("rejected"), run=ThisRun(sha=OTHER, created_at=NOW)), WAITING, Rule.OTHER_COMMIT),
    case("7", "a run of no commit", facts(environment(), run=ThisRun(created_at=NOW - HOUR)), APPROVED, OPEN),
    case("7", "a push of the merge", facts(environment(), pull=merged(), merge=commit(sha=MERGE, tree=TREE),
         run=ThisRun(is_push=True, sha=MERGE, created_at=NOW - HOUR)), APPROVED, OPEN),
    case("4, 7", "a run that waited too long", facts(environment(), run=ThisRun(sha=HEAD, created_at=NOW - 7 * DAY)), EXPIRED, Rule.EXPIRED),
    case("4, 7", "a rejection in a run that waited long", facts(environment("rejected"), run=ThisRun(sha=HEAD, created_at=NOW - 7 * DAY)), REJECTED, CLOSED),
    case("7, T57", "a run of unknown age", facts(environment(), run=ThisRun(sha=HEAD)), ERROR, Rule.UNKNOWN_TIME),
    case("7, T57", "a run from the future", facts(environment(), run=ThisRun(sha=HEAD, created_at=NOW + DAY)), ERROR, Rule.UNKNOWN_TIME),
    bound("a plan", PLAN_REQUEST, APPROVED, OPEN),
    bound("a tree", TREE_REQUEST, APPROVED, OPEN),
    bound("a tree, in a run of another commit", TREE_REQUEST, WAITING, Rule.OTHER_COMMIT, sha=OTHER),
]  # fmt: skip
MIXED = [
    case("7, 8", "approved here, rejected by the same person's comment", facts(environment(), reject()), REJECTED,
         Rule.SUPERSEDED, CLOSED, policy=EVERYWHERE),
    case("7, 8", "rejected by a comment before the run, approved here", facts(environment(), reject(at=-3 * HOUR)), APPROVED,
         Rule.SUPERSEDED, OPEN, policy=EVERYWHERE),
    case("7, 8, T30", "rejected here, approved by the same person's comment", facts(environment("rejected"), approve()), REJECTED,
         Rule.SUPERSEDED, CLOSED, policy=EVERYWHERE),
    case("7, 8", "approved here, rejected by another person", facts(environment(), reject(CAROL)), REJECTED,
         OPEN, CLOSED, policy=EVERYWHERE),
    case("7, 9", "two people, one here", facts(environment(), approve(CAROL)), APPROVED,
         OPEN, OPEN, policy=Policy(required=2, sources=tuple(Source), environment="production")),
    case("7, 9", "one person, here and by a comment", facts(environment(by=BOB), approve(BOB)), WAITING,
         Rule.SUPERSEDED, OPEN, policy=Policy(required=2, sources=tuple(Source), environment="production")),
]  # fmt: skip
CASES = [*STATES, *RUNS, *MIXED]
