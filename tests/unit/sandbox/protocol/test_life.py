"""An update from its creation to its end, as `pulumi up` asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.plain_cli import PlainCli, Update, said, state_with, summary

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve
    from tests.unit.sandbox.protocol.conftest import Desk

Sit = Callable[..., "Desk"]


def test_an_update_is_numbered_recorded_and_read_by_everybody(desk: Sit) -> None:
    at = desk()
    update = at.cli.started(message="Ship it", environment={"git.head": "abc"})
    assert update.version == 1
    assert at.read("/updates/1")["info"]["result"] == "in-progress"
    at.cli.tell(update, [summary(0, create=2)])
    assert at.cli.complete(update).status_code == 204
    found = at.read("/updates/latest")
    assert (found["updateID"], found["version"], found["latestVersion"]) == (update.id, 1, 1)
    info = found["info"]
    assert (info["kind"], info["result"], info["message"]) == ("update", "succeeded", "Ship it")
    assert (info["resourceChanges"], info["environment"]) == ({"create": 2}, {"git.head": "abc"})
    assert at.read("/updates", pageSize="10", page="1")["updates"] == [info]
    assert at.violations == []


@pytest.mark.parametrize("kind", ["update", "refresh", "destroy"])
def test_it_is_created_and_started_in_two_requests_as_well(desk: Sit, kind: str) -> None:
    at = desk(protocol={"capabilities": []})
    created = at.cli.create(kind).json()
    assert created["requiredPolicies"] == []
    path = f"{at.cli.stack}/update/{created['updateID']}"
    tags = {"pulumi:project": "shop", "team": "web"}
    started = at.clients.cloud.post(path, json={"tags": tags, "journalVersion": 2}).json()
    assert (started["version"], started["journalVersion"]) == (1, 0)
    assert at.read("")["tags"] == tags
    update = Update(path, created["updateID"], started["token"], 1, {})
    assert at.cli.complete(update, "failed").status_code == 204
    assert (
        at.read("/updates/1")["info"] | {"kind": kind, "result": "failed"}
        == at.read("/updates/1")["info"]
    )
    assert at.clients.cloud.post(path, json={}).status_code == 409


def test_what_was_created_and_never_started_is_no_update(desk: Sit) -> None:
    at = desk()
    at.cli.create()
    assert at.read("/updates") == {"updates": []}


def test_a_dry_run_is_a_preview_and_has_no_number(desk: Sit) -> None:
    at = desk()
    at.cli.complete(at.cli.started())
    for update in (at.cli.started(dry_run=True), at.cli.started("preview", dry_run=True)):
        assert update.version == 1
        at.cli.complete(update)
        assert at.read(f"/previews/{update.id}")["info"]["kind"] == "preview"
    listed = at.read("/updates/latest/previews", asc="false")["updates"]
    assert listed[0]["updateID"] == update.id
    assert len(at.read("/updates")["updates"]) == 1


def test_a_stack_is_locked_while_an_update_runs(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    again = at.cli.begin()
    assert (again.status_code, again.json()["message"]) == (
        409,
        "Conflict: Another update is currently in progress.",
    )
    created = at.cli.create().json()["updateID"]
    start = at.clients.cloud.post(f"{at.cli.stack}/update/{created}", json={})
    assert start.status_code == 409
    assert at.read("")["currentOperation"]["kind"] == "update"
    assert at.cli.begin(dry_run=True).status_code == 200, "a preview may run beside it"
    at.cli.complete(update)
    assert "currentOperation" not in at.read("")
    assert at.cli.started().version == 2


def test_a_cancelled_update_can_save_and_say_nothing_more(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    assert at.clients.cloud.post(f"{update.path}/cancel").status_code == 204
    assert at.read(f"/update/{update.id}")["status"] == "cancelled"
    assert at.read("/updates/1")["info"]["result"] == "failed"
    assert at.cli.save(update, state_with()).status_code == 403
    assert at.cli.send(update, "POST", "events/batch", {"events": []}).status_code == 403
    late = at.clients.cloud.post(f"{update.path}/cancel")
    assert late.json()["message"] == "Conflict: The Update has already completed"
    assert at.cli.started().version == 2


def test_a_lease_is_renewed_and_both_tokens_hold_until_their_end(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    state = at.world.extensions["protocol"]
    state.let_pass(200)
    renewed = at.cli.send(update, "POST", "renew_lease", {"token": "", "duration": 300}).json()
    assert at.cli.save(update, state_with()).status_code == 204
    state.let_pass(150)
    assert at.cli.save(update, state_with(), 2).status_code == 403
    token = renewed["token"]
    assert at.cli.send(update, "POST", "complete", {"status": "succeeded"}, token=token).is_success


def test_an_update_whose_cli_was_killed_fails_with_its_lease(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.save(update, state_with(url="half"))
    at.world.extensions["protocol"].let_pass(301)
    assert at.read("/updates/1")["info"]["result"] == "failed"
    assert at.cli.complete(update).status_code == 403
    after = at.cli.started()
    assert after.before["deployment"]["resources"][0]["outputs"] == {"url": "half"}


def test_an_end_whose_answer_got_lost_may_be_told_again_and_no_other(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    assert at.cli.complete(update, "failed").status_code == 204
    assert at.cli.complete(update, "failed").status_code == 204
    assert at.cli.complete(update, "succeeded").status_code == 409


def test_an_update_that_is_over_takes_nothing(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    at.cli.complete(update)
    for method, tail, body in (
        ("PATCH", "checkpointverbatim", {}),
        ("PATCH", "checkpoint", {}),
        ("PATCH", "checkpointdelta", {}),
        ("POST", "events/batch", {"events": [said(0, "late")]}),
        ("POST", "renew_lease", {"duration": 60}),
    ):
        reply = at.cli.send(update, method, tail, body)
        assert (reply.status_code, reply.json()["code"]) == (409, 409)
    assert at.violations == []


def test_only_the_token_of_the_update_itself_counts(desk: Sit, serve: Serve) -> None:
    at = desk()
    update = at.cli.started()
    other = PlainCli(at.clients.cloud, "other")
    other.make()
    strange = other.started().token
    assert at.cli.send(update, "POST", "complete", {}, token=strange).status_code == 403
    assert at.cli.send(update, "POST", "complete", {}, token="lease-nobody").status_code == 403
    for header in ({}, {"Authorization": ""}):
        reply = at.clients.cloud.patch(f"{update.path}/checkpoint", json={}, headers=header)
        assert reply.status_code == 401
    gone = Update(f"{at.cli.stack}/update/none", "none", update.token, 1, {})
    assert at.cli.complete(gone).status_code == 404


def test_an_access_token_must_be_known_and_the_stack_there(desk: Sit) -> None:
    at = desk()
    client = at.clients.cloud
    for stack in ("/api/stacks/acme/shop/none", "/api/stacks/other/shop/dev"):
        for path in ("begin-update", "update", "preview", "update/u", "update/u/cancel", "import"):
            assert client.post(f"{stack}/{path}", json={}).status_code == 404
    for path in ("begin-update", "update", "update/u/cancel", "encrypt", "batch-decrypt"):
        header = {"Authorization": "token pul-nope"}
        assert client.post(f"{at.cli.stack}/{path}", json={}, headers=header).status_code == 401


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("begin-update", {"updateKind": "rename", "program": {"name": "a", "runtime": "b"}}),
        ("begin-update", {"program": {}}),
        ("update", {"name": 7}),
        ("update", []),
    ],
)
def test_a_request_of_another_shape_is_refused_and_noted(
    desk: Sit, tail: str, body: object
) -> None:
    at = desk()
    reply = at.clients.cloud.post(f"{at.cli.stack}/{tail}", json=body)
    assert (reply.status_code, len(at.violations)) == (400, 1)
    assert at.read("/updates") == {"updates": []}


def test_durations_and_ends_have_their_limits(desk: Sit) -> None:
    at = desk()
    update = at.cli.started()
    for seconds in (0, -1, 301):
        body = {"duration": seconds}
        assert at.cli.send(update, "POST", "renew_lease", body).status_code == 400
    assert at.cli.complete(update, "exploded").status_code == 400
    assert at.read(f"/update/{update.id}")["status"] == "running"


def test_the_scenarios_own_stack_is_updated_as_well(serve: Serve) -> None:
    to = serve()
    cli = PlainCli(to.cloud, "prod")
    update = cli.started()
    assert update.version == 42
    assert [one["type"] for one in update.before["deployment"]["resources"]] == [
        "pulumi:pulumi:Stack",
        "pulumi:providers:aws",
        "aws:ec2/vpc:Vpc",
    ]
    cli.complete(update)
    history = to.cloud.get(f"{cli.stack}/updates").json()["updates"]
    assert [one["version"] for one in history] == [42, 41]
