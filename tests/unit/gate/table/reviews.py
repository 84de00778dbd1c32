"""Rule 6: reviews, by state, commit and age; with a bound plan, by what their text names."""

from __future__ import annotations

from typing import Any

from tests.unit.gate.cases import (
    ANY,
    APPROVED,
    BOB,
    CAROL,
    DAY,
    ERROR,
    EXPIRED,
    HEAD,
    ID,
    NOW,
    OPENED,
    OTHER,
    OTHER_TREE,
    PLAN_REQUEST,
    REJECTED,
    REQUEST,
    TREE,
    TREE_REQUEST,
    WAITING,
    WORKFLOW_REQUEST,
    Case,
    approve,
    facts,
    reject,
    review,
)

from upshot.gate.decision import Rule, State
from upshot.gate.facts import Revision
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Request

EDITED = Revision(NOW - 60, is_minimised=False)
HIDDEN = Revision(None, is_minimised=True)
COUNTS, REJECTS = Rule.COUNTS, Rule.REJECTS


def one(
    name: str, state: State, *fates: Rule, request: Request = REQUEST, rule: str = "6", **over: Any
) -> Case:
    given = {"state": over.pop("review_state")} if "review_state" in over else {}
    return Case(rule, name, facts(review(**given, **over)), state, fates, request=request)


def several(
    name: str, state: State, fates: tuple[Rule, ...], *reviews: Any, rule: str = "6"
) -> Case:
    return Case(rule, name, facts(*reviews), state, fates)


def changes(**over: Any) -> Any:
    return review("CHANGES_REQUESTED", **over)


SINGLE = [
    one("an approving review", APPROVED, COUNTS),
    one("changes requested", REJECTED, REJECTS, review_state="CHANGES_REQUESTED"),
    one("a comment", WAITING, review_state="COMMENTED"),
    one(
        "a comment whose text is a command",
        WAITING,
        review_state="COMMENTED",
        body=f"/upshot approve {ID}",
    ),
    one("a pending review", WAITING, review_state="PENDING", at=None),
    one("an approval that was never submitted", WAITING, at=None),
    one("a dismissed review", WAITING, Rule.DISMISSED, review_state="DISMISSED"),
    one("an unknown state", WAITING, review_state="approved"),
    one("another commit", WAITING, Rule.OTHER_COMMIT, commit=OTHER, rule="6, T53"),
    one(
        "changes requested on another commit",
        WAITING,
        Rule.OTHER_COMMIT,
        review_state="CHANGES_REQUESTED",
        commit=OTHER,
    ),
    one("the beginning of the commit", WAITING, Rule.OTHER_COMMIT, commit=HEAD[:12]),
    one("no commit", WAITING, Rule.OTHER_COMMIT, commit=""),
    one("an edited text, where the text says nothing", APPROVED, COUNTS, revision=EDITED),
    one("a text of unknown edits, where the text says nothing", APPROVED, COUNTS, revision=None),
    one("older than the pull request", WAITING, Rule.BEFORE_PULL, at=OPENED - 1, rule="4, 6"),
    one("written in the future", ERROR, Rule.UNKNOWN_TIME, at=DAY, rule="4, 6, T57"),
    Case(
        "4, 6",
        "an old approval",
        facts(review(at=-2 * DAY)),
        EXPIRED,
        (Rule.EXPIRED,),
        Policy(expires_s=DAY),
    ),
    Case(
        "4, 6",
        "old changes requested",
        facts(changes(at=-2 * DAY)),
        REJECTED,
        (REJECTS,),
        Policy(expires_s=DAY),
    ),
    Case(
        "6",
        "a review where only comments count",
        facts(review()),
        WAITING,
        (),
        Policy(sources=(Source.COMMENT,)),
    ),
    Case(
        "6",
        "a comment where only reviews count",
        facts(approve()),
        WAITING,
        (),
        Policy(sources=(Source.REVIEW,)),
    ),
]
NEWEST = [
    several("approved, then changes requested", REJECTED, (Rule.NOT_NEWEST, REJECTS),
            review(id=1, at=-90), changes(id=2, at=-60)),
    several("changes requested, then approved", APPROVED, (Rule.NOT_NEWEST, COUNTS),
            changes(id=1, at=-90), review(id=2, at=-60)),
    several("approved, then commented", APPROVED, (COUNTS,),
            review(id=1, at=-90), review("COMMENTED", id=2, at=-60)),
    several("approved, then a review that was dismissed", WAITING, (Rule.NOT_NEWEST, Rule.DISMISSED),
            review(id=1, at=-90), review("DISMISSED", id=2, at=-60)),
    several("changes requested, then that dismissed", WAITING, (Rule.DISMISSED,), review("DISMISSED", id=1)),
    several("approved, then another commit approved", WAITING, (Rule.NOT_NEWEST, Rule.OTHER_COMMIT),
            review(id=1, at=-90), review(id=2, at=-60, commit=OTHER)),
    several("another commit refused, then this one approved", APPROVED, (Rule.NOT_NEWEST, COUNTS),
            changes(id=1, at=-90, commit=OTHER), review(id=2, at=-60)),
    several("in any order of the list", REJECTED, (Rule.NOT_NEWEST, REJECTS),
            changes(id=2, at=-60), review(id=1, at=-90)),
    several("both in one second, in any order of ids", REJECTED, (Rule.NOT_NEWEST, REJECTS),
            changes(id=1, at=-60), review(id=2, at=-60), rule="6, T30"),
    several("dismissed and approved in one second", WAITING, (Rule.DISMISSED, Rule.NOT_NEWEST),
            review("DISMISSED", id=1, at=-60), review(id=2, at=-60), rule="6, T30"),
    several("two approvals in one second", APPROVED, (Rule.NOT_NEWEST, COUNTS),
            review(id=1, at=-60), review(id=2, at=-60)),
    several("another person's changes requested", REJECTED, (COUNTS, REJECTS),
            review(id=1, at=-90), changes(id=2, at=-60, by=CAROL)),
    several("two deleted accounts", WAITING, (Rule.NOT_NEWEST, Rule.NO_ACCOUNT),
            review(id=1, at=-90, by=None), review(id=2, at=-60, by=None)),
]  # fmt: skip
TREES = [
    one("the bound commit itself", APPROVED, COUNTS, request=TREE_REQUEST),
    one("another commit with the same files", APPROVED, COUNTS, commit=OTHER, tree=TREE, request=TREE_REQUEST),
    one("another commit with other files", WAITING, Rule.OTHER_COMMIT, commit=OTHER, tree=OTHER_TREE, request=TREE_REQUEST, rule="6, T53"),
    one("a commit that GitHub no longer has", WAITING, Rule.OTHER_COMMIT, commit=OTHER, tree="", request=TREE_REQUEST),
    one("a commit whose files cannot be read", ERROR, Rule.UNKNOWN_TREE, commit=OTHER, tree=None, request=TREE_REQUEST, rule="6, T57"),
    one("changes requested on the same files", REJECTED, REJECTS, review_state="CHANGES_REQUESTED", commit=OTHER, tree=TREE, request=TREE_REQUEST),
    one("changes requested on other files", WAITING, Rule.OTHER_COMMIT, review_state="CHANGES_REQUESTED", commit=OTHER, tree=OTHER_TREE, request=TREE_REQUEST),
    one("changes requested, the files unread", ERROR, Rule.UNKNOWN_TREE, review_state="CHANGES_REQUESTED", commit=OTHER, request=TREE_REQUEST, rule="6, T57"),
    one("the same files, where the commit is bound", WAITING, Rule.OTHER_COMMIT, commit=OTHER, tree=TREE),
]  # fmt: skip


def texts(request: Request) -> list[Case]:
    """Where the commit is not all that is approved, the person's own text names the request."""
    named = {
        "names it": f"Fine by me: {request.id}.",
        "names it without hyphens": f"ok {request.id.replace('-', '')} ok",
        "names it in capitals and code": f"LGTM `{request.id.upper()}`",
        "names it on a later line": f"I compared the plan.\r\n\r\n{request.id}",
        "holds the command": f"/upshot approve {request.id}",
    }
    unnamed = {
        "names nothing": "LGTM",
        "is empty": "",
        "names the commit's request": f"Fine by me: {ID}",
        "has the id inside a longer word": f"x{request.id}",
        "has the id before more letters": f"{request.id}a",
        "has the id before a hyphen": f"{request.id}-2",
        "has a hidden character in the id": f"{request.id[:7]}\u200b{request.id[7:]}",
    }
    text = f"ok {request.id}"
    bound = f"bound to {request.binding}"
    return [
        *(one(f"a text that {n}, {bound}", APPROVED, COUNTS, body=t, request=request) for n, t in named.items()),
        *(
            one(f"a text that {n}, {bound}", WAITING, Rule.NO_REQUEST_ID, body=t, request=request, rule="6, T61")
            for n, t in unnamed.items()
        ),
        one(f"an edited text, {bound}", WAITING, Rule.EDITED, body=text, revision=EDITED, request=request, rule="2, 6, T51"),
        one(f"a hidden text, {bound}", WAITING, Rule.MINIMISED, body=text, revision=HIDDEN, request=request, rule="2, 6, T51"),
        one(f"a text of unknown edits, {bound}", ERROR, Rule.UNKNOWN_EDITS, body=text, revision=None, request=request, rule="2, 6, T57"),
        one(f"a named request on another commit, {bound}", WAITING, Rule.OTHER_COMMIT, body=text, commit=OTHER, request=request),
        one(f"changes requested without a name, {bound}", REJECTED, REJECTS, review_state="CHANGES_REQUESTED", request=request),
        one(f"changes requested, edited, {bound}", REJECTED, REJECTS, review_state="CHANGES_REQUESTED", revision=EDITED, request=request),
    ]  # fmt: skip


MIXED = [
    Case("6, 8", "approved by review, then rejected by comment", facts(review(at=-90), reject(at=-60)),
         REJECTED, (Rule.SUPERSEDED, REJECTS)),
    Case("6, 8", "rejected by comment, then approved by review", facts(reject(at=-90), review(at=-60)),
         APPROVED, (Rule.SUPERSEDED, COUNTS)),
    Case("6, 8", "approved by comment, then changes requested", facts(approve(at=-90), changes(at=-60)),
         REJECTED, (Rule.SUPERSEDED, REJECTS)),
    Case("6, 9", "approved twice by one person", facts(approve(at=-90), review(at=-60)),
         WAITING, (Rule.SUPERSEDED, COUNTS), Policy(required=2), people=("bob",)),
    Case("6, 9", "approved by two people in two ways", facts(approve(BOB, at=-90), review(by=CAROL, at=-60)),
         APPROVED, (COUNTS, COUNTS), Policy(required=2), people=("bob", "Carol")),
    Case("6", "a dismissed review beside a comment", facts(approve(at=-90), review("DISMISSED", at=-60)),
         APPROVED, (COUNTS, Rule.DISMISSED), ANY),
]  # fmt: skip
CASES = [*SINGLE, *NEWEST, *TREES, *texts(PLAN_REQUEST), *texts(WORKFLOW_REQUEST), *MIXED]
