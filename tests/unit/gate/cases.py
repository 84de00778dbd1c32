"""One pull request with its people, and factories for everything that a gate may find on it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from upshot.gate.decision import Rule, State
from upshot.gate.facts import (
    Account,
    CoAuthor,
    Comment,
    Commit,
    EnvironmentApproval,
    GateFacts,
    Permission,
    PullRequest,
    Review,
    Revision,
    ThisRun,
)
from upshot.gate.policy import Policy, Source
from upshot.gate.request import Binding, Request

NOW = 1_800_000_000.0
HOUR, DAY = 3_600.0, 86_400.0
OPENED = -6 * DAY
"""When the pull request was opened, from now."""

HEAD, TREE = "a1" * 20, "7e" * 20
OTHER, OTHER_TREE = "b2" * 20, "8f" * 20
MERGE = "c3" * 20
PLAN = "5d" * 32

ALICE = Account(1, "alice", "User")
"""Opened the pull request."""
BOB = Account(2, "bob", "User")
CAROL = Account(3, "Carol", "User")
DAVE = Account(4, "dave", "User")
"""An administrator."""
ERIN = Account(5, "erin", "User")
"""May read only."""
MALLORY = Account(9, "mallory", "User")
"""No right at all."""
PETE = Account(6, "pete", "User")
"""Pushed the head commit."""
COCO = Account(7, "coco", "User")
"""A co-author of the head commit."""
ANN = Account(10, "ann", "User")
"""The git author of the head commit."""
MAX = Account(8, "max", "User")
"""Merged, where it is merged."""
BOT = Account(50, "ci[bot]", "Bot")
RIGHTS = {
    ALICE: "write", BOB: "write", CAROL: "write", DAVE: "admin", ERIN: "read", MALLORY: "none",
    PETE: "write", COCO: "write", ANN: "write", MAX: "write", BOT: "write",
}  # fmt: skip
PERMISSIONS = {who.id: Permission(who.id, right) for who, right in RIGHTS.items()}
UNEDITED = Revision(None, is_minimised=False)


def request(**over: Any) -> Request:
    fields: dict[str, Any] = {
        "repository": 77, "pull": 12, "binding": Binding.HEAD_SHA, "bound": HEAD,
        "stacks": ("acme/shop/prod",),
    }  # fmt: skip
    return Request(**fields | over)


REQUEST = request()
ID = REQUEST.id
TREE_REQUEST = request(binding=Binding.TREE, bound=TREE)
PLAN_REQUEST = request(binding=Binding.PLAN, bound=f"{HEAD}:{PLAN}")
WORKFLOW_REQUEST = request(binding=Binding.WORKFLOW, bound="7", stacks=())


def comment(body: str = f"/upshot approve {ID}", by: Account | None = BOB, **over: Any) -> Comment:
    """One hour old; `at` in seconds from now."""
    at = NOW + over.pop("at", -HOUR)
    fields: dict[str, Any] = {
        "id": 100, "author": by, "app": "", "body": body, "created_at": at, "updated_at": at,
        "revision": UNEDITED,
    }  # fmt: skip
    return Comment(**fields | over)


def approve(by: Account | None = BOB, **over: Any) -> Comment:
    return comment(by=by, **over)


def reject(by: Account | None = BOB, **over: Any) -> Comment:
    return comment(f"/upshot reject {ID}", by=by, **over)


def review(state: str = "APPROVED", by: Account | None = BOB, **over: Any) -> Review:
    at = over.pop("at", -HOUR)
    fields: dict[str, Any] = {
        "id": 200, "author": by, "state": state, "commit": HEAD, "body": "",
        "submitted_at": None if at is None else NOW + at, "revision": UNEDITED, "tree": None,
    }  # fmt: skip
    return Review(**fields | over)


def environment(
    state: str = "approved", by: Account | None = BOB, **over: Any
) -> EnvironmentApproval:
    fields: dict[str, Any] = {"user": by, "state": state, "environments": ("production",)}
    return EnvironmentApproval(**fields | over)


def pull(**over: Any) -> PullRequest:
    fields: dict[str, Any] = {
        "repository": 77, "number": 12, "author": ALICE, "created_at": NOW + OPENED,
        "head_sha": HEAD, "base_ref": "main", "is_open": True,
    }  # fmt: skip
    return PullRequest(**fields | over)


def merged(**over: Any) -> PullRequest:
    return pull(is_open=False, is_merged=True, merge_sha=MERGE, merged_by=MAX, **over)


def commit(**over: Any) -> Commit:
    fields: dict[str, Any] = {
        "sha": HEAD, "tree": TREE, "authors": (ANN,),
        "co_authors": (CoAuthor("coco@example.com", COCO),),
    }  # fmt: skip
    return Commit(**fields | over)


def facts(*found: Comment | Review | EnvironmentApproval, **over: Any) -> GateFacts:
    """All that can be read was read; `pull` stands for both looks at it."""
    if "pull" in over:
        over.setdefault("pull_again", over["pull"])
    fields: dict[str, Any] = {
        "now": NOW,
        "pull": pull(),
        "pull_again": pull(),
        "commit": commit(),
        "run": ThisRun(sha=HEAD, created_at=NOW - 2 * HOUR),
        "pushers": (PETE,),
        "comments": tuple(each for each in found if isinstance(each, Comment)),
        "reviews": tuple(each for each in found if isinstance(each, Review)),
        "environment_approvals": tuple(e for e in found if isinstance(e, EnvironmentApproval)),
        "permissions": PERMISSIONS,
    }
    return GateFacts(**fields | over)


ANY = Policy()
TWO = Policy(required=2)
SELF = Policy(allow_self=True)
ENVIRONMENT = Policy(sources=(Source.ENVIRONMENT,), environment="production")
EVERYWHERE = Policy(sources=tuple(Source), environment="production")


class Case(Struct, frozen=True):
    """What a gate finds, what it must decide, and the fate of each vote, the oldest first."""

    rule: str
    """The rule that the case is about: a number of the contract, a threat, or both."""
    name: str
    facts: GateFacts
    state: State
    fates: tuple[Rule, ...] = ()
    policy: Policy = ANY
    request: Request = REQUEST
    people: tuple[str, ...] | None = None
    """Who approved, where that is the point."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"


APPROVED, WAITING, REJECTED = State.APPROVED, State.WAITING, State.REJECTED
EXPIRED, STALE, ERROR, NOT_NEEDED = State.EXPIRED, State.STALE, State.ERROR, State.NOT_NEEDED
