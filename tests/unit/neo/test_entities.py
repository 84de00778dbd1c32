"""Entities: what is attached to a task, and addresses that are built from checked parts."""

from __future__ import annotations

from typing import Any

import pytest

from upshot.model import StackRef
from upshot.pulumi.neo.entities import (
    build_documented_entity,
    build_stack_entity,
    parse_entity,
)

STACK = StackRef("acme", "shop", "prod")


def pull(number: Any = 9, key: str = "repo", **repo: Any) -> dict[str, Any]:
    return {
        "type": "pull_request",
        "number": number,
        "merged": False,
        key: {"type": "repository", "name": "shop", "org": "acme", **repo},
    }


def test_a_stack_on_each_wire() -> None:
    assert build_stack_entity(STACK) == {"type": "stack", "name": "prod", "project": "shop"}
    assert build_documented_entity(STACK) == {"type": "stack", "id": "prod"}


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        (pull(), "https://github.com/acme/shop/pull/9"),
        (pull(key="repository"), "https://github.com/acme/shop/pull/9"),
        (
            pull(forge="github", host="git.acme.example"),
            "https://git.acme.example/acme/shop/pull/9",
        ),
        (pull(forge="gitlab", org="a/b"), "https://gitlab.com/a/b/shop/-/merge_requests/9"),
        (pull(forge="bitbucket"), ""),
        (pull(number="9"), ""),
        (pull(number=True), ""),
        (pull(number=0), ""),
        (pull(name="../../evil"), ""),
        (pull(name="a b"), ""),
        (pull(org="acme)[x](https://evil"), ""),
        (pull(host="evil.example/?"), ""),
        (pull(host="user@evil.example"), ""),
        ({"type": "pull_request", "number": 9}, ""),
        ({"type": "pull_request", "number": 9, "repo": "acme/shop"}, ""),
    ],
)
def test_t15_a_pull_requests_address_is_built_from_checked_parts(
    raw: dict[str, Any], url: str
) -> None:
    assert parse_entity(raw).url == url


def test_both_wires_spellings_are_read() -> None:
    assert parse_entity({"type": "stack", "name": "prod", "project": "shop"}).project == "shop"
    assert parse_entity({"type": "stack", "id": "prod"}).name == "prod"
    assert parse_entity({}).type == ""
