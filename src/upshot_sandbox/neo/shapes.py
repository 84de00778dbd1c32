"""What goes over Neo's two wires: bodies that are taken, and objects that are sent."""

from __future__ import annotations

import time
from typing import Any

from msgspec import Struct

from upshot_sandbox.neo.task import Happened, NeoTask


class EntityDiff(Struct):
    add: list[dict[str, Any]] = []
    remove: list[dict[str, Any]] = []


class FirstMessage(Struct):
    type: str = ""
    content: str = ""
    timestamp: str = ""
    entity_diff: EntityDiff | None = None
    commands: dict[str, Any] | None = None


class CreateToday(Struct):
    """CreateAgentTaskRequest of the service description."""

    message: FirstMessage | None = None
    approvalMode: str | None = None  # noqa: N815 - the wire's name
    permissionMode: str | None = None  # noqa: N815
    planMode: bool | None = None  # noqa: N815
    toolExecutionMode: str | None = None  # noqa: N815
    source: str | None = None
    enabledIntegrations: list[dict[str, Any]] | None = None  # noqa: N815
    cliIntegrations: list[dict[str, Any]] | None = None  # noqa: N815
    role: str | None = None
    agentDefinitionId: str | None = None  # noqa: N815


class CreateDocumented(Struct):
    content: str = ""
    timestamp: str = ""
    entity_diff: EntityDiff | None = None


class UserEvent(Struct):
    type: str = ""
    content: str = ""
    timestamp: str | None = None
    """The schema demands it, the shipped client leaves it out, and it works."""
    approval_request_id: str = ""
    ok: bool | None = None
    instructions: str = ""
    entity_diff: EntityDiff | None = None
    commands: dict[str, Any] | None = None


class Respond(Struct):
    event: UserEvent | None = None


class Cancel(Struct):
    force: bool = False


class Change(Struct):
    name: str | None = None
    isShared: bool | None = None  # noqa: N815
    approvalMode: str | None = None  # noqa: N815
    permissionMode: str | None = None  # noqa: N815
    role: str | None = None


def rfc3339(epoch_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch_s))


def task_today(task: NeoTask) -> dict[str, Any]:
    """AgentTask, every required key of the service description."""
    settings = task.settings
    spoken = [event.spoken.body for event in task.events]
    pulls = [
        entity
        for body in spoken
        if body.get("type") == "change_entities"
        for entity in body["changes"]["add"]
    ]
    return {
        "id": task.id,
        "taskId": task.id,
        "name": task.name,
        "taskType": "sync",
        "status": "running" if task.is_working else "idle",
        "createdAt": rfc3339(task.created_at_s),
        "approvalMode": settings.get("approvalMode") or "balanced",
        "permissionMode": settings.get("permissionMode") or "default",
        "planMode": bool(settings.get("planMode")),
        "isShared": bool(settings.get("isShared")),
        "entities": [*settings.get("entities", []), *pulls],
        "createdBy": {"name": "Maria Lopez", "githubLogin": "maria-lopez", "avatarUrl": ""},
        "tokensUsed": 1000 * sum(body.get("type") == "assistant_message" for body in spoken),
        "runtimePhase": "running" if task.is_working else None,
        "source": "api",
        "toolExecutionMode": "cloud",
    }


def event_today(event: Happened) -> dict[str, Any]:
    """One event in the envelope that says who speaks."""
    envelope: dict[str, Any] = {
        "id": event.id,
        "type": event.spoken.speaker,
        "isSynthetic": event.spoken.is_synthetic,
        "eventBody": {"timestamp": rfc3339(event.at_s), **event.spoken.body},
    }
    if event.spoken.speaker == "userInput" and not event.spoken.is_synthetic:
        envelope["actor"] = {"name": "Maria Lopez", "githubLogin": "maria-lopez", "avatarUrl": ""}
    return envelope


def task_documented(task: NeoTask) -> dict[str, Any]:
    """The task object of the published page."""
    if len(task.events) == 1 and task.is_working:
        status = "pending"
    elif task.is_working:
        status = "running"
    else:
        status = "failed" if task.failed else "completed"
    return {
        "id": task.id,
        "name": task.name,
        "status": status,
        "createdAt": rfc3339(task.created_at_s),
        "entities": task.settings.get("entities", []),
    }


def event_documented(event: Happened) -> dict[str, Any] | None:
    """Whatever a person said is `user_input`, what has words prints to the console; else None."""
    body = event.spoken.body
    is_person = event.spoken.speaker == "userInput"
    text = body.get("content") or body.get("message")
    if body["type"] == "exec_tool_call":
        text = f"Running {body['name']}"
    if not (text and isinstance(text, str)):
        return None
    return {
        "type": "user_input" if is_person else "console_output",
        "timestamp": rfc3339(event.at_s),
        "content": text,
        "sequence": event.sequence,
    }
