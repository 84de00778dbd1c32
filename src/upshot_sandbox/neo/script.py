"""Steps of a script -> the bodies of the events that they make, in the words of today's wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from upshot_sandbox.neo.plan import NeoStep

PARKS = frozenset({"ask", "question", "plan"})
ENDS = frozenset({"final", "fail", "cancelled"})


class Spoken(Struct, frozen=True):
    """Who says what."""

    speaker: str
    """`agentResponse` or `userInput`."""
    body: dict[str, Any]
    is_synthetic: bool = False


class Words(Struct, frozen=True):
    """What the placeholders of a script stand for."""

    task_id: str
    number: int
    """Of the step in its task: makes ids."""
    message: str = ""
    instructions: str = ""
    repository: str = "acme/shop"

    def fill(self, text: str) -> str:
        return text.replace("{message}", self.message).replace("{instructions}", self.instructions)

    def request_id(self) -> str:
        return f"approval-{self.task_id}-{self.number}"


def spell(step: NeoStep, words: Words) -> Iterator[Spoken]:
    """The events of one step, in order."""
    make = {
        "say": _say,
        "final": _final,
        "tool": _tool,
        "todos": _todos,
        "ask": _ask,
        "question": _question,
        "plan": _plan,
        "pull-request": _pull_request,
    }.get(step.do, _simple)
    for speaker, body in make(step, words):
        yield Spoken(speaker, body)


_Bodies = Iterator[tuple[str, dict[str, Any]]]
_AGENT = "agentResponse"
_USAGE = {"sandbox-model": {"input_tokens": 900, "output_tokens": 100}}


def _say(step: NeoStep, words: Words) -> _Bodies:
    yield _AGENT, _message(words.fill(step.text), is_final=False)


def _final(step: NeoStep, words: Words) -> _Bodies:
    yield _AGENT, _message(words.fill(step.text), is_final=True)


def _message(
    text: str, *, is_final: bool, calls: tuple[dict[str, Any], ...] = ()
) -> dict[str, Any]:
    return {
        "type": "assistant_message",
        "content": text,
        "is_final": is_final,
        "tool_calls": list(calls),
        "token_usage": _USAGE,
    }


def _tool(step: NeoStep, words: Words) -> _Bodies:
    ident = f"call-{words.number}"
    call = {"id": ident, "name": step.tool, "args": step.args, "execution_mode": "cloud"}
    yield _AGENT, _message(step.text, is_final=False, calls=(call,))
    yield _AGENT, {"type": "exec_tool_call", "tool_call_id": ident, "name": step.tool,
                   "args": step.args, "execution_mode": "cloud"}  # fmt: skip
    yield _AGENT, {"type": "exec_tool_call_progress", "tool_call_id": ident, "status": "running",
                   "metadata": {}}  # fmt: skip
    yield _AGENT, {"type": "tool_response", "tool_call_id": ident, "name": step.tool,
                   "content": step.result, "is_error": step.is_error}  # fmt: skip


def _todos(step: NeoStep, words: Words) -> _Bodies:
    todos = [{"content": text, "status": status} for text, status in step.todos]
    yield from _tool(
        NeoStep(do="tool", tool="todo__TodoWrite", args={"todos": todos}, text=step.text), words
    )


def _ask(step: NeoStep, words: Words) -> _Bodies:
    yield from _request(step, words, "tool_permission", step.tool or "pulumi__pulumi_up")


def _question(step: NeoStep, words: Words) -> _Bodies:
    yield from _request(step, words, "general", "ux__ask_user")


def _plan(step: NeoStep, words: Words) -> _Bodies:
    yield from _request(step, words, "plan_exit", "planning__exit_plan_mode")


def _request(step: NeoStep, words: Words, kind: str, tool: str) -> _Bodies:
    body: dict[str, Any] = {
        "type": "user_approval_request",
        "id": words.request_id(),
        "message": step.text,
        "approval_type": kind,
        "source": "agent",
        "buttons": list(step.choices),
        "context": {
            "tool_call_id": f"call-{words.number}",
            "tool_name": tool,
            "git_diff": step.diff,
            "last_approval_diff": {},
            "plan_description": step.plan,
        },
    }
    if step.sensitivity:
        body["sensitivity"] = step.sensitivity
    yield _AGENT, body


def _pull_request(step: NeoStep, words: Words) -> _Bodies:
    org, _, name = words.repository.partition("/")
    repo = {"type": "repository", "name": name, "org": org, "forge": "github"}
    entity = {"type": "pull_request", "number": step.number, "merged": False, "repo": repo}
    yield _AGENT, {"type": "change_entities", "changes": {"add": [entity], "remove": []}}


def _simple(step: NeoStep, words: Words) -> _Bodies:
    text = words.fill(step.text)
    bodies: dict[str, dict[str, Any]] = {
        "name": {"type": "set_task_name", "name": text},
        "warn": {"type": "warning", "message": text},
        "fail": {"type": "error", "message": text},
        "cancelled": {"type": "cancelled", "operation_was_running": True},
        "compress": {"type": "context_compression_event", "status": "compressed"},
        "token": {
            "type": "provide_pulumi_access_token",
            "encrypted_pulumi_access_token": "SEALED-" + "pul-" + "0" * 40,
        },
        "raw": step.body,
        "wait": {},
    }
    if bodies[step.do]:
        yield _AGENT, bodies[step.do]
