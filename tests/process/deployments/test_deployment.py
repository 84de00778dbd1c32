"""`deployment-url`, and the events that bring it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import (
    DeploymentPlan,
    DeploymentStepPlan,
    EventPlan,
    load_scenario,
)

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

URL = "https://app.pulumi.com/acme/shop/prod/deployments/7"
RECORD = "GET /api/stacks/acme/shop/prod/deployments/version/7"


def deployed(start: Start, status: str, step: DeploymentStepPlan, **event: Any) -> Job:
    """A deployment of the failed update's stack, which ran that update."""
    scenario = load_scenario("failed-update")
    plan = DeploymentPlan(
        version=7, status=status, steps=(step,), updates=(scenario.cloud.updates[0].id,)
    )
    cloud = replace(scenario.cloud, deployments=(plan,))
    return start(replace(scenario, cloud=cloud, inputs={}, files={}, event=EventPlan(**event)))


def dispatched(start: Start, payload: dict[str, Any]) -> Job:
    return start("deployment-failed", event=EventPlan(name="repository_dispatch", payload=payload))


def test_a_deployments_update_is_the_subject(start: Start) -> None:
    step = DeploymentStepPlan("Pulumi operation", "failed", "@console")
    result = deployed(start, "failed", step).run(inputs={"deployment-url": URL})
    assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
    assert result.outputs["update-url"].endswith("/acme/shop/prod/updates/41")
    assert result.outputs["failed-count"] == "4"
    assert "iam:CreateRole" in result.comments[0]


def test_one_that_failed_before_pulumi_ran_is_diagnosed_by_its_step(start: Start) -> None:
    result = start("deployment-failed").run()
    assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
    assert "No matching version found for left-pad@9.9.9" in result.summary
    assert "failed in its step" in result.summary
    assert "Cloning into" not in result.summary, "another step's lines are no cause"


def test_a_failed_deployment_is_no_success_whatever_its_update_says(start: Start) -> None:
    scenario = load_scenario("no-changes")
    step = DeploymentStepPlan("Pulumi operation", "failed", "error: lost the connection")
    plan = DeploymentPlan(7, "failed", steps=(step,), updates=(scenario.cloud.updates[0].id,))
    cloud = replace(scenario.cloud, deployments=(plan,))
    job = start(replace(scenario, cloud=cloud, inputs={}, files={}))
    assert job.run(inputs={"deployment-url": URL}).outputs["verdict"] == "failed"


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_what_cannot_be_read_is_a_warning(start: Start, status: int) -> None:
    fault = Fault(RECORD, FaultKind.STATUS, status=status)
    result = start("deployment-failed", faults=(fault,)).run()
    assert (result.exit_code, result.outputs["reason-code"]) == (0, "no-subject")
    assert "The deployment could not be read" in result.log


def test_without_a_token_nothing_is_asked(start: Start) -> None:
    job = start("deployment-failed")
    result = job.run(inputs={"pulumi-access-token": ""})
    assert (result.exit_code, result.to("cloud")) == (0, [])


@pytest.mark.parametrize(
    "url",
    [
        "https://app.pulumi.com/acme/shop/prod/updates/7",
        "https://evil.example/acme/shop/prod/deployments/7",
        "https://app.pulumi.com/acme/shop/prod/deployments/0",
        "https://app.pulumi.com/acme/shop/../deployments/7",
        "https://app.pulumi.com@evil.example/acme/shop/prod/deployments/7",
        "nothing",
    ],
)
def test_t72_an_address_of_another_shape_or_host_is_refused(start: Start, url: str) -> None:
    job = dispatched(start, {"deployment-url": url})
    result = job.run()
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "bad-input")
    assert "input 'deployment-url'" in result.log
    assert result.to("cloud") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("update-url", "https://evil.example/a/b/c/updates/1"),
        ("stack-name", "a b"),
        ("pr-number", -1),
        ("pr-number", "seven"),
        ("prompt", {"text": "Why?"}),
        ("prompt", ["Why?"]),
        ("prompt", True),
        ("prompt", "w" * 200_000),
        ("stack-name", "a\0b"),
    ],
)
def test_t72_each_field_is_checked_as_the_input_of_its_name(
    start: Start, field: str, value: object
) -> None:
    result = dispatched(start, {field: value}).run()
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "bad-input")
    assert f"input '{field}'" in result.log


def test_t72_no_other_field_is_an_input(start: Start) -> None:
    payload = {
        "deployment-url": URL,
        "mode": "task",
        "pulumi-access-token": "pul-x",
        "cloud-url": "x",
    }
    result = dispatched(start, payload).run()
    assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
    assert "client_payload has 'mode', 'pulumi-access-token', 'cloud-url'" in result.log


def test_what_the_workflow_gives_stands(start: Start) -> None:
    job = dispatched(start, {"deployment-url": "https://evil.example/"})
    assert job.run(inputs={"deployment-url": URL}).outputs["verdict"] == "failed"
