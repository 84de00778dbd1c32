"""What `pulumi stack` asks the sandbox's Pulumi Cloud for: record, tags and state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upshot_sandbox.scenario import CloudPlan, StepPlan, UpdatePlan

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Serve

STACK = "/api/stacks/acme/shop/prod"
UPDATE_ID = "0f8f1b5e-6a2e-4c7e-9a3d-2f1c6f6f8a41"
DONE = UpdatePlan(
    id=UPDATE_ID,
    version=7,
    result="succeeded",
    steps=(
        StepPlan(
            op="same", type="pulumi:pulumi:Stack", name="shop-prod", inputs={"url": "https://a.b"}
        ),
        StepPlan(op="create", type="aws:s3/bucket:Bucket", name="logs", protect=True),
        StepPlan(op="delete", type="aws:s3/bucket:Bucket", name="old"),
        StepPlan(op="create", type="aws:s3/bucket:Bucket", name="bad", fails="taken"),
        StepPlan(op="update", type="gcp:storage/bucket:Bucket", name="kept", fails="denied"),
    ),
)


def test_a_record_names_the_newest_update(serve: Serve) -> None:
    record = serve(cloud=CloudPlan(updates=(DONE,))).cloud.get(STACK).json()
    assert (record["orgName"], record["projectName"], record["stackName"]) == (
        "acme",
        "shop",
        "prod",
    )
    assert (record["activeUpdate"], record["version"]) == (UPDATE_ID, 7)
    assert record["tags"]["pulumi:project"] == "shop"


def test_tags_are_replaced_by_what_is_sent(serve: Serve) -> None:
    to = serve()
    assert to.cloud.patch(f"{STACK}/tags", json={"team": "shop"}).status_code == 204
    assert to.cloud.get(STACK).json()["tags"] == {"team": "shop"}
    assert to.cloud.patch(f"{STACK}/tags", json=["team"]).status_code == 400
    assert to.cloud.get(STACK).json()["tags"] == {"team": "shop"}


def test_the_state_holds_what_is_left_after_the_update(serve: Serve) -> None:
    to = serve(cloud=CloudPlan(updates=(DONE,)))
    exported = to.cloud.get(f"{STACK}/export").json()
    assert exported["version"] == 3
    resources = exported["deployment"]["resources"]
    assert [one["urn"].rpartition("::")[2] for one in resources] == [
        "shop-prod",
        "default_7_9_0",
        "default_7_9_0",
        "logs",
        "kept",
    ]
    stack, aws, gcp, logs, kept = resources
    assert stack["outputs"] == {"url": "https://a.b"}
    assert logs["provider"] == f"{aws['urn']}::{aws['id']}"
    assert kept["provider"] == f"{gcp['urn']}::{gcp['id']}"
    assert (logs["parent"], logs["protect"]) == (stack["urn"], True)


def test_the_state_of_a_version_and_of_a_stack_without_updates(serve: Serve) -> None:
    to = serve(cloud=CloudPlan(updates=(DONE,)))
    assert to.cloud.get(f"{STACK}/export/7").json() == to.cloud.get(f"{STACK}/export").json()
    assert to.cloud.get(f"{STACK}/export/8").status_code == 404
    empty = serve(cloud=CloudPlan()).cloud.get(f"{STACK}/export").json()
    assert "resources" not in empty["deployment"]


def test_a_stack_that_is_not_there_has_no_record_tags_or_state(serve: Serve) -> None:
    to, other = serve(), "/api/stacks/acme/shop/other"
    answers = [
        to.cloud.get(other),
        to.cloud.get(f"{other}/export"),
        to.cloud.patch(f"{other}/tags", json={}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_stack_of_a_fleet_has_its_own_tags(serve: Serve) -> None:
    to = serve(fleet={"stacks": 8, "tags": {"tier=gold": 2}})
    records = [
        to.cloud.get(f"/api/stacks/acme/app-0001/{name}").json() for name in ("dev", "stage")
    ]
    assert [record["tags"].get("tier") for record in records] == [None, "gold"]
