"""A second judge of gates: slow, plain, and written from the contract, not from the verifier.

It looks at the world itself and not at the facts that a gate reads, computes request ids and reads
comments by means of its own, and asks of each vote every question of the contract: yes, no, or
"could not be read". One no makes a vote void, else one "could not be read" ends in `error`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from math import inf
from types import SimpleNamespace
from typing import Any

from tests.unit.gate.histories import NUMBER, REPOSITORY, STACKS, Reading, World

from upshot.gate.policy import Policy

Answer = bool | None


def request_id(world: World) -> str:
    return compute_id(str(world.binding), world.bound())


@cache
def compute_id(binding: str, bound: str) -> str:
    fields = {
        "v": 1, "repository": REPOSITORY, "pull": NUMBER, "binding": binding, "bound": bound,
        "stacks": [] if binding == "workflow" else sorted(STACKS),
    }  # fmt: skip
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:16]


def judge(world: World, policy: Policy, reading: Reading) -> tuple[str, tuple[str, ...]]:
    """The state, and who approved where it is open."""
    if not policy.is_needed:
        return "not-needed", ()
    if "pull" in reading.faults:
        return "error", ()
    if is_stale(world, reading):
        return "stale", ()
    needed = {"again", "commit", "page"}
    if world.is_push_run:
        needed.add("merge")
    for source, fault in (
        ("comment", "comments"),
        ("review", "reviews"),
        ("environment", "environment"),
    ):
        if source in policy.sources:
            needed.add(fault)
    if needed & reading.faults:
        return "error", ()
    words = all_words(world, policy, reading)
    if words is None:
        return "error", ()
    return add_up(world, policy, words)


def is_stale(world: World, reading: Reading) -> bool:
    if world.state == "closed" or world.is_locked:
        return True
    if world.binding in {"head-sha", "plan"} and world.asked.sha != world.head.sha:
        return True
    is_commit_read = "commit" not in reading.faults
    if world.binding == "tree" and is_commit_read and world.asked.tree != world.head.tree:
        return True
    if (
        world.is_push_run
        and is_commit_read
        and "merge" not in reading.faults
        and world.merge_tree != world.head.tree
    ):
        return True
    return reading.is_raced and "again" not in reading.faults


def all_words(world: World, policy: Policy, reading: Reading) -> list[Any] | None:
    """Every vote that is one, with what keeps a yes from counting; None when one cannot be judged."""
    words = []
    for person in world.users:
        for is_yes, when, made, questions in votes_of(person, world, policy):
            answers = [*questions(reading), *about(person, policy, reading)]
            if False in answers:
                continue
            if None in answers:
                return None
            is_old = not world.now - made < policy.expires_s
            is_own = is_own_change(person, world, policy, reading)
            if is_yes and is_own is None and not is_old:
                return None
            words.append(
                SimpleNamespace(
                    person=person, when=when, is_yes=is_yes, is_old=is_old, is_own=bool(is_own)
                )
            )
    return words


def about(person: Any, policy: Policy, reading: Reading) -> list[Answer]:
    """Rule 3, as far as it is about the person."""
    answers: list[Answer] = [
        not person.is_deleted,
        person.type == "User",
        None if person.id in reading.unread_people else person.permission in {"admin", "write"},
    ]
    if policy.approvers is not None:
        names = [name.lower() for name in policy.approvers]
        if person.login.lower() in [name for name in names if not name.startswith("@")]:
            answers.append(True)
        elif "@acme/ops" in names:
            answers.append(None if "team" in reading.faults else person.team)
        else:
            answers.append(False)
    return answers


def is_own_change(person: Any, world: World, policy: Policy, reading: Reading) -> Answer:
    """Rule 3: whether the person made, pushed or merged the change; no where that is allowed."""
    if policy.allow_self:
        return False
    if person in (world.author, world.head.author, world.head.co_author, world.merger):
        return True
    if "pushers" in reading.faults:
        return None
    return person is (world.merger if world.is_push_run else world.head.pusher)


def votes_of(person: Any, world: World, policy: Policy) -> list[Any]:
    """(says yes, when, when made, what the contract asks of such a vote)."""
    found: list[Any] = []
    if "comment" in policy.sources:
        for comment in world.comments:
            if comment.by is person:
                found += comment_vote(comment, world)
    if "review" in policy.sources:
        found += review_vote(person, world)
    if "environment" in policy.sources:
        for approval in world.environment:
            if approval.by is person:
                found.append(environment_vote(approval, world))
    return found


def comment_vote(comment: Any, world: World) -> list[Any]:
    """Rules 1, 2 and 4."""
    first_line = comment.body.replace("\r\n", "\n").split("\n")[0]
    written = re.match(
        r"/upshot (approve|reject) ([A-Za-z0-9-]+)(?: ([0-9a-f]{7,40}))?(?: |$)", first_line
    )
    if not written:
        return []
    verb, named, commit = written.groups()

    def questions(reading: Reading) -> list[Answer]:
        answers: list[Answer] = [
            named.replace("-", "").lower() == request_id(world),
            world.head.sha.startswith(commit or ""),
            comment.app == "",
            comment.made >= world.opened,
            comment.edited in {None, comment.made},
        ]
        if comment.id in reading.unread_edits:
            return [*answers, None]
        return [*answers, comment.edited is None, not comment.is_minimised]

    return [(verb == "approve", comment.made, comment.made, questions)]


def review_vote(person: Any, world: World) -> list[Any]:
    """Rule 6: the newest opinion of the person."""
    opinions = [r for r in world.reviews if r.by is person and r.state != "COMMENTED"]
    if not opinions:
        return []
    latest = max(r.made for r in opinions)
    same_second = [r for r in opinions if r.made == latest]
    doubtful = [r for r in same_second if r.state != "APPROVED"]
    review = max(doubtful or same_second, key=lambda r: r.id)

    def questions(reading: Reading) -> list[Answer]:
        answers: list[Answer] = [review.state != "DISMISSED"]
        if world.binding == "tree" and review.commit.sha != world.head.sha:
            unread = review.commit.sha in reading.unread_trees
            answers.append(None if unread else review.commit.tree == world.asked.tree)
        else:
            answers.append(review.commit.sha == world.head.sha)
        if review.state == "APPROVED" and world.binding in {"plan", "workflow"}:
            answers.append(request_id(world) in review.body.replace("-", ""))
            answers.append(None if review.id in reading.unread_edits else review.edited is None)
        return answers

    return [(review.state == "APPROVED", review.made, review.made, questions)]


def environment_vote(approval: Any, world: World) -> Any:
    """Rule 7. No time is known: a yes is as old as the run, a no is the last word."""
    is_yes = approval.state == "approved"
    commit_is_right = world.is_push_run or world.asked.sha == world.head.sha

    def questions(_: Reading) -> list[Answer]:
        return [approval.name == "production", commit_is_right]

    return is_yes, world.run_started if is_yes else inf, world.run_started, questions


def add_up(world: World, policy: Policy, words: list[Any]) -> tuple[str, tuple[str, ...]]:
    """Rules 8 and 9, on the last word of each person; of two at once, the no."""
    approving, rejecting, expired = [], [], []
    for person in world.users:
        own = [word for word in words if word.person is person]
        if not own:
            continue
        latest = max(word.when for word in own)
        last = [word for word in own if word.when == latest]
        if any(not word.is_yes for word in last):
            rejecting.append(person)
        elif any(not word.is_own and not word.is_old for word in last):
            approving.append(person)
        elif any(not word.is_own for word in last):
            expired.append(person)
    if rejecting:
        return "rejected", ()
    if len(approving) >= policy.required:
        return "approved", tuple(sorted((p.login for p in approving), key=str.lower))
    return ("expired" if expired else "waiting"), ()
