"""Pulumi's generated client understands what a CLI is answered, and the updates that it has made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.judges.pulumi import Client, lost
from tests.plain_cli import PlainCli, said, state_with, summary

from upshot_sandbox.scenario import CloudPlan, Scenario
from upshot_sandbox.server import Sandbox

pytestmark = pytest.mark.judges

STACK = ("acme", "shop", "dev")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Scenario(title="a CLI's", name="cli", cloud=CloudPlan())) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return Client(sandbox)


@pytest.fixture
def cli(sandbox: Sandbox) -> Iterator[PlainCli]:
    header = {"Authorization": f"token {sandbox.world.cloud.workflow_token}"}
    with httpx.Client(base_url=sandbox.cloud_url, headers=header, trust_env=False) as client:
        yield PlainCli(client)


def test_each_answer_to_a_cli_is_as_described(client: Client, cli: PlainCli) -> None:
    def is_described(reply: httpx.Response, model: str) -> Any:
        raw = reply.raise_for_status().json()
        assert list(lost(raw, client.decode(raw, model))) == [], model
        return raw

    post = cli.client.post
    is_described(cli.make(), "AppCreateStackResponse")
    created = is_described(cli.create(), "AppUpdateProgramResponse")
    path = f"{cli.stack}/update/{created['updateID']}"
    is_described(post(path, json={"tags": {}}), "AppStartUpdateResponse")
    post(f"{path}/cancel").raise_for_status()
    is_described(cli.begin(), "AppBeginUpdateResponse")
    post(f"{cli.stack}/update/{cli.client.get(cli.stack).json()['activeUpdate']}/cancel")
    update = cli.started()
    renewed = cli.send(update, "POST", "renew_lease", {"token": "", "duration": 60})
    is_described(renewed, "AppRenewUpdateLeaseResponse")
    cli.complete(update)
    closed = is_described(
        post(f"{cli.stack}/encrypt", json={"plaintext": "YQ=="}), "AppEncryptValueResponse"
    )
    is_described(post(f"{cli.stack}/decrypt", json=closed), "AppDecryptValueResponse")
    many = is_described(
        post(f"{cli.stack}/batch-encrypt", json={"plaintexts": ["YQ=="]}), "AppBatchEncryptResponse"
    )
    is_described(post(f"{cli.stack}/batch-decrypt", json=many), "AppBatchDecryptResponse")
    is_described(post(f"{cli.stack}/import", json=state_with()), "AppImportStackResponse")
    moved = {"newName": "live", "newProject": "shop"}
    is_described(post(f"{cli.stack}/rename", json=moved), "AppImportStackResponse")


def test_the_updates_of_a_cli_are_read_as_any_other(client: Client, cli: PlainCli) -> None:
    api = client.api("StacksApi")
    cli.make()
    config = {"shop:size": {"string": "3", "secret": False, "object": False}}
    update = cli.started(message="Ship it", environment={"git.head": "abc"}, config=config)
    cli.tell(update, [said(0, "boom"), summary(1, create=2)])
    cli.save(update, state_with(url="a"))
    client.understood(api.get_stack, *STACK)
    cli.complete(update, "failed")
    preview = cli.started("preview", dry_run=True)
    cli.complete(preview)
    found = client.understood(api.get_stack_update, *STACK, 1)
    assert (found.update_id, found.info.message) == (update.id, "Ship it")
    client.understood(api.get_stack_updates, *STACK, output_type="service", page=1, page_size=5)
    client.understood(api.get_latest_stack_update, *STACK)
    client.understood(api.get_stack_update_summary, *STACK, 1)
    client.understood(api.get_update_timeline, *STACK, 1)
    client.understood(api.get_update_status_for_update, *STACK, update.id)
    client.understood(api.get_stack_preview, *STACK, preview.id)
    client.understood(api.get_stack_outputs, *STACK)
    client.understood(api.get_stack_policy_packs, *STACK)
    client.understood(api.get_stack_policy_groups, *STACK)
    client.understood(api.export_stack, *STACK)
    client.understood(client.api("UsersApi").list_user_stacks)


def test_a_record_that_lacks_what_is_demanded_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match=r"update_id|updateID"):
        client.decode({"version": 1, "token": "t"}, "AppBeginUpdateResponse")
