"""Ends that an AI's service makes hard: the report is true, and a warning says who must act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import CopilotPlan, ReplyPlan

if TYPE_CHECKING:
    from tests.process.conftest import Start


def test_a_task_that_failed_leaves_the_offline_rules_and_a_warning(start: Start) -> None:
    result = start("neo-failed").run()
    [warning] = result.warnings
    assert "Pulumi Neo did not finish its task: The model is overloaded" in warning
    assert "No action needed" in warning
    outputs = result.outputs
    assert (outputs["backend-used"], outputs["task-status"]) == ("local", "failed")
    assert result.exit_code == 0
    assert start("neo-failed").run(inputs={"strict": "true"}).exit_code == 1


def test_half_a_character_does_not_lose_the_answer(start: Start) -> None:
    plan = CopilotPlan(replies=(ReplyPlan(text="The role \ud83d is missing."),))
    result = start("failed-update", copilot=plan).run()
    assert result.outputs["backend-used"] == "copilot"
    assert "is missing." in result.outputs["answer"]
    assert result.warnings == []


def test_a_run_of_dependabot_says_which_secret_to_set_where(start: Start) -> None:
    env = {"GITHUB_ACTOR": "dependabot[bot]"}
    inputs = {"pulumi-access-token": "", "backend": "copilot"}
    result = start("log-only").run(inputs=inputs, env=env)
    [warning] = result.warnings
    assert "Secrets and variables > Dependabot, add PULUMI_ACCESS_TOKEN" in warning


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_task_that_cannot_be_seen_has_no_false_status(start: Start, status: int) -> None:
    route = "GET /api/preview/agents/acme/tasks/*/events*"
    body = f'{{"code":{status},"message":"no"}}'
    fault = Fault(route=route, kind=FaultKind.STATUS, status=status, body=body)
    job = start("neo-answer", faults=(fault,))
    result = job.run()
    outputs = result.outputs
    assert (outputs["backend-used"], outputs["task-status"]) == ("local", "none")
    assert outputs["task-id"] == "task-0001"
    [warning] = result.warnings
    assert "Pulumi Neo did not answer" in warning
    assert result.exit_code == 0
    assert job.run(inputs={"strict": "true"}).exit_code == 1
