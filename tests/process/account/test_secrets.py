"""A claim token stands in no sink of a run, whatever the service says and wherever it breaks (T66)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.process.account.accounts import exposed

from upshot_sandbox.faults import Fault, FaultKind
from upshot_sandbox.scenario import load_scenario, scenario_names

if TYPE_CHECKING:
    from tests.process.conftest import Job, Start

SCENARIOS = [name for name in scenario_names() if name.startswith("account-")]
OPERATIONS = ["validate", "preview-claim", "claim", "status"]
OWNED = {
    "stacks": ["shop/prod", "shop/pr-7"],
    "environments": ["shop/preview"],
    "insights": ["aws"],
}
DEBUG = {"RUNNER_DEBUG": "1"}
TOKEN = "${{ sandbox.claim-token }}"


def world(start: Start, name: str, **accounts: Any) -> Job:
    """A scenario of agent accounts whose service repeats every token."""
    plan = load_scenario(name).accounts
    return start(name, accounts={**plan, "repeats": True, **accounts})


@pytest.mark.parametrize("name", SCENARIOS)
def test_t66_no_sink_of_any_scenario_shows_a_claim_token(start: Start, name: str) -> None:
    job = world(start, name)
    for earlier in job.world.scenario.earlier:
        assert exposed(job, job.run(inputs=earlier, env=DEBUG)) == []
    result = job.run(env=DEBUG)
    assert result.exit_code == load_scenario(name).exit_code
    assert exposed(job, result) == []
    assert "Pulumi Cloud warns its clients" in result.log, "the test needs the warning"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("form", ["token", "address", "address with more"])
def test_t66_no_operation_shows_it_however_it_is_given(
    start: Start, operation: str, form: str
) -> None:
    job = world(start, "account-preview", agents=[{"owns": OWNED}])
    given = {
        "token": TOKEN,
        "address": f"https://app.pulumi.com/claim/{TOKEN}",
        "address with more": f"https://app.pulumi.com/claim/{TOKEN}?from=mail#now",
    }[form]
    inputs = {
        "account-operation": operation,
        "claim-token": given,
        "transcript-file": "transcript.json",
    }
    result = job.run(inputs=inputs, env=DEBUG)
    assert result.outputs["claim-state"] in {"valid", "blocked"}
    assert exposed(job, result) == []


FAULTS = [
    *(Fault("* /api/agents/*", FaultKind.STATUS, status=code) for code in (400, 401, 403, 404, 409, 422, 429, 500, 503)),
    Fault("* /api/agents/*", FaultKind.STATUS, status=200, body="no JSON"),
    Fault("* /api/agents/*", FaultKind.STATUS, status=200, body="[]"),
    Fault("* /api/agents/*", FaultKind.DROP),
    Fault("* /api/agents/*", FaultKind.LOSE_REPLY),
    Fault("* /api/agents/*", FaultKind.TRUNCATE),
    Fault("* /repos/*", FaultKind.STATUS, status=500),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{f.kind} {f.status}" for f in FAULTS])
@pytest.mark.parametrize("operation", ["signup", *OPERATIONS])
def test_t66_no_fault_shows_it(start: Start, operation: str, fault: Fault) -> None:
    job = world(start, "account-preview", agents=[{"owns": OWNED}])
    token = job.world.extensions["accounts"].agents[0].claim_token
    said = f'{{"code": {fault.status}, "message": "see https://app.pulumi.com/claim/{token}"}}'
    headers = {"X-Pulumi-Warning": token.upper(), "X-Pulumi-Request-ID": token}
    body = fault.body or said
    job.world.faults.add(replace(fault, body=body, headers=headers))
    inputs = {"account-operation": operation, "timeout": "8s", "max-wait": "3s"}
    result = job.run(inputs=inputs, env=DEBUG)
    assert exposed(job, result) == []


def test_t66_a_folder_that_cannot_be_written_shows_nothing(start: Start) -> None:
    job = world(start, "account-signup")
    result = job.run(env={**DEBUG, "RUNNER_TEMP": "/proc/self/nowhere"})
    assert result.exit_code == 1
    assert exposed(job, result) == []


def test_t66_a_token_in_the_log_of_the_cli_is_masked_everywhere(start: Start) -> None:
    """`pulumi up` of an agent may print its claim address: it is a secret by its shape."""
    job = start("log-only", accounts={"agents": [{"owns": OWNED}]})
    token = job.world.extensions["accounts"].agents[0].claim_token
    printed = f"CLAIM_URL=https://app.pulumi.com/claim/{token}\n"
    text = (
        f"Updating (dev)\n{printed}error: update failed: see https://app.pulumi.com/claim/{token}\n"
    )
    result = job.run(inputs={"log-file": "", "log": text, "outcome": "failure"}, env=DEBUG)
    shown = [name for name in exposed(job, result) if name != "file event.json"]
    assert shown == []


def test_t66_the_folder_that_jobs_hand_on_holds_no_token(start: Start) -> None:
    job = start("account-signup")
    result = job.run()
    (agent,) = job.world.extensions["accounts"].agents
    assert (result.machine.temp / "upshot" / "default" / "report.md").is_file()
    for path in (result.machine.temp / "upshot").rglob("*"):
        assert not path.is_file() or agent.claim_token not in path.read_text("utf-8")
    for name in ("account-token-file", "claim-token-file"):
        path = result.machine.temp / result.outputs[name]
        assert path.stat().st_mode & 0o777 == 0o600
        assert not path.is_relative_to(result.machine.temp / "upshot")
