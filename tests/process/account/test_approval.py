"""A claim that people approve by a comment on the pull request, instead of the word of `confirm`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from upshot_sandbox.scenario import load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Start

    from upshot_sandbox.runner import RunResult

COMMIT = "POST /api/agents/acme/claim"


def commits(result: RunResult) -> int:
    """How many claims the run sent that are no dry run."""
    return sum(r.line == COMMIT and "dryRun" not in r.query for r in result.requests)


@pytest.mark.parametrize("by", ["tomas-b", "maria-lopez", "stranger"])
def test_t56_a_claim_runs_when_a_colleague_has_approved_it(start: Start, by: str) -> None:
    scenario = load_scenario("account-claim")
    rights = {"tomas-b": "write", "maria-lopez": "write"}
    github = replace(scenario.github, collaborators=rights)
    job = start(replace(scenario, github=github))
    preview = {"account-operation": "preview-claim", "confirm": ""}
    (line,) = re.findall(r"```\n(/upshot approve .*)\n```", job.run(inputs=preview).comments[0])
    waiting = job.run(inputs={"confirm": ""})
    assert waiting.outputs["claim-state"] == "ready"
    assert commits(waiting) == 0
    job.world.github.add(job.world.github.user(by), line)
    result = job.run(inputs={"confirm": ""})
    is_open = by == "tomas-b"
    assert commits(result) == is_open
    assert result.outputs["claim-state"] == ("done" if is_open else "ready")
    assert result.exit_code == 0
