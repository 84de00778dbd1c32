"""Pulumi Cloud's records and tokens as the sandbox plays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from upshot_sandbox.scenario import CloudPlan, StepPlan, UpdatePlan

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve

STACK = "/api/stacks/acme/shop/prod"
PREVIEW_ID = "7c3f0c0e-2d41-4f55-8a7b-61f6d0b3a9e2"
UPDATE_ID = "0f8f1b5e-6a2e-4c7e-9a3d-2f1c6f6f8a41"
EXCHANGE = {
    "audience": "urn:pulumi:org:acme",
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    "requested_token_type": "urn:pulumi:token-type:access_token:organization",
}


def test_knows_an_update_by_version_and_as_the_latest(serve: Serve) -> None:
    to = serve()
    for name in ("41", "latest", UPDATE_ID):
        found = to.cloud.get(f"{STACK}/updates/{name}").json()
        assert found["updateID"] == UPDATE_ID
        assert found["info"]["result"] == "failed"
        assert found["info"]["environment"]["ci.pr.number"] == "7"


def test_knows_a_preview_only_by_its_uuid(serve: Serve) -> None:
    to = serve()
    assert to.cloud.get(f"{STACK}/previews/{PREVIEW_ID}").json()["info"]["kind"] == "preview"
    assert to.cloud.get(f"{STACK}/previews/{UPDATE_ID}").status_code == 404


def test_lists_updates_and_previews_apart(serve: Serve) -> None:
    to = serve()
    history = to.cloud.get(f"{STACK}/updates", params={"output-type": "service"}).json()
    assert [u["updateID"] for u in history["updates"]] == [UPDATE_ID]
    listed = to.cloud.get(f"{STACK}/updates/latest/previews", params={"asc": "false"}).json()
    assert [u["updateID"] for u in listed["updates"]] == [PREVIEW_ID]


def test_the_order_of_previews_must_be_asked_for(serve: Serve) -> None:
    to = serve()
    to.cloud.get(f"{STACK}/updates/latest/previews")
    assert len(to.violations) == 1


def test_a_stack_or_update_that_is_not_there_is_not_found(serve: Serve) -> None:
    to = serve()
    for path in ("/api/stacks/acme/shop/dev/updates/41", f"{STACK}/updates/99"):
        assert to.cloud.get(path).json()["code"] == 404
    assert to.violations == []


def test_pages_are_numbers(serve: Serve) -> None:
    to = serve()
    for params in ({"page": "one"}, {"page": "-1"}, {"page": "1", "pageSize": ""}):
        assert to.cloud.get(f"{STACK}/updates", params=params).status_code == 400


def test_events_come_in_pages_until_the_token_is_null(serve: Serve) -> None:
    plan = UpdatePlan(
        id="u", steps=(StepPlan(op="same", type="a:b:C", name="n", count=20),), page_size=15
    )
    to = serve(cloud=CloudPlan(updates=(plan,)))
    seen: list[dict[str, Any]] = []
    token: str | None = ""
    pages = 0
    while token is not None:
        params = {"continuationToken": token} if token else {}
        page = to.cloud.get(f"{STACK}/update/u/events", params=params).json()
        seen += page["events"]
        token = page["continuationToken"]
        pages += 1
    assert (len(seen), pages) == (1 + 2 * 21 + 1, 3)
    assert seen[-1]["type"] == "summaryEvent"


def test_a_running_update_keeps_its_token(serve: Serve) -> None:
    plan = UpdatePlan(
        id="u", result="in-progress", steps=(StepPlan(op="create", type="a:b:C", name="n"),)
    )
    to = serve(cloud=CloudPlan(updates=(plan,)))
    first = to.cloud.get(f"{STACK}/update/u/events").json()
    assert all(event["type"] != "summaryEvent" for event in first["events"])
    token = first["continuationToken"]
    again = to.cloud.get(f"{STACK}/update/u/events", params={"continuationToken": token}).json()
    assert again == {"events": [], "continuationToken": token}


def test_prints_the_update_as_the_cli_would(serve: Serve) -> None:
    text = (
        serve()
        .cloud.get("/api/console/stacks/acme/shop/prod/updates/latest/summary")
        .json()["summary"]
    )
    assert "View Live: https://app.pulumi.com/acme/shop/prod/updates/41\n" in text
    assert "  aws:s3:Bucket (logs):\n    error:   sdk-v2" in text


def test_an_unknown_token_a_missing_one_and_another_scheme_are_unauthorized(serve: Serve) -> None:
    to = serve()
    for header in ("token pul-nope", "", f"Bearer {to.world.cloud.workflow_token}"):
        reply = to.cloud.get("/api/user", headers={"Authorization": header})
        assert (reply.status_code, reply.json()["code"]) == (401, 401)
    assert to.violations == ["GET /api/user: Authorization scheme 'Bearer', not 'token'"]


def test_an_expired_token_is_unauthorized(serve: Serve) -> None:
    assert serve(cloud=CloudPlan(token="expired")).cloud.get("/api/user").status_code == 401


def test_an_id_token_is_exchanged_for_an_access_token(serve: Serve) -> None:
    to = serve(cloud=CloudPlan(token="none", oidc=True))
    minted = to.github.get(
        "/_services/idtoken",
        params={"audience": EXCHANGE["audience"]},
        headers={"Authorization": "bearer sandbox-id-token-request"},
    ).json()["value"]
    body = {**EXCHANGE, "subject_token": minted, "expiration": 3600}
    reply = to.cloud.post("/api/oauth/token", json=body, headers={"Authorization": ""})
    token = reply.json()["access_token"]
    assert reply.json()["expires_in"] == 3600
    assert to.cloud.get("/api/user", headers={"Authorization": f"token {token}"}).is_success


def test_a_refused_exchange_says_why(serve: Serve) -> None:
    to = serve(cloud=CloudPlan(oidc_error="invalid_grant"))
    for change, error in (
        ({}, "invalid_grant"),
        ({"audience": "urn:pulumi:org:other"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "team:x"}, "invalid_scope"),
    ):
        body = {**EXCHANGE, "subject_token": "a.b.c", **change}
        assert to.cloud.post("/api/oauth/token", json=body).json()["error"] == error


def test_an_exchange_with_an_access_token_is_noted(serve: Serve) -> None:
    to = serve()
    to.cloud.post("/api/oauth/token", json={**EXCHANGE, "subject_token": "a.b.c"})
    assert to.violations == ["POST /api/oauth/token: an exchange carries no Authorization"]


def test_a_token_of_the_other_service_is_noted(serve: Serve) -> None:
    to = serve()
    stray = {"Authorization": f"token {to.world.cloud.workflow_token}"}
    to.github.get("/repos/acme/shop", headers=stray)
    assert "a token was sent to a host that it does not belong to" in to.violations[0]


def test_a_path_that_is_not_served_is_noted(serve: Serve) -> None:
    to = serve()
    assert to.cloud.get("/api/stacks/acme").status_code == 404
    assert to.cloud.post("/api/user").status_code == 405
    assert len(to.violations) == 2


def test_updates_of_other_runs_do_not_carry_this_runs_commit(serve: Serve) -> None:
    other = UpdatePlan(id="u", of_this_run=False)
    info = serve(cloud=CloudPlan(updates=(replace(other, version=3),))).cloud.get(
        f"{STACK}/updates/3"
    )
    assert "ci.pr.number" not in info.json()["info"]["environment"]
