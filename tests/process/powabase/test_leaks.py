"""Secrets planted in blocks, and a Copilot that repeats them: every scenario, every sink, every request."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from upshot.powabase.names import texts_of
from upshot_sandbox.scenario import EventPlan, Scenario, load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.process.conftest import Job, Start

    from upshot_sandbox.runner import RunResult

WORKFLOW: Final = "3b1f0c9e-52d7-4b8e-9a61-7f1f2a0c4d11"
PUT: Final = f"PUT /api/workflows/{WORKFLOW}/graph"
CALL: Final = "44444444-4444-4444-8444-444444444444"
HOOK: Final = "55555555-5555-4555-8555-555555555555"
PEM: Final = "\n".join(
    [
        "-----BEGIN PRIVATE " + "KEY-----",
        "pl4nt3dKeyLine0ne11112222",
        "-----END PRIVATE " + "KEY-----",
    ]
)
PLANTED: Final = {
    "api_key": "pl4nt3d-key-of-the-agent",
    "header": "pl4nt3d-bearer-0123456789",
    "cell": "pl4nt3d-header-in-a-table",
    "query": "pl4nt3dTokenInTheAddress1",
    "userinfo": "pl4nt3d-Password-in-url-77",
    "body": "pl4nt3d-password-in-json",
    "unicode": "pl4nt3d-schlüssel-ß-0815",
    "number": "9182736455463728",
    "hook": "pl4nt3d-webhook-secret-000",
    "line": "pl4nt3dKeyLine0ne11112222",
    "service": "postgres-pl4nt3d-by-name-only",
}
BLOCKS: Final[list[dict[str, Any]]] = [
    {
        "id": CALL,
        "type": "general_api",
        "name": "Call",
        "config": {
            "method": "POST",
            "url": f"https://bot:{PLANTED['userinfo']}@api.example/a?token={PLANTED['query']}&q=1",
            "headers": {"Authorization": f"Bearer {PLANTED['header']}", "Accept": "text/plain"},
            "table": [{"cells": {"Key": "X-Api-Key", "Value": PLANTED["cell"]}}],
            "body": json.dumps({"password": PLANTED["body"], "pin": PLANTED["unicode"]}),
            "client_secret": PLANTED["unicode"],
            "password": int(PLANTED["number"]),
            "private_key": PEM,
            "connection_string": PLANTED["service"],
            "code": f"call('{PLANTED['api_key']}')",
        },
    },
    {
        "id": HOOK,
        "type": "webhook",
        "name": "Hook",
        "config": {"webhook_id": "h", "webhook_secret": PLANTED["hook"]},
    },
]
EACH: Final = " ".join(PLANTED.values())


def poison(name: str) -> Scenario:
    """The scenario with secrets in its blocks, and a Copilot that says them wherever it can."""
    scenario = load_scenario(name)
    assert scenario.powabase is not None
    plan = copy.deepcopy(scenario.powabase)
    plan["secrets"] = [one for one in PLANTED.values() if one != PLANTED["number"]]
    (workflow,) = plan["workflows"]
    workflow["blocks"] += copy.deepcopy(BLOCKS)
    for block in workflow["blocks"]:
        if block["name"] == "Answer":
            block["config"]["api_key"] = PLANTED["api_key"]
    for turn in plan.get("turns", []):
        turn["answer"] += f"\n\nI have seen {EACH}\n\n```\n{PEM}\n```"
        turn["reasoning"] = [EACH]
        turn["tools"] = [
            {"name": "get_asset_details", "arguments": {"found": [EACH]}},
            {"name": "execute_public_sql", "arguments": {"sql": f"SELECT '{EACH}'"}},
            *turn.get("tools", []),
            {
                "name": "modify_workflow",
                "arguments": {"update_blocks": [{"id": "Reply", "config": {"note": EACH}}]},
            },
        ]
    github = replace(scenario.github, collaborators={"sam-okafor": "write"})
    return replace(scenario, powabase=plan, github=github)


def leaks(job: Job, result: RunResult) -> Iterator[str]:
    """Where a planted secret is, besides masks and the put; the place with its name."""
    log = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    told = {"log": "\n".join(log), "summary": result.summary}
    told |= {f"output {name}": text for name, text in result.outputs.items()}
    told |= {f"comment {n}": text for n, text in enumerate(result.comments)}
    for folder in (result.machine.temp, result.machine.workspace):
        told |= {
            f"file {path}": path.read_text("utf-8", "replace")
            for path in folder.rglob("*")
            if path.is_file()
        }
    for one in job.world.journal.requests:
        if one.line != PUT:
            sent = one.body.decode("utf-8", "replace")
            parts = "\n".join(texts_of(json.loads(sent))) if sent else ""
            told[f"request {one.line}"] = f"{one.line} {sent} {parts}"
    for where, text in told.items():
        for name, secret in PLANTED.items():
            forms = {secret, json.dumps(secret)[1:-1]}
            yield from (f"{name} in {where}" for form in forms if form in text)


@pytest.mark.parametrize("name", ["diff", "dangerous", "cut", "stale", "apply"])
def test_t64_no_planted_secret_is_in_any_sink_or_request(start: Start, name: str) -> None:
    job = start(poison(f"powabase-{name}"))
    given = {"transcript-file": "transcript.json"}
    result = job.run(env={"RUNNER_DEBUG": "1"}, inputs=given)
    assert list(leaks(job, result)) == []
    if name == "stale":
        return
    assert "I have seen" in result.outputs["answer"] or name == "dangerous"
    if name == "diff":
        file = {"apply": "file", "workflow-file": "workflow.json"}
        assert list(leaks(job, job.run(inputs=file))) == []
    if name == "apply":
        _approve_and_undo(job, result)


def _approve_and_undo(job: Job, first: RunResult) -> None:
    """The put has each secret again, in its own place; the undo brings the graph before back."""
    project = job.world.extensions["powabase"]
    before = copy.deepcopy(project.workflows[WORKFLOW].blocks)
    for text in (f"/upshot approve {first.outputs['approval-request-id']}", "/upshot undo"):
        event = EventPlan(name="issue_comment", action="created", actor="sam-okafor", comment=text)
        job.world.scenario = replace(job.world.scenario, event=event)
        result = job.run(env={"RUNNER_DEBUG": "1"}, inputs={"mode": "command", "prompt": ""})
        assert result.outputs["apply-state"] == "applied"
        assert list(leaks(job, result)) == []
        stored = project.workflows[WORKFLOW].blocks
        assert all(stored[block["id"]]["config"] == block["config"] for block in BLOCKS)
    assert project.workflows[WORKFLOW].blocks == before
