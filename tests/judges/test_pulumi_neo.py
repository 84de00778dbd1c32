"""Pulumi's own generated client, as a judge of the sandbox: it takes every reply of its Neo.

`pulumi-cloud-sdk` is generated from the service's own description and used nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from upshot_sandbox.scenario import parse_scenario
from upshot_sandbox.server import Sandbox

SCRIPT = """
title = "Every kind of event"

[neo]
steps = [
  { do = "name", text = "Look" },
  { do = "todos", todos = [["Look", "completed"]] },
  { do = "tool", tool = "pulumi__pulumi_preview" },
  { do = "warn", text = "hm" },
  { do = "compress" },
  { do = "token" },
  { do = "pull-request", number = 9 },
  { do = "ask", text = "May I?", sensitivity = "sensitive", diff = { "index.ts" = "-a" } },
  { do = "final", text = "Done." },
]
"""
pytestmark = pytest.mark.judges

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(parse_scenario(SCRIPT, "judge")) as running:
        yield running


@pytest.fixture(scope="module")
def models() -> Any:
    """Its 951 models take seconds to import: only when these tests run."""
    return import_module("pulumi_cloud_sdk.models")


def connect(sandbox: Sandbox, api: str) -> Any:
    settings = import_module("pulumi_cloud_sdk.configuration").Configuration()
    settings.host = sandbox.cloud_url
    settings.access_token = sandbox.world.cloud.workflow_token
    client = import_module("pulumi_cloud_sdk.api_client").ApiClient(settings)
    return getattr(import_module("pulumi_cloud_sdk.apis"), api)(client)


def kinds(page: Any) -> list[str]:
    return [type(event.event_body).__name__ for event in page.events]


def test_it_drives_a_task_from_create_to_cancel(sandbox: Sandbox, models: Any) -> None:
    api = connect(sandbox, "AI_AgentsApi")
    stack = models.AgentEntityStack(name="prod", project="shop")
    message = models.AgentUserEventMessage(
        NOW, "Why?", entity_diff=models.AgentEntityDiff(add=[stack], remove=[])
    )
    task_id = api.create_tasks("acme", models.CreateAgentTaskRequest(message)).task_id

    task = api.get_task("acme", task_id)
    assert task.status == "idle"
    assert [type(entity).__name__ for entity in task.entities] == [
        "AgentEntityStack",
        "AgentEntityPR",
    ]
    assert [one.id for one in api.list_tasks("acme", page_size=10).tasks] == [task_id]

    first = api.get_task_events("acme", task_id, page_size=2)
    assert kinds(first) == ["AgentUserEventMessage", "AgentBackendEventSetTaskName"]
    rest = api.get_task_events("acme", task_id, continuation_token=first.continuation_token)
    assert "AgentBackendEventProvidePulumiAccessToken" in kinds(rest)
    assert kinds(rest)[-1] == "AgentBackendEventAwaitingApprovalsMessage"

    request = next(e.event_body for e in rest.events if hasattr(e.event_body, "approval_type"))
    yes = models.AgentUserEventConfirmation(NOW, approval_request_id=request.id, ok=True)
    api.respond_to_task("acme", task_id, models.AgentRespondToTaskRequest(event=yes))
    after = api.get_task_events("acme", task_id)
    assert kinds(after)[-1] == "AgentBackendEventAssistantMessage"
    assert after.events[-1].event_body.is_final is True

    again = models.AgentUserEventMessage(NOW, "And prod?")
    api.respond_to_task("acme", task_id, models.AgentRespondToTaskRequest(event=again))
    changed = api.update_task("acme", task_id, models.UpdateTaskRequest(name="Mine"))
    assert changed.name == "Mine"
    api.cancel_task("acme", task_id, models.CancelAgentTaskRequest(force=True))
    assert sandbox.world.journal.violations == []


def test_it_reads_the_budget(sandbox: Sandbox) -> None:
    budget = connect(sandbox, "NeoApi").get_org_neo_token_budget("acme")
    assert budget.exhausted is False
