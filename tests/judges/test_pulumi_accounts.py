"""Pulumi's generated client drives the sandbox's agent accounts, and reads all that it answers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from msgspec.structs import replace
from tests.judges.pulumi import Client
from tests.unit.accounts.shapes import ENVIRONMENT, INSIGHTS, PACKAGE, STACK

from upshot.pulumi.agents.entities import Renamed, build_rename, parse_owned, rename
from upshot.pulumi.agents.proof.challenge import read_challenge
from upshot.pulumi.agents.proof.solve import solve
from upshot.timing import Deadline, SystemClock
from upshot_sandbox.accounts.state import AccountsState
from upshot_sandbox.scenario import load_scenario
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

OWNS = {
    "stacks": ["shop/prod", "shop/dev"],
    "environments": ["shop/base"],
    "insights": ["aws-main"],
    "packages": ["private/acme/vpc"],
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    accounts: dict[str, Any] = {"agents": [{"owns": OWNS}], "insights_move": True}
    with Sandbox(replace(load_scenario("failed-update"), accounts=accounts)) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox)


def state_of(sandbox: Sandbox) -> AccountsState:
    state: AccountsState = sandbox.world.extensions["accounts"]
    return state


def test_it_signs_up(sandbox: Sandbox, client: Client) -> None:
    api = client.api("AI_AgentsApi")
    challenge = client.understood(api.signup_challenge)
    ours = read_challenge(challenge.challenge_id, challenge.challenge_data)
    result = solve(ours, deadline=Deadline.after(SystemClock(), 60))
    request = client.models.AgentSignupRequest(challenge.challenge_id, result)
    account = client.understood(api.signup, request)
    assert account.user_info.is_agent is True
    assert account.access_token in sandbox.world.cloud.tokens
    found = client.understood(api.signup_validate, account.claim_token)
    assert found.agent.login == account.user_info.github_login
    assert found.entities == []


def test_it_claims(sandbox: Sandbox, client: Client) -> None:
    api, models = client.api("AI_AgentsApi"), client.models
    token = state_of(sandbox).agents[0].claim_token
    blocked = client.understood(api.claim, "acme", models.AgentClaimRequest(token), dry_run=True)
    kinds = [type(entity).__name__ for entity in blocked.entities]
    assert kinds == [
        "TransferEntityStack", "TransferEntityStack", "TransferEntityEnvironment",
        "TransferEntityInsightsAccount", "TransferEntityRegistryPackage",
    ]  # fmt: skip
    assert [entity.stack_name for entity in blocked.conflicts] == ["prod"]
    new = models.TransferEntityStack(project_name="shop", stack_name="prod-2")
    other = models.TransferEntityStackRename(project_name="shop", stack_name="prod", rename_as=new)
    started = client.understood(
        api.claim, "acme", models.AgentClaimRequest(token, conflicts_resolution=[other])
    )
    for _ in range(2):
        listed = client.understood(api.claim_status, "acme")
    assert [claim.entities for claim in listed.claims.values()] == [[]]
    assert started.transfer_token in listed.claims
    stack = client.understood(client.api("StacksApi").get_stack, "acme", "shop", "prod-2")
    assert (stack.org_name, stack.stack_name) == ("acme", "prod-2")


def test_it_reads_why_something_cannot_move(sandbox: Sandbox, client: Client) -> None:
    state = state_of(sandbox)
    state.plan = replace(state.plan, insights_move=False)
    found = client.understood(
        client.api("AI_AgentsApi").signup_validate, state.agents[0].claim_token
    )
    assert [failure.entity.name for failure in found.failures] == ["aws-main"]


def without_nothing(wire: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in wire.items() if value}
    if "renameAs" in kept:
        kept["renameAs"] = without_nothing(kept["renameAs"])
    return kept


def renames() -> list[Renamed]:
    owned = [parse_owned(raw) for raw in (STACK, ENVIRONMENT, INSIGHTS, PACKAGE)]
    return [rename(one, "other") for one in owned if one.key]  # type: ignore[arg-type]


@pytest.mark.parametrize("renamed", renames(), ids=lambda one: str(one.entity.noun))
def test_it_writes_a_rename_as_we_do(client: Client, renamed: Renamed) -> None:
    """Theirs adds what a client cannot know of a stack, empty."""
    ours = build_rename(renamed)
    support = import_module("pulumi_cloud_sdk._support").PulumiModelEncoder()
    theirs = support.deserialize(ours, "TransferEntity")
    assert type(theirs).__name__ == ours["kind"]
    assert without_nothing(support.sanitize_for_serialization(theirs, unwrap_enums=True)) == ours


def test_the_judge_sees_what_is_wrong(client: Client) -> None:
    with pytest.raises(ValueError, match="must not be `None`"):
        client.decode({"agent": {"login": "a"}}, "AgentClaimResponse")
    with pytest.raises(ValueError, match="must not be `None`"):
        client.decode({"kind": "TransferEntityStack", "projectName": "a"}, "TransferEntity")
