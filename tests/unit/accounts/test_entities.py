"""Entities of every kind, their renames, and what no version knows yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.accounts.shapes import ENVIRONMENT, INSIGHTS, KINDS, PACKAGE, STACK, UNKNOWN

from upshot.pulumi.agents.entities import (
    Environment,
    InsightsAccount,
    RegistryPackage,
    Renamed,
    Stack,
    UnknownEntity,
    build_entity,
    build_rename,
    parse_entity,
    parse_owned,
    rename,
)

VALUES = {
    "stack": Stack("shop", "prod", "2026-11-21T10:00:00Z", 7),
    "environment": Environment("shop", "base"),
    "insights": InsightsAccount("aws-main"),
    "package": RegistryPackage("private", "acme", "vpc"),
}
PAIRS = list(zip(KINDS, VALUES.values(), strict=True))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(("raw", "value"), PAIRS, ids=VALUES)
def test_each_kind_is_read_and_written(raw: dict[str, Any], value: Any) -> None:
    assert parse_entity(raw) == value
    told_by_the_service = {"lastUpdate", "resourceCount"}
    assert build_entity(value) == {k: v for k, v in raw.items() if k not in told_by_the_service}


@pytest.mark.parametrize(
    ("raw", "key"),
    [(STACK, "shop/prod"), (ENVIRONMENT, "shop/base"), (INSIGHTS, "aws-main"),
     (PACKAGE, "private/acme/vpc"), (UNKNOWN, "")],
)  # fmt: skip
def test_the_key_that_claim_renames_uses(raw: dict[str, Any], key: str) -> None:
    assert parse_owned(raw).key == key


def test_a_stack_without_a_last_update() -> None:
    raw = {"kind": "TransferEntityStack", "projectName": "shop", "stackName": "dev"}
    assert parse_entity(raw) == Stack("shop", "dev", "", None)


@pytest.mark.parametrize(("raw", "value"), PAIRS, ids=VALUES)
def test_each_kind_has_a_rename(raw: dict[str, Any], value: Any) -> None:
    wire = build_rename(rename(value, "other"))
    told_by_the_service = {"lastUpdate", "resourceCount"}
    plain = {k: v for k, v in raw.items() if k not in told_by_the_service}
    name = {"kind": raw["kind"]} | {k: v for k, v in plain.items() if k != "kind"}
    name[list(plain)[-1]] = "other"
    assert wire == plain | {"kind": raw["kind"] + "Rename", "renameAs": name}
    found = parse_entity(wire)
    assert isinstance(found, Renamed)
    assert build_rename(found) == wire
    assert parse_owned(wire).name == value.name


@pytest.mark.parametrize(
    "raw",
    [
        UNKNOWN,
        {"kind": "TransferEntityDashboardRename", "slug": "a", "renameAs": {"slug": "b"}},
        {"kind": "TransferEntityStack", "projectName": "shop"},
        {"kind": "TransferEntityStack", "projectName": "shop", "stackName": 7},
        STACK | {"kind": "TransferEntityStackRename"},
        STACK | {"kind": "TransferEntityStackRename", "renameAs": {"stackName": "x"}},
        {"name": "without a kind"},
        {},
    ],
)
def test_what_is_not_known_is_kept_as_it_came(raw: dict[str, Any]) -> None:
    found = parse_entity(raw)
    assert found == UnknownEntity(raw.get("kind", ""), raw)
    assert isinstance(found, UnknownEntity)
    assert build_entity(found) == raw


@given(JSON)
def test_any_json_is_some_entity(raw: object) -> None:
    assert parse_owned(raw).noun


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(sorted(STACK)), JSON))
def test_a_broken_entity_is_kept_too(raw: dict[str, Any], changes: dict[str, Any]) -> None:
    changed = {**raw, **changes}
    found = parse_owned(changed)
    assert found.name or isinstance(found, UnknownEntity)
