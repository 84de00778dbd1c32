"""Random histories of a pull request: what people do to it, in any order, and what a gate then reads.

A `World` is plain data with a method for each thing that can happen. `read` gives the facts that a
gate would fetch at this moment, some of them unreadable, and sometimes with a push in between.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

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

START = 1_800_000_000
REPOSITORY, NUMBER, STACKS = 77, 12, ("acme/shop/prod",)
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank")
BINDINGS = (Binding.HEAD_SHA, Binding.HEAD_SHA, Binding.TREE, Binding.PLAN, Binding.WORKFLOW)


@cache
def _request(binding: Binding, bound: str) -> Request:
    stacks = () if binding is Binding.WORKFLOW else STACKS
    return Request(repository=REPOSITORY, pull=NUMBER, binding=binding, bound=bound, stacks=stacks)


@cache
def _id(request: Request) -> str:
    return request.id


class World:
    """One pull request with its people, and everything that happened to it."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.now = START
        self.next_id = 1
        self.users = [
            SimpleNamespace(
                id=place, login=login, type="User", is_deleted=False, team=chance.random() < 0.5,
                permission=chance.choice(("admin", "write", "write", "write", "read", "none")),
            )
            for place, login in enumerate(PEOPLE, start=1)
        ]  # fmt: skip
        self.users.append(
            SimpleNamespace(
                id=50, login="ci[bot]", type="Bot", is_deleted=False, team=False, permission="write"
            )
        )
        self.author = self.users[0]
        self.merger: Any = None
        self.opened = self.now
        self.state = "open"
        self.is_locked = False
        self.base = "main"
        self.merge_tree = ""
        self.comments: list[Any] = []
        self.reviews: list[Any] = []
        self.environment: list[Any] = []
        self.commits: list[Any] = []
        self.binding = chance.choice(BINDINGS)
        self.plan = 1
        self.is_push_run = False
        self.push(is_first=True)
        self.asked = self.head
        self.run_started = self.now

    @property
    def head(self) -> Any:
        return self.commits[-1]

    def someone(self) -> Any:
        return self.chance.choice(self.users)

    def bound(self) -> str:
        """What the gate asks an approval for: the commit of its run, in the binding's terms."""
        bound: dict[Binding, str] = {
            Binding.HEAD_SHA: self.asked.sha,
            Binding.TREE: self.asked.tree,
            Binding.PLAN: f"{self.asked.sha}:{self.plan:064x}",
            Binding.WORKFLOW: f"graph-{self.plan}",
        }
        return bound[self.binding]

    def other_bound(self) -> str:
        """Something that an approval was asked for at another time, perhaps the same."""
        other = self.chance.choice(self.commits)
        bound: dict[Binding, str] = {
            Binding.HEAD_SHA: other.sha,
            Binding.TREE: other.tree,
            Binding.PLAN: f"{other.sha}:{self.plan + 1:064x}",
            Binding.WORKFLOW: f"graph-{self.plan + 1}",
        }
        return bound[self.binding]

    @property
    def id(self) -> str:
        return _id(self.request())

    def request(self, bound: str = "") -> Request:
        return _request(self.binding, bound or self.bound())

    # What can happen.

    def wait(self) -> None:
        self.now += self.chance.choice((0, 1, 60, 3_600, 86_400, 3 * 86_400))

    def push(self, *, is_first: bool = False) -> None:
        number = len(self.commits) + 1
        known = self.chance.choice(self.commits) if self.commits else None
        kind = self.chance.random()
        if known and kind < 0.2:  # forced back to a commit that was there before
            sha, tree = known.sha, known.tree
        else:
            sha = f"{number:08x}" * 5
            tree = known.tree if known and kind < 0.4 else f"{0xF0000000 + number:08x}" * 5
        co_author = self.someone() if self.chance.random() < 0.2 else None
        self.commits.append(
            SimpleNamespace(
                sha=sha, tree=tree, author=self.author if is_first else self.someone(),
                pusher=self.author if is_first else self.someone(), co_author=co_author,
            )
        )  # fmt: skip

    def run_again(self) -> None:
        """The gate of the newest push takes over: it asks for the head as it is now."""
        self.asked = self.head
        self.run_started = self.now
        self.environment = []

    def plan_again(self) -> None:
        self.plan += 1

    def say(self, body: str, **more: Any) -> None:
        self.comments.append(
            SimpleNamespace(
                id=self.next_id, by=self.someone(), body=body, made=self.now, edited=None,
                is_minimised=False, app="", **more,
            )
        )  # fmt: skip
        self.next_id += 1

    def vote(self) -> None:
        verb = self.chance.choice(("approve", "approve", "approve", "reject"))
        named = self.id
        form = self.chance.random()
        if form < 0.08:
            named = named.replace("-", "").upper()
        elif form < 0.16:
            named = _id(self.request(bound=self.other_bound()))
        tail = ""
        if self.chance.random() < 0.2:
            tail = (
                " "
                + self.chance.choice((self.head, self.asked, self.chance.choice(self.commits))).sha[
                    :12
                ]
            )
        if self.chance.random() < 0.1:
            tail += self.chance.choice((" --reason because", " fine", "\r\nmore"))
        before = (
            self.chance.choice((">", "```\n", " ", "\u200b")) if self.chance.random() < 0.05 else ""
        )
        self.say(f"{before}/upshot {verb} {named}{tail}")
        if self.chance.random() < 0.03:
            self.comments[-1].app = "slack"

    def chat(self) -> None:
        self.say(
            self.chance.choice(
                ("+1", "/upshot status", "please /upshot approve", "/upshot approve", "LGTM")
            )
        )

    def edit(self) -> None:
        if self.comments:
            found = self.chance.choice(self.comments)
            found.edited = self.now
            if self.chance.random() < 0.5:
                found.body = f"/upshot approve {self.id}"

    def hide(self) -> None:
        if self.comments:
            self.chance.choice(self.comments).is_minimised = True

    def delete(self) -> None:
        if self.comments:
            self.comments.remove(self.chance.choice(self.comments))

    def review(self) -> None:
        state = self.chance.choice(("APPROVED", "APPROVED", "CHANGES_REQUESTED", "COMMENTED"))
        commit = self.head if self.chance.random() < 0.8 else self.chance.choice(self.commits)
        body = f"ok {self.id}" if self.chance.random() < 0.6 else "ok"
        self.reviews.append(
            SimpleNamespace(
                id=self.next_id, by=self.someone(), state=state, commit=commit, body=body, made=self.now, edited=None,
            )
        )  # fmt: skip
        self.next_id += 1

    def dismiss(self) -> None:
        if self.reviews:
            found = self.chance.choice(self.reviews)
            if found.state in {"APPROVED", "CHANGES_REQUESTED"}:
                found.state = "DISMISSED"

    def edit_review(self) -> None:
        if self.reviews:
            found = self.chance.choice(self.reviews)
            found.edited = self.now
            found.body = f"ok {self.id}"

    def approve_environment(self) -> None:
        self.environment.append(
            SimpleNamespace(
                by=self.someone(), state=self.chance.choice(("approved", "approved", "rejected")),
                name=self.chance.choice(("production", "production", "staging")),
            )
        )  # fmt: skip

    def change_right(self) -> None:
        self.someone().permission = self.chance.choice(("admin", "write", "write", "read", "none"))

    def change_team(self) -> None:
        found = self.someone()
        found.team = not found.team

    def rename(self) -> None:
        found = self.someone()
        if found.type == "User":
            found.login = f"{found.login}x"

    def leave(self) -> None:
        self.someone().is_deleted = True

    def lock(self) -> None:
        self.is_locked = not self.is_locked

    def close(self) -> None:
        if self.state != "merged":
            self.state = "closed" if self.state == "open" else "open"

    def merge(self) -> None:
        if self.state == "open":
            self.state = "merged"
            self.merger = self.someone()
            self.merge_tree = self.head.tree if self.chance.random() < 0.8 else "d" * 40
            self.is_push_run = self.chance.random() < 0.5
            self.asked = self.head
            self.run_started = self.now

    def act(self) -> None:
        self.chance.choices(ACTS, WEIGHTS)[0](self)


ACTS: tuple[Callable[[World], None], ...] = (
    World.vote, World.wait, World.review, World.chat, World.edit, World.hide, World.delete, World.push,
    World.run_again, World.plan_again, World.dismiss, World.edit_review, World.approve_environment,
    World.change_right, World.change_team, World.rename, World.leave, World.lock, World.close, World.merge,
)  # fmt: skip
WEIGHTS = (40, 25, 12, 4, 3, 2, 2, 2, 3, 1, 2, 2, 5, 4, 3, 1, 1, 0.5, 0.5, 2)

POLICIES = (
    Policy(),
    Policy(),
    Policy(required=2),
    Policy(allow_self=True),
    Policy(expires_s=86_400.0),
    Policy(approvers=("bob", "@Acme/Ops")),
    Policy(approvers=("@acme/ops",), required=2, allow_self=True),
    Policy(approvers=("Carol", "dave", "alice")),
    Policy(sources=(Source.COMMENT,), required=2),
    Policy(sources=(Source.REVIEW,)),
    Policy(sources=tuple(Source), environment="Production"),
    Policy(sources=(Source.ENVIRONMENT,), environment="production"),
    Policy(is_needed=False),
)
FAULTS = (
    "pull",
    "again",
    "commit",
    "merge",
    "comments",
    "reviews",
    "environment",
    "pushers",
    "team",
    "page",
)


class Reading:
    """One look of a gate at a world: what it could not read, and whether a push came in between."""

    def __init__(self, world: World, chance: Random) -> None:
        self.faults: set[str] = set()
        self.is_raced = chance.random() < 0.03
        if chance.random() < 0.15:
            self.faults.add(chance.choice(FAULTS))
        self.unread_people = {u.id for u in world.users if chance.random() < 0.01}
        self.unread_edits = {c.id for c in world.comments if chance.random() < 0.01}
        self.unread_edits |= {r.id for r in world.reviews if chance.random() < 0.02}
        self.unread_trees = {c.sha for c in world.commits if chance.random() < 0.05}


def make_history(seed: int) -> tuple[World, Policy, Reading]:
    chance = Random(seed)
    world = World(chance)
    for _ in range(chance.randint(2, 22)):
        world.act()
    return world, chance.choice(POLICIES), Reading(world, chance)


def read(world: World, reading: Reading) -> GateFacts:
    """The facts, as GitHub's interface gives them."""
    missing = reading.faults
    accounts = {
        user.id: None if user.is_deleted else Account(user.id, user.login, user.type)
        for user in world.users
    }
    pull = PullRequest(
        repository=REPOSITORY, number=NUMBER, author=accounts[world.author.id], created_at=world.opened,
        head_sha=world.head.sha, base_ref=world.base, is_open=world.state == "open",
        is_merged=world.state == "merged", is_locked=world.is_locked,
        merge_sha="c" * 40 if world.state == "merged" else "",
        merged_by=accounts[world.merger.id] if world.merger else None,
    )  # fmt: skip
    again = PullRequest(
        **{name: getattr(pull, name) for name in pull.__struct_fields__ if name != "head_sha"},
        head_sha="e" * 40 if reading.is_raced else pull.head_sha,
    )
    pusher = world.merger if world.is_push_run and world.state == "merged" else world.head.pusher
    return GateFacts(
        now=world.now,
        pull=None if "pull" in missing else pull,
        pull_again=None if "again" in missing else again,
        commit=None if "commit" in missing else _commit(world.head, accounts),
        merge=None if "merge" in missing or not pull.is_merged else Commit(sha="c" * 40, tree=world.merge_tree),
        run=ThisRun(
            is_push=world.is_push_run, sha="c" * 40 if world.is_push_run else world.asked.sha, created_at=world.run_started
        ),
        pushers=None if "pushers" in missing else tuple(filter(None, [accounts[pusher.id]])),
        comments=None if "comments" in missing else tuple(_comment(c, accounts, reading) for c in world.comments),
        reviews=None if "reviews" in missing else tuple(_review(r, accounts, reading) for r in world.reviews),
        environment_approvals=None if "environment" in missing else tuple(
            EnvironmentApproval(user=accounts[e.by.id], state=e.state, environments=(e.name,)) for e in world.environment
        ),
        permissions={
            u.id: Permission(u.id, u.permission) for u in world.users if u.id not in reading.unread_people
        },
        memberships={} if "team" in missing else {("acme/ops", u.id): u.team for u in world.users},
        unread=("page 3 of the comments",) if "page" in missing else (),
    )  # fmt: skip


def _commit(commit: Any, accounts: dict[int, Account | None]) -> Commit:
    author = accounts[commit.author.id]
    lines = () if commit.co_author is None else (_line(commit.co_author, accounts),)
    return Commit(
        sha=commit.sha, tree=commit.tree, authors=(author,) if author else (), co_authors=lines
    )


def _line(user: Any, accounts: dict[int, Account | None]) -> CoAuthor:
    """GitHub knows the address of some, and of others the address holds the id."""
    if user.id % 2:
        return CoAuthor("person@example.com", accounts[user.id])
    return CoAuthor(f"{user.id}+{user.login}@users.noreply.github.com")


def _revision(found: Any, reading: Reading, *, is_minimised: bool) -> Revision | None:
    if found.id in reading.unread_edits:
        return None
    return Revision(found.edited, is_minimised=is_minimised)


def _comment(found: Any, accounts: dict[int, Account | None], reading: Reading) -> Comment:
    # An edit within the second in which it was written is seen by GraphQL alone.
    return Comment(
        id=found.id, author=accounts[found.by.id], app=found.app, body=found.body, created_at=found.made,
        updated_at=found.made if found.edited is None else found.edited,
        revision=_revision(found, reading, is_minimised=found.is_minimised),
    )  # fmt: skip


def _review(found: Any, accounts: dict[int, Account | None], reading: Reading) -> Review:
    return Review(
        id=found.id, author=accounts[found.by.id], state=found.state, commit=found.commit.sha, body=found.body,
        submitted_at=found.made, revision=_revision(found, reading, is_minimised=False),
        tree=None if found.commit.sha in reading.unread_trees else found.commit.tree,
    )  # fmt: skip
