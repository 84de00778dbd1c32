"""GitHub's objects become facts as they were sent, or a fault: never a fact that was not sent."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.errors import GitHubError
from upshot.gate.facts import Account
from upshot.publish.github.approvals.shapes import (
    parse_comment,
    parse_commit,
    parse_environment_approval,
    parse_pull,
    parse_review,
)

BOB = {"login": "bob", "id": 2, "type": "User"}
TIME = "2026-11-21T10:00:00Z"
AT = 1_795_255_200.0
SHA = "a1" * 20
COMMENT = {
    "id": 5, "node_id": "IC_5", "user": BOB, "body": "Hi", "created_at": TIME, "updated_at": TIME,
    "performed_via_github_app": None,
}  # fmt: skip
REVIEW = {
    "id": 6, "user": BOB, "body": "", "state": "APPROVED", "submitted_at": TIME, "commit_id": SHA,
}  # fmt: skip
PULL: dict[str, Any] = {
    "number": 7, "state": "open", "locked": False, "user": BOB, "created_at": TIME,
    "merged": False, "merge_commit_sha": SHA, "merged_by": None,
    "head": {"sha": SHA}, "base": {"ref": "main", "repo": {"id": 77}},
}  # fmt: skip
MESSAGE = "Run it\n\nCo-authored-by: Coco <coco@example.com>\nco-AUTHORED-by: D <d@example.com>\n"
COMMIT: dict[str, Any] = {
    "sha": SHA, "author": BOB, "committer": None,
    "commit": {"message": MESSAGE, "tree": {"sha": "7e" * 20}},
}  # fmt: skip
ENVIRONMENT = {"state": "approved", "user": BOB, "environments": [{"name": "prod"}], "comment": ""}
SHAPES: list[tuple[Callable[[Any], Any], dict[str, Any], list[tuple[str, ...]]]] = [
    (parse_comment, COMMENT, [("id",), ("user", "id"), ("user", "type"), ("created_at",), ("updated_at",)]),
    (parse_review, REVIEW, [("id",), ("user", "login"), ("state",)]),
    (parse_pull, PULL, [("number",), ("state",), ("locked",), ("head", "sha"), ("base", "repo", "id"), ("created_at",)]),
    (parse_commit, COMMIT, [("sha",), ("commit", "tree", "sha"), ("commit", "message")]),
    (parse_environment_approval, ENVIRONMENT, [("state",), ("environments",)]),
]  # fmt: skip
WRONG: tuple[Any, ...] = (None, [], {}, "", -1.5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def test_each_is_read_as_it_was_sent() -> None:
    comment = parse_comment(COMMENT)
    assert (comment.id, comment.author, comment.app) == (5, Account(2, "bob", "User"), "")
    assert comment.created_at == comment.updated_at == AT
    assert parse_review(REVIEW).commit == SHA
    pull = parse_pull(PULL)
    assert (pull.repository, pull.head_sha, pull.merge_sha) == (77, SHA, "")
    commit = parse_commit(COMMIT)
    assert commit.authors == (Account(2, "bob", "User"),)
    assert [line.email for line in commit.co_authors] == ["coco@example.com", "d@example.com"]
    assert parse_environment_approval(ENVIRONMENT).environments == ("prod",)


def test_a_deleted_account_is_nobody_and_an_app_is_named() -> None:
    assert parse_comment(COMMENT | {"user": None}).author is None
    assert parse_comment(COMMENT | {"performed_via_github_app": {"slug": "x"}}).app == "x"
    assert parse_comment(COMMENT | {"performed_via_github_app": {}}).app == "app"


@pytest.mark.parametrize(
    ("parse", "good", "paths"), SHAPES, ids=lambda v: getattr(v, "__name__", "")
)
def test_t57_what_is_missing_or_of_another_type_is_a_fault(
    parse: Callable[[Any], Any], good: dict[str, Any], paths: list[tuple[str, ...]]
) -> None:
    for path in paths:
        for wrong in WRONG:
            bad = deepcopy(good)
            at = bad
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = wrong
            if (path, wrong) in [(("environments",), []), (("commit", "message"), "")]:
                continue
            with pytest.raises(GitHubError):
                parse(bad)


@given(JSON)
def test_t57_nothing_else_is_ever_raised(found: Any) -> None:
    for parse, _, _ in SHAPES:
        with pytest.raises(GitHubError):
            parse(found)
