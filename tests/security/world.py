"""Scenarios in which everything that is not ours is hostile, and the sinks of what came of them."""

from __future__ import annotations

import json
from typing import Any, Final

from msgspec.structs import replace
from tests.security.attacks import COMMANDS, MARKDOWN
from tests.security.leaks import disguises

from upshot_sandbox.runner import RunResult
from upshot_sandbox.scenario import (
    CloudPlan,
    CommentPlan,
    CopilotPlan,
    DiagnosticPlan,
    EventPlan,
    GitHubPlan,
    PolicyPlan,
    ReplyPlan,
    Scenario,
    StepPlan,
    UpdatePlan,
    load_scenario,
)

SECRET: Final = "Zk3XvW9qLmT2rB7yHc5NdF8jPaE1uGs4KoQi"
"""In the step's environment as `AWS_SECRET_ACCESS_KEY`, and in everything hostile."""
ATTACKS: Final = {
    name: text for name, text in {**MARKDOWN, **COMMANDS}.items() if name != "surrogates"
}
# These open what only the end of the text would close, so they hide all that comes after them.
_SWALLOWS: Final = ("comment", "fence", "fence in a list", "tags that are open", "declarations")
LEAKS: Final = tuple(disguises(SECRET).values())


def answer(*, last: str = "comment") -> str:
    """All attacks and all disguises of the secret in one Markdown text; `last` may swallow."""
    attacks = [text for name, text in ATTACKS.items() if name not in _SWALLOWS]
    return "\n\n".join([*LEAKS, *attacks, ATTACKS[last]])


def hostile(*, last: str = "comment") -> Scenario:
    """Every attack in the answer, the errors, names, diagnostics, policies and the title."""
    failing = [
        StepPlan(op="create", type=f"evil:index:{text[:40]}", name=text, fails=f"{leak}\n{text}")
        for text, leak in zip(ATTACKS.values(), LEAKS * 4, strict=False)
    ]
    changed = [
        StepPlan(op="replace", type="aws:rds/instance:Instance", name=leak, diffs=(leak, text))
        for text, leak in zip(ATTACKS.values(), LEAKS, strict=False)
    ]
    warned = [
        DiagnosticPlan(message=f"{text}\n{leak}", severity=severity, resource=leak)
        for (text, leak), severity in zip(
            zip(ATTACKS.values(), LEAKS * 4, strict=False), ("error", "warning") * 90, strict=False
        )
    ]
    broken = [
        PolicyPlan(policy=text, pack=leak, message=f"{text} {leak}", resource=text)
        for text, leak in zip(ATTACKS.values(), LEAKS, strict=False)
    ]
    update = UpdatePlan(
        id="70efdf2e-c9b0-4607-9e2d-0f3c4b0c2f11",
        version=70,
        result="failed",
        message=f"{ATTACKS['closing keyword']} {SECRET}",
        steps=(*failing, *changed),
        diagnostics=tuple(warned),
        policies=tuple(broken),
    )
    text = answer(last=last)
    return Scenario(
        title="Everything is hostile",
        event=EventPlan(actor="maria-lopez"),
        inputs={
            "stack-name": "acme/shop/prod",
            "events-file": "events.json",
            "log-file": "pulumi.log",
            "outcome": "failure",
            "prompt-file": "prompt.txt",
            "transcript-file": "transcript.jsonl",
            "commit-status": "pulumi",
            "fail-on": "failure,policy,replace",
            "notify-on": "verdict-change",
        },
        env={"AWS_SECRET_ACCESS_KEY": SECRET, "RUNNER_DEBUG": "1"},
        files={"events.json": "@events", "pulumi.log": "@console", "prompt.txt": text},
        cloud=CloudPlan(updates=(update,)),
        copilot=CopilotPlan(
            replies=(
                ReplyPlan(
                    text=text,
                    program={"code": text, "language": "mermaid", "instructions": text},
                ),
            )
        ),
        github=GitHubPlan(
            title=f"{ATTACKS['v2']} {ATTACKS['closing keyword']} {SECRET}",
            branch="evil-::set-output-$(evil)-@evil",
            comments=(CommentPlan(author="evil", body=ATTACKS["marker of today"]),),
        ),
    )


def hostile_task() -> Scenario:
    """Every attack in what Neo says, does and asks for."""
    texts = [*ATTACKS.values(), *LEAKS]
    steps: list[dict[str, Any]] = [
        {"do": "name", "text": texts[0]},
        {"do": "todos", "todos": [[text[:300], "in_progress"] for text in texts[:40]]},
        *({"do": "tool", "tool": text[:80], "text": text} for text in texts[:30]),
        *({"do": "say", "text": text} for text in texts[30:]),
        {"do": "say", "text": answer()},
        {
            "do": "ask",
            "text": answer(),
            "tool": ATTACKS["v1 in a line"],
            "sensitivity": ATTACKS["mention"],
            "diff": {text[:100]: text for text in texts[:40]},
        },
    ]
    scenario = load_scenario("neo-approval")
    inputs = {**scenario.inputs, "max-wait": "20s", "transcript-file": "transcript.jsonl"}
    env = {"AWS_SECRET_ACCESS_KEY": SECRET, "RUNNER_DEBUG": "1"}
    return replace(scenario, neo={"pace_s": 0.01, "steps": steps}, inputs=inputs, env=env)


def markdown_sinks(result: RunResult) -> dict[str, str]:
    """Everything that a page shows as Markdown."""
    report = result.machine.temp / result.outputs["report-file"]
    return {
        "summary": result.summary,
        "report-file": report.read_text("utf-8"),
        **{f"comment {n}": body for n, body in enumerate(result.comments)},
    }


def all_sinks(result: RunResult) -> dict[str, str]:
    """Everything that left: to the runner, to files, to an AI, to GitHub."""
    log = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    files = [path for path in result.machine.temp.rglob("*") if path.is_file()]
    files.append(result.machine.workspace / "transcript.jsonl")
    state = result.machine.command_file("GITHUB_STATE")
    sent = {
        f"request {n} {request.line}": f"{request.path} {request.query} {_decoded(request.body)}"
        for n, request in enumerate(result.requests)
    }
    return {
        **markdown_sinks(result),
        **{f"output {name}": value for name, value in result.outputs.items()},
        **{f"annotation {n}": str(note) for n, note in enumerate(result.annotations)},
        **{f"file {path.name}": path.read_text("utf-8") for path in files if path.exists()},
        **sent,
        "log": "\n".join(log),
        "state": state.read_text("utf-8"),
    }


def _decoded(body: bytes) -> str:
    """JSON as its texts, so that its own escapes hide nothing."""
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text
