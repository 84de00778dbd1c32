"""What a CLI does to a stack besides updating it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.plain_cli import PlainCli, state_with

from upshot_sandbox.scenario import CloudPlan

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve
    from tests.unit.sandbox.protocol.conftest import Desk

Sit = Callable[..., "Desk"]


def names(at: Desk, **params: str) -> list[str]:
    listed = at.clients.cloud.get("/api/user/stacks", params=params).json()["stacks"]
    return [one["stackName"] for one in listed]


def test_a_new_stack_has_a_record_an_empty_state_and_a_place_in_the_list(desk: Sit) -> None:
    at = desk()
    record = at.read("")
    assert (record["version"], record["activeUpdate"]) == (0, "")
    assert record["tags"] == {"pulumi:project": "shop"}
    assert "resources" not in at.read("/export")["deployment"]
    assert at.read("/outputs") == {}
    assert names(at) == ["prod", "dev"]
    assert names(at, project="other") == []
    assert names(at, tagName="pulumi:project", tagValue="shop") == ["prod", "dev"]


def test_the_list_counts_the_resources_of_the_newest_update(desk: Sit) -> None:
    at = desk()
    listed = at.clients.cloud.get("/api/user/stacks").json()["stacks"]
    assert (listed[1]["resourceCount"], "lastUpdate" in listed[1]) == (0, False)
    update = at.cli.started()
    at.cli.save(update, state_with())
    at.cli.complete(update)
    listed = at.clients.cloud.get("/api/user/stacks").json()["stacks"]
    assert (listed[1]["resourceCount"], "lastUpdate" in listed[1]) == (1, True)


def test_a_name_is_taken_once(desk: Sit) -> None:
    at = desk()
    for cli in (at.cli, PlainCli(at.clients.cloud, "prod")):
        assert "already exists" in cli.make().json()["message"]


def test_a_stack_may_begin_with_a_state(desk: Sit) -> None:
    at = desk()
    cli = PlainCli(at.clients.cloud, "copy")
    cli.make(state=state_with(url="a"))
    assert at.clients.cloud.get(f"{cli.stack}/export").json() == state_with(url="a")
    assert cli.started().before == state_with(url="a")


@pytest.mark.parametrize("name", ["", "a/b", "../prod", "a b", "x" * 101, "\n"])
def test_a_name_is_one_that_a_path_can_hold(desk: Sit, name: str) -> None:
    at = desk()
    post = at.clients.cloud.post
    assert post("/api/stacks/acme/shop", json={"stackName": name}).status_code == 400
    if name:
        body = {"newName": name, "newProject": ""}
        assert post(f"{at.cli.stack}/rename", json=body).status_code == 400
    assert names(at) == ["prod", "dev"]


@pytest.mark.parametrize("state", [{"version": 3}, {"deployment": {"resources": 7}}])
def test_a_stack_does_not_begin_with_what_is_no_state(desk: Sit, state: object) -> None:
    at = desk()
    assert PlainCli(at.clients.cloud, "copy").make(state=state).status_code == 400
    assert names(at) == ["prod", "dev"]


def test_a_project_is_there_with_its_first_stack(desk: Sit) -> None:
    at = desk()
    head = at.clients.cloud.head
    assert head("/api/stacks/acme/shop").status_code == 200
    assert head("/api/stacks/acme/other").status_code == 404
    at.clients.cloud.post("/api/stacks/acme/other", json={"stackName": "dev"})
    assert head("/api/stacks/acme/other").status_code == 200


def test_a_stack_with_resources_is_removed_only_by_force(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.save(update, state_with())
    delete = at.clients.cloud.delete
    assert delete(at.cli.stack, params={"force": "true"}).status_code == 409, "it is updated now"
    at.cli.complete(update)
    refused = delete(at.cli.stack, params={"force": "false"})
    assert refused.json()["message"] == "Bad Request: Stack still contains resources."
    assert delete(at.cli.stack, params={"force": "true"}).status_code == 204
    assert at.clients.cloud.get(at.cli.stack).status_code == 404
    assert names(at) == ["prod"]
    assert at.cli.make().status_code == 200, "its name is free again"


def test_the_scenarios_own_stack_can_be_removed_and_made_anew(serve: Serve) -> None:
    to = serve(cloud=CloudPlan())
    cli = PlainCli(to.cloud, "prod")
    assert to.cloud.delete(cli.stack).status_code == 204
    assert to.cloud.get(f"{cli.stack}/export").status_code == 404
    assert to.cloud.get("/api/user/stacks").json()["stacks"] == []
    assert cli.make().status_code == 200
    (listed,) = to.cloud.get("/api/user/stacks").json()["stacks"]
    assert (listed["resourceCount"], "lastUpdate" in listed) == (0, False)
    update = cli.started()
    assert update.version == 1
    cli.complete(update)
    assert to.cloud.delete(cli.stack).status_code == 204
    assert to.cloud.get(cli.stack).status_code == 404


def test_another_name_keeps_everything_else(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.save(update, state_with(url="a"))
    at.cli.complete(update)
    post = at.clients.cloud.post
    taken = post(f"{at.cli.stack}/rename", json={"newName": "prod", "newProject": "shop"})
    assert taken.status_code == 409
    body = {"newName": "live", "newProject": "web"}
    renamed = post(f"{at.cli.stack}/rename", json=body).json()["updateId"]
    assert at.clients.cloud.get(at.cli.stack).status_code == 404
    moved = at.clients.cloud.get("/api/stacks/acme/web/live").json()
    assert (moved["version"], moved["activeUpdate"]) == (2, renamed)
    history = at.clients.cloud.get("/api/stacks/acme/web/live/updates").json()["updates"]
    assert [one["kind"] for one in history] == ["rename", "update"]
    outputs = at.clients.cloud.get("/api/stacks/acme/web/live/outputs").json()
    assert outputs == {"outputs": {"url": "a"}}


def test_an_imported_state_is_an_update_that_is_over(desk: Sit) -> None:
    at = desk()
    reply = at.clients.cloud.post(f"{at.cli.stack}/import", json=state_with(url="a")).json()
    status = at.read(f"/update/{reply['updateId']}")
    assert status == {"status": "succeeded", "events": [], "continuationToken": None}
    assert at.read("/updates/1")["info"]["kind"] == "import"
    assert at.read("/export") == state_with(url="a")
    bad = at.clients.cloud.post(f"{at.cli.stack}/import", json={"version": 3})
    assert bad.status_code == 400


def test_no_policy_is_required(desk: Sit) -> None:
    at = desk()
    assert at.read("/policypacks") == {"requiredPolicies": []}
    assert at.read("/policygroups") == {"policyGroups": []}


def test_outputs_come_with_the_provider_of_their_secrets(desk: Sit) -> None:
    at = desk()
    state, provider = state_with(url="a"), {"type": "service", "state": {}}
    state["deployment"]["secrets_providers"] = provider
    at.clients.cloud.post(f"{at.cli.stack}/import", json=state)
    assert at.read("/outputs") == {"outputs": {"url": "a"}, "secretsProviders": provider}
