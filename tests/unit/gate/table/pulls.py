"""Rule 5 and what a decision needs as a whole: the pull request, its head, one moment, all pages."""

from __future__ import annotations

from typing import Any

from tests.unit.gate.cases import (
    ANY,
    APPROVED,
    ENVIRONMENT,
    ERROR,
    EVERYWHERE,
    HEAD,
    MERGE,
    NOT_NEEDED,
    NOW,
    OTHER,
    OTHER_TREE,
    PLAN,
    PLAN_REQUEST,
    REJECTED,
    REQUEST,
    STALE,
    TREE,
    TREE_REQUEST,
    WAITING,
    WORKFLOW_REQUEST,
    Case,
    approve,
    comment,
    commit,
    facts,
    merged,
    pull,
    reject,
    request,
    review,
)

from upshot.gate.decision import Rule, State
from upshot.gate.facts import GateFacts, ThisRun
from upshot.gate.policy import Policy
from upshot.gate.request import Binding, Request

COUNTS = Rule.COUNTS


def one(
    rule: str,
    name: str,
    state: State,
    *fates: Rule,
    request: Request = REQUEST,
    policy: Policy = ANY,
    **over: Any,
) -> Case:
    """An approval that counts, on a pull request that something is the matter with."""
    fates = fates or (COUNTS,)
    found = facts(comment(f"/upshot approve {request.id}"), **over)
    return Case(rule, name, found, state, fates, policy, request)


def pushed(**over: Any) -> dict[str, Any]:
    """The facts of a gate on the push of a merge."""
    return {
        "pull": merged(),
        "merge": commit(sha=MERGE, tree=TREE),
        "run": ThisRun(is_push=True, sha=MERGE, created_at=NOW - 60),
        **over,
    }


def moved(to: str, **over: Any) -> dict[str, Any]:
    return {"pull": pull(head_sha=to), "commit": commit(sha=to, **over)}


STANDING = [
    one("5", "open", APPROVED),
    one("5", "merged", APPROVED, pull=merged()),
    one("5", "closed without a merge", STALE, pull=pull(is_open=False)),
    one("5", "locked", STALE, pull=pull(is_locked=True)),
    one("5", "merged and locked", STALE, pull=merged(is_locked=True)),
    Case("5", "closed, and without votes", facts(pull=pull(is_open=False)), STALE),
    Case(
        "5",
        "closed, and rejected",
        facts(reject(), pull=pull(is_open=False)),
        STALE,
        (Rule.REJECTS,),
    ),
]
HEADS = [
    one("5, T54", "another head than the bound one", STALE, **moved(OTHER)),
    one("5, T54", "another head, with the same files", STALE, **moved(OTHER)),
    one("5, T54", "another head than a plan's", STALE, request=PLAN_REQUEST, **moved(OTHER)),
    Case("5, T61", "a plan of the same commit that changed",
        facts(comment(f"/upshot approve {PLAN_REQUEST.id}")), WAITING, (Rule.OTHER_REQUEST,),
        request=request(binding=Binding.PLAN, bound=f"{HEAD}:{PLAN[::-1]}")),
    one("5", "the same files after a rebase", APPROVED, request=TREE_REQUEST, **moved(OTHER)),
    one("5, T54", "other files after a push", STALE, request=TREE_REQUEST, **moved(OTHER, tree=OTHER_TREE)),
    one("5, T54", "a head that came between two reads", STALE, commit=commit(sha=OTHER)),
    one("5, T54", "a tree whose head came between two reads", STALE, request=TREE_REQUEST, commit=commit(sha=OTHER)),
    one("5, T54", "a head that moved while all was read", STALE, pull_again=pull(head_sha=OTHER)),
    one("5, T54", "a tree whose head moved while all was read", STALE, request=TREE_REQUEST, pull_again=pull(head_sha=OTHER)),
    one("5", "a base that was changed meanwhile", STALE, pull_again=pull(base_ref="release")),
    one("5", "closed meanwhile", STALE, pull_again=pull(is_open=False)),
    one("5", "merged meanwhile", STALE, pull_again=merged()),
    one("5", "locked meanwhile", STALE, pull_again=pull(is_locked=True)),
    one("5", "another one the second time", STALE, pull_again=pull(number=13)),
    one("5", "a workflow's change, with any head", APPROVED, request=WORKFLOW_REQUEST, **moved(OTHER)),
    one("5, T54", "a workflow's change, the head moved meanwhile", STALE, request=WORKFLOW_REQUEST, pull_again=pull(head_sha=OTHER)),
]  # fmt: skip
PUSHES = [
    one("5", "a push of the merge, with the bound files", APPROVED, **pushed()),
    one("5", "a push of the merge, bound to the files", APPROVED, request=TREE_REQUEST, **pushed()),
    one("5", "a push of the merge, bound to the plan", APPROVED, request=PLAN_REQUEST, **pushed()),
    one(
        "5, T53",
        "a push of the merge, with other files",
        STALE,
        **pushed(merge=commit(sha=MERGE, tree=OTHER_TREE)),
    ),
    one(
        "5, T53",
        "other files, bound to the files",
        STALE,
        request=TREE_REQUEST,
        **pushed(merge=commit(sha=MERGE, tree=OTHER_TREE)),
    ),
    one(
        "5, T53", "a push of something else", STALE, **pushed(run=ThisRun(is_push=True, sha=OTHER))
    ),
    one("5, T53", "a push of nothing that is known", STALE, **pushed(run=ThisRun(is_push=True))),
    one(
        "5, T53",
        "another commit read as the merge",
        STALE,
        **pushed(merge=commit(sha=OTHER, tree=TREE)),
    ),
    one(
        "5",
        "a push to the branch of the pull request",
        APPROVED,
        run=ThisRun(is_push=True, sha=HEAD),
    ),
    one(
        "5, T53", "a push of a merge that is none yet", STALE, run=ThisRun(is_push=True, sha=MERGE)
    ),
    one("5, T57", "a merge that cannot be read", ERROR, **pushed(merge=None)),
    one("5", "a merge that is judged by the run of its head", APPROVED, pull=merged()),
]
UNREAD = [
    Case("T57", "the pull request", facts(approve(), pull=None), ERROR, ()),
    one("T57", "the pull request, the second time", ERROR, pull_again=None),
    one("T57", "the head commit", ERROR, Rule.COUNTS, commit=None),
    Case("T57", "the comments", facts(comments=None), ERROR),
    Case("T57", "the reviews", facts(approve(), reviews=None), ERROR, (COUNTS,)),
    Case("T57", "the environment's approvals", facts(environment_approvals=None), ERROR, (), ENVIRONMENT),
    Case("T57", "reviews, while a comment rejects", facts(reject(), reviews=None), ERROR, (Rule.REJECTS,)),
    Case("T57", "something else, by name", facts(approve(), unread=("page 3 of the comments",)), ERROR, (COUNTS,)),
    Case("T57", "something of a gate that waits anyway", facts(unread=("page 3",)), ERROR),
    Case("T57", "two different comments with one id", facts(approve(), reject()), ERROR, (Rule.SUPERSEDED, Rule.REJECTS)),
    Case("T57", "two different reviews with one id", facts(review(), review("CHANGES_REQUESTED")), ERROR,
         (Rule.SUPERSEDED, Rule.REJECTS)),
    Case("T60", "one comment on two pages", facts(approve(), approve()), WAITING, (Rule.SUPERSEDED, COUNTS), Policy(required=2)),
    Case("T57", "another pull request", facts(approve(), pull=pull(number=13)), ERROR),
    Case("T57", "a pull request of another repository", facts(approve(), pull=pull(repository=78)), ERROR),
    Case("5", "a closed one, and nothing else was read", GateFacts(now=NOW, pull=pull(is_open=False)), STALE),
    Case("T57", "nothing", GateFacts(now=NOW, pull=None), ERROR),
    Case("T57", "nothing but the pull request", GateFacts(now=NOW, pull=pull()), ERROR),
    Case("T57", "the comments, where reviews do not count and it would be open", facts(comments=None, reviews=None), ERROR, (), EVERYWHERE),
]  # fmt: skip
NEEDED = [
    Case("0", "not needed", facts(), NOT_NEEDED, (), Policy(is_needed=False)),
    Case(
        "0",
        "not needed, and nothing was read",
        GateFacts(now=NOW, pull=None),
        NOT_NEEDED,
        (),
        Policy(is_needed=False),
    ),
    Case("0", "not needed, and rejected", facts(reject()), NOT_NEEDED, (), Policy(is_needed=False)),
    Case("0", "needed", facts(), WAITING),
    Case("0", "needed, and rejected", facts(reject()), REJECTED, (Rule.REJECTS,)),
]
CASES = [*STANDING, *HEADS, *PUSHES, *UNREAD, *NEEDED]
