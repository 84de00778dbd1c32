"""Which entities the lines of `claim-renames` mean, and the names that are offered for conflicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.accounts.shapes import ENVIRONMENT, INSIGHTS, PACKAGE, STACK, UNKNOWN, stack
from tests.unit.accounts.test_claims import read

from upshot.errors import InputError
from upshot.inputs.renames import parse_renames, write_renames
from upshot.pulumi.agents.entities import build_rename
from upshot.pulumi.agents.renames import resolve_renames, suggest_renames


def test_every_kind_of_conflict_is_resolved_by_its_key() -> None:
    everything = [STACK, ENVIRONMENT, INSIGHTS, PACKAGE]
    found = read(entities=everything, conflicts=everything)
    renames = {
        "private/acme/vpc": "vpc-2",
        "aws-main": "aws-2",
        "shop/base": "base-2",
        "shop/prod": "prod-2",
    }
    wire = [build_rename(one) for one in resolve_renames(found, renames)]
    assert [(one["kind"], one["renameAs"]) for one in wire] == [
        ("TransferEntityRegistryPackageRename", PACKAGE | {"name": "vpc-2"}),
        ("TransferEntityInsightsAccountRename", INSIGHTS | {"name": "aws-2"}),
        ("TransferEntityEnvironmentRename", ENVIRONMENT | {"environmentName": "base-2"}),
        ("TransferEntityStackRename", stack("prod-2")),
    ]


def test_a_key_that_a_stack_and_an_environment_share_renames_both() -> None:
    both = [STACK, ENVIRONMENT | {"environmentName": "prod"}]
    found = read(entities=both, conflicts=both)
    renamed = resolve_renames(found, {"shop/prod": "prod-2"})
    assert [one.rename_as.noun for one in renamed] == ["stack", "environment"]
    assert suggest_renames(found, {}) == {"shop/prod": "prod-agent-3f9c1d"}


def test_only_conflicts_are_resolved() -> None:
    assert resolve_renames(read(), {"shop/prod": "prod-2"}) == ()


def test_a_key_that_the_claim_does_not_have_is_a_mistake() -> None:
    with pytest.raises(InputError, match="'shop/prdo', which the claim does not have") as caught:
        resolve_renames(read(conflicts=[STACK, UNKNOWN]), {"shop/prdo": "prod-2"})
    assert caught.value.allowed == "'shop/prod'"
    with pytest.raises(InputError, match="no entity of this claim collides"):
        resolve_renames(read(), {"shop/dev": "dev-2"})


def test_a_free_name_for_each_conflict() -> None:
    found = read(
        entities=[STACK, stack("dev"), INSIGHTS, PACKAGE],
        conflicts=[STACK, INSIGHTS, PACKAGE, UNKNOWN],
    )
    assert suggest_renames(found, {}) == {
        "shop/prod": "prod-agent-3f9c1d",
        "aws-main": "aws-main-agent-3f9c1d",
        "private/acme/vpc": "vpc-agent-3f9c1d",
    }


def test_a_name_that_the_claim_itself_has_is_not_free() -> None:
    taken = stack("prod-agent-3f9c1d")
    found = read(entities=[STACK, taken], conflicts=[STACK])
    assert suggest_renames(found, {}) == {"shop/prod": "prod-agent-3f9c1d-2"}
    elsewhere = read(
        entities=[STACK, stack("prod-agent-3f9c1d", project="other")], conflicts=[STACK]
    )
    assert suggest_renames(elsewhere, {}) == {"shop/prod": "prod-agent-3f9c1d"}


def test_a_rename_that_resolved_its_conflict_stays_and_one_that_did_not_is_replaced() -> None:
    found = read(entities=[STACK, stack("dev")], conflicts=[STACK])
    given_renames = {"shop/dev": "prod-agent-3f9c1d", "shop/prod": "prod-1"}
    assert suggest_renames(found, given_renames) == {
        "shop/dev": "prod-agent-3f9c1d",
        "shop/prod": "prod-agent-3f9c1d-2",
    }


def test_a_long_name_is_cut_and_stays_different() -> None:
    long = [stack("a" * 100), stack("a" * 99 + "b")]
    found = read(entities=long, conflicts=long)
    names = list(suggest_renames(found, {}).values())
    assert len(set(names)) == 2
    assert all(len(name) <= 100 for name in names)


NAME = st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True)


@given(st.lists(NAME, min_size=1, max_size=8, unique=True), st.data())
def test_what_is_offered_can_be_pasted_and_resolves_everything(
    names: list[str], data: st.DataObject
) -> None:
    entities = [stack(name) for name in names]
    conflicts = data.draw(st.lists(st.sampled_from(entities), unique_by=lambda e: e["stackName"]))
    found = read(entities=entities, conflicts=conflicts)
    pasted = parse_renames(write_renames(suggest_renames(found, {}).items()))
    resolved = resolve_renames(found, pasted)
    assert {one.entity.name for one in resolved} == {one["stackName"] for one in conflicts}
    after = {one.entity.name: one.rename_as.name for one in resolved}
    final = [after.get(name, name) for name in names]
    assert len(set(final)) == len(final)
    assert not {one["stackName"] for one in conflicts} & set(after.values())


def test_ten_thousand_conflicts_take_no_longer_than_their_number() -> None:
    many = [stack(f"s{n}") for n in range(10_000)]
    assert len(suggest_renames(read(entities=many, conflicts=many), {})) == 10_000
