"""An AI is reached also where no update of this commit exists: it gets the stack and its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from upshot_sandbox.scenario import load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

CHAT = "POST /api/ai/chat/preview"
TASK = "POST /api/preview/agents/acme/tasks"


def job_without_update(start: Start) -> Job:
    return start("ask", cloud=replace(load_scenario("ask").cloud, updates=()))


def test_ask_gives_copilot_the_stack_and_its_console_address(start: Start) -> None:
    result = job_without_update(start).run(inputs={"outcome": ""})
    [body] = [request.json for request in result.requests if request.line == CHAT]
    assert "It is about the stack acme/shop/prod." in body["query"]
    context = body["state"]["client"]["cloudContext"]
    assert context == {"orgId": "acme", "url": "https://app.pulumi.com/acme/shop/prod"}


def test_task_gives_neo_the_stack_as_its_entity(start: Start) -> None:
    inputs = {"outcome": "", "mode": "task", "prompt": "Look into it."}
    result = job_without_update(start).run(inputs=inputs)
    [body] = [request.json for request in result.requests if request.line == TASK]
    entity = {"type": "stack", "name": "prod", "project": "shop"}
    assert body["message"]["entity_diff"]["add"] == [entity]
    assert "It is about the stack acme/shop/prod." in body["message"]["content"]
