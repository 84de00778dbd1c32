"""The examples use what exists, the way it is meant, with least permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from upshot.inputs import Inputs, parse_inputs
from upshot.inputs.names import variable
from upshot.workspace import Workspace

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yml"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
OURS = ("pulumi-upshot/upshot@v1", "pulumi-upshot/upshot/composite@v1")
# What an expression would give on a runner.
VALUES = {
    "secrets.PULUMI_ACCESS_TOKEN": "pul-0123456789abcdef",
    "secrets.PULUMI_NEO_TOKEN": "pul-0123456789abcdef",
    "secrets.AGENT_CLAIM_TOKEN": "5c9a6a0e-6f2f-4d53-8a34-0d1e8f3f6f11",
    "secrets.SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/abc",
    "github.token": "ghs_0123456789abcdef",
    "github.event.workflow_run.workflow_id": "61000001",
    "github.event.client_payload.prompt": "Why did it fail?",
    "inputs.question": "Why was the database replaced?",
    "inputs.pr-number": "12",
    "inputs.operation": "claim",
    "inputs.confirm": "abcd-efgh-ijkl-mnop",
    "inputs.renames": '{"shop/prod": "prod-of-agent"}',
    "inputs.stack": "acme/web/dev",
    "matrix.stack": "staging",
    "secrets.POWABASE_SERVICE_KEY": "sb-0123456789abcdef",
    "inputs.wish": "Check each answer.",
    "matrix.stacks": "acme/web/prod acme/web/dev",
    "needs.preview.result": "failure",
    "steps.up.outcome": "failure",
    "steps.preview.outcome": "success",
    "steps.refresh.outcome": "success",
}


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def steps(workflow: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(job, step) of a workflow."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            yield job, step


def upshot_steps(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(job, step) for job, step in steps(load(path)) if step.get("uses") in OURS]


def evaluate(value: object, temp: Path) -> str:
    """The value of an input, as the runner would pass it."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text.replace("${{ runner.temp }}", str(temp))
    return re.sub(r"\$\{\{ ([a-zA-Z_.-]+) \}\}", lambda found: VALUES[found[1]], text)


def parse(step: dict[str, Any], tmp_path: Path) -> Inputs:
    checkout, temp = tmp_path / "checkout", tmp_path / "temp"
    template = checkout / ".trusted" / "examples" / "comment.md.j2"
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_bytes((ROOT / "examples" / "comment.md.j2").read_bytes())
    temp.mkdir(exist_ok=True)
    env = {variable(name): evaluate(value, temp) for name, value in step["with"].items()}
    folders = {"GITHUB_WORKSPACE": str(checkout), "RUNNER_TEMP": str(temp)}
    return parse_inputs(env, Workspace.from_env(folders))


@pytest.fixture(params=EXAMPLES, ids=[path.name for path in EXAMPLES])
def example(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_there_is_an_example_for_each_job_that_users_have() -> None:
    assert {path.stem for path in EXAMPLES} >= {
        "preview",
        "up",
        "local",
        "oidc",
        "matrix",
        "collect",
        "fork-preview",
        "fork-report",
        "ask",
        "neo-task",
        "drift",
        "self-hosted",
        "template",
        "outputs",
        "risk-gate",
        "job-log",
        "central",
        "account-signup",
        "account-claim",
        "chat",
        "neo-approval",
    }


SITUATIONS = {
    "one stack": "preview",
    "a matrix": "matrix",
    "self-managed": "local",
    "a job in a container": "container",
    "macOS or Windows": "without-docker",
    "a reusable workflow": "reusable",
    "a later job": "job-log",
    "a central workflow": "central",
    "a fork": "fork-report",
    "Dependabot": "dependabot-preview",
    "a merge queue": "merge-queue",
    "a schedule": "drift",
    "by hand": "ask",
    "a comment": "chat",
}
"""How people run workflows -> the example for it."""


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_has_an_example_that_the_docs_name(situation: str) -> None:
    name = SITUATIONS[situation]
    assert (ROOT / "examples" / f"{name}.yml").is_file()
    docs = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert f"(../examples/{name}.yml)" in docs


def test_it_says_what_it_is_for(example: Path) -> None:
    assert example.read_text("utf-8").startswith("# ")


def test_it_uses_upshot_with_inputs_that_parse(example: Path, tmp_path: Path) -> None:
    found = upshot_steps(example)
    assert found
    for _, step in found:
        assert set(step["with"]) <= set(ACTION["inputs"])
        assert parse(step, tmp_path).warnings == ()


def test_it_reads_only_outputs_that_exist(example: Path) -> None:
    text = example.read_text("utf-8")
    ids = {step["id"] for _, step in upshot_steps(example) if "id" in step}
    for identifier, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", text):
        assert identifier in ids
        assert output in ACTION["outputs"]


def test_other_actions_are_pinned_by_commit(example: Path) -> None:
    for line in example.read_text("utf-8").splitlines():
        if re.search(r"\buses: ", line) and not any(one in line for one in OURS):
            assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_permissions_are_granted_by_job_and_explained(example: Path) -> None:
    workflow = load(example)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "permissions" in job
        assert "timeout-minutes" in job
    for line in example.read_text("utf-8").splitlines():
        if re.search(r": (read|write)( |$)", line):
            assert " # " in line, line


def test_every_job_that_comments_may_and_no_other_may(example: Path, tmp_path: Path) -> None:
    for job, step in upshot_steps(example):
        may = job["permissions"].get("pull-requests") == "write"
        publishes = parse(step, tmp_path).publish.comment_mode != "off"
        is_without_pull_request = example.stem in {
            "deployment",
            "drift",
            "powabase-nightly",
            "fleet",
            "fork-preview",
        }
        assert may == (publishes and not is_without_pull_request)


def test_an_exchange_has_its_permission(example: Path, tmp_path: Path) -> None:
    for job, step in upshot_steps(example):
        if parse(step, tmp_path).pulumi.requested_token_type:
            assert job["permissions"]["id-token"] == "write"


def test_upshot_speaks_when_pulumi_failed(example: Path) -> None:
    for job, step in upshot_steps(example):
        is_gate = step["with"].get("mode") == "gate"  # it comes before Pulumi, and stops it
        if not is_gate and any("pulumi/actions@" in o.get("uses", "") for o in job["steps"]):
            assert step["if"] in {"always()", "failure()"}


def test_an_event_log_is_asked_for_in_the_way_that_the_cli_knows(example: Path) -> None:
    for _, step in steps(load(example)):
        if "--event-log" in step.get("run", ""):
            assert step["env"]["PULUMI_DEBUG_COMMANDS"] == "true"
            assert step["shell"] == "bash"


def test_who_reads_a_log_may_and_comes_after_its_job(example: Path, tmp_path: Path) -> None:
    for job, step in upshot_steps(example):
        wanted = parse(step, tmp_path).subject.log_from
        if wanted:
            assert job["permissions"]["actions"] == "read"
            assert not wanted.job or (job["needs"] == wanted.job and job["if"] == "always()")


def test_t66_a_tokens_file_is_read_by_a_command_and_its_content_is_in_no_expression(
    example: Path,
) -> None:
    text = example.read_text("utf-8")
    for output in re.findall(r"outputs\.((?:account|claim)-token-file)", text):
        assert re.search(
            rf"^ +[A-Z_]+: \${{{{ steps\.\w+\.outputs\.{output} }}}}$", text, re.MULTILINE
        )
    for line in text.splitlines():
        if re.search(r"\$RUNNER_TEMP/\$\w+_FILE", line):
            assert re.search(r"gh secret set|\$\(cat ", line), line
        assert not re.search(r"echo .*(TOKEN|CLAIM)", line)


def test_t36_the_central_report_runs_nothing_of_the_pull_request() -> None:
    workflow = load(ROOT / "examples" / "central.yml")
    assert [step["uses"].partition("@")[0] for _, step in steps(workflow)] == [
        "pulumi-upshot/upshot"
    ]
    assert "secrets." not in (ROOT / "examples" / "central.yml").read_text("utf-8")


def test_t36_the_fork_report_runs_nothing_of_the_pull_request() -> None:
    workflow = load(ROOT / "examples" / "fork-report.yml")
    uses = [step["uses"].partition("@")[0] for _, step in steps(workflow)]
    assert uses == ["actions/download-artifact", "pulumi-upshot/upshot"]
    assert all("run" not in step for _, step in steps(workflow))
    assert "secrets." not in (ROOT / "examples" / "fork-report.yml").read_text("utf-8")
