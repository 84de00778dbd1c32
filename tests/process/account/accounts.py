"""Everything that a run shows to anybody, to be searched for tokens of agent accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from upshot.pulumi.agents.exposure import shows
from upshot.secret import Secret

if TYPE_CHECKING:
    from tests.process.conftest import Job

    from upshot_sandbox.runner import RunResult

_PROMPTS = ("/api/ai/", "/api/preview/agents/")
"""Of Pulumi Cloud, where a model reads what is sent."""


def sinks(job: Job, result: RunResult) -> Iterator[tuple[str, str]]:
    """(name, text) of each. The two places that may hold a token are not among them: `add-mask`, which
    the runner never prints, and the files below `upshot-secrets`.
    """
    lines = result.log.splitlines()
    yield "log", "\n".join(line for line in lines if not line.startswith("::add-mask::"))
    yield "summary", result.summary
    yield "annotations", "\n".join(note.message for note in result.annotations)
    for name, value in result.outputs.items():
        yield f"output {name}", value
    for body in result.comments:
        yield "comment", body
    for variable in ("GITHUB_STATE", "GITHUB_ENV", "GITHUB_PATH"):
        yield variable, result.machine.command_file(variable).read_text("utf-8")
    for folder in (result.machine.workspace, result.machine.home, result.machine.temp):
        for path in folder.rglob("*"):
            if path.is_file() and "upshot-secrets" not in path.parts:
                yield f"file {path.name}", path.read_text("utf-8", "replace")
    for request in result.requests:
        if request.service == "github" or request.path.startswith(_PROMPTS):
            yield f"request {request.line}", request.body.decode("utf-8", "replace")
    for comment in job.world.github.by_bot():
        yield "comment", comment.body


def exposed(job: Job, result: RunResult) -> list[str]:
    """The sinks that show a part of a claim token, or of an agent's access token."""
    secrets = [
        Secret(text)
        for agent in job.world.extensions["accounts"].agents
        for text in (agent.claim_token, agent.access_token)
    ]
    return [name for name, text in sinks(job, result) if any(shows(text, s) for s in secrets)]
