"""Each example, run: its Upshot steps with the `with:` that they have, in a world that fits."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import certifi
import pytest
import yaml
from msgspec.structs import replace
from tests.process.composite.steps import Steps, make_ready
from tests.process.examples import (
    FOLDER,
    OURS,
    STACKS,
    TEMP,
    Run,
    example_names,
    files_below,
    resolve,
)

from upshot_sandbox.github.people.history import EnvironmentReview
from upshot_sandbox.scenario import EventPlan, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Start

NOT_RISKY = frozenset({"none", "low", "medium"})


def test_each_example_is_run_here() -> None:
    text = Path(__file__).read_text("utf-8")
    for name in example_names():
        assert f'"{name}"' in text, name


def test_preview(start: Start) -> None:
    result = Run(start, "preview", "failed-preview")()
    assert result.exit_code == 0
    assert "queue.arn.split is not a function" in result.comments[0]
    assert "acme/web/dev" in result.summary


def test_up_reports_on_the_merged_pull_request(start: Start) -> None:
    result = Run(start, "up", "failed-update", on="push")()
    assert result.exit_code == 0
    assert "iam:CreateRole" in result.comments[0]
    assert result.outputs["verdict"] == "failed"


def test_up_is_complete_when_pulumi_cloud_cannot_be_read(start: Start) -> None:
    run = Run(start, "up", "failed-update", on="push")
    run.job.world.cloud.tokens.clear()
    result = run()
    assert (result.exit_code, result.outputs["failed-count"]) == (0, "4")
    assert "iam:CreateRole" in result.comments[0]


def test_local_asks_no_ai(start: Start) -> None:
    result = Run(start, "local", "replaces-database")()
    assert result.exit_code == 0
    assert result.to("cloud") == []
    assert result.outputs["backend-used"] == "local"
    assert "orders-db" in result.comments[0]
    assert "4 stack outputs, 2 would change" in result.comments[0]
    assert "databaseUrl: [secret]" in result.comments[0]


def test_oidc_exchanges_a_token_of_its_own(start: Start) -> None:
    result = Run(start, "oidc", "oidc")()
    assert result.exit_code == 0
    assert "POST /api/oauth/token" in result.lines
    assert "BucketAlreadyExists" in result.comments[0]


def test_matrix_shares_one_comment(start: Start) -> None:
    run = Run(start, "matrix", "failed-update")
    stacks = STACKS[:2]  # two tell as much as three, and each watches its section for seconds
    for stack in stacks:
        run.turn_to(stack)
        result = run(matrix=stack)
        assert result.exit_code == 0
    (comment,) = result.comments
    assert all(f"acme/web/{stack}" in comment for stack in stacks)


def test_without_docker_the_stacks_share_a_comment_and_labels(start: Start, tmp_path: Path) -> None:
    run = Run(start, "without-docker", "failed-update")
    assert [step["uses"] for _, step in run.steps] == ["pulumi-upshot/upshot/composite@v1"]
    host = Steps(make_ready(tmp_path / "ready"))
    for stack in ("dev", "prod"):
        run.turn_to(stack)
        result = run(matrix=stack, host=host)
        assert result.exit_code == 0
    (comment,) = result.comments
    assert "acme/web/dev" in comment
    assert "acme/web/prod" in comment
    assert run.job.world.github.pull_labels == {"upshot:failed"}


def test_collect_joins_what_the_jobs_kept(start: Start) -> None:
    run = Run(start, "collect", "failed-update")
    reports: dict[str, bytes] = {}
    for stack in STACKS:
        run.turn_to(stack)
        result = run(matrix=stack)
        assert (result.exit_code, result.comments) == (0, ())
        kept = files_below(result.machine.temp / "upshot")
        reports |= {f"{TEMP}/reports/upshot-{stack}/{name}": body for name, body in kept.items()}
    result = run(1, files=reports)
    assert result.exit_code == 0
    (comment,) = result.comments
    assert all(f"acme/web/{stack}" in comment for stack in STACKS)


def test_a_fork_gets_its_comment_from_the_second_workflow(start: Start) -> None:
    first = Run(start, "fork-preview", "fork")()
    assert (first.exit_code, first.comments, first.to("cloud")) == (0, (), [])
    assert "BucketAlreadyExists" in first.summary

    second = Run(start, "fork-report", "fork", on="workflow_run")
    state = second.job.world.github
    state.plan = replace(state.plan, token="write")
    result = second()
    assert result.exit_code == 0
    assert result.to("cloud") == []
    assert "BucketAlreadyExists" in result.comments[0]


def test_a_later_job_reports_what_the_deploying_job_printed(start: Start) -> None:
    result = Run(start, "job-log", "job-log")()
    assert result.exit_code == 0
    (comment,) = result.comments
    assert "Update failed for 1 of 2 stacks" in comment
    assert "BucketAlreadyExists" in comment


def test_container_reads_a_log_by_its_name_in_the_container(start: Start) -> None:
    run = Run(start, "container", "failed-preview")
    for log in (run.steps[0][1]["with"]["log-file"], "/__w/_temp/pulumi.log"):
        run.steps[0][1]["with"]["log-file"] = (
            log  # as an expression, and as `$RUNNER_TEMP` spell it
        )
        result = run()
        assert (result.exit_code, result.warnings) == (0, [])
        assert "log-file" in result.comments[0]


def test_dependabot_is_told_which_secret_is_missing(start: Start) -> None:
    run = Run(start, "dependabot-preview", "failed-preview")
    world = run.job.world
    world.scenario = replace(world.scenario, event=EventPlan(actor="dependabot[bot]"))
    result = run(more={"secrets.PULUMI_ACCESS_TOKEN": ""})
    assert (result.exit_code, result.outputs["backend-used"]) == (0, "local")
    assert "queue.arn.split is not a function" in result.comments[0]
    assert "gh secret set PULUMI_ACCESS_TOKEN --app dependabot" in result.warnings[0]


def test_merge_queue_refuses_to_lose_data(start: Start) -> None:
    run = Run(start, "merge-queue", "replaces-database", on="merge_group")
    result = run()
    assert (result.exit_code, result.outputs["reason-code"]) == (1, "forbidden-by-policy")
    assert "orders-db" in result.comments[0]
    status = run.job.world.github.statuses[-1]
    assert (status.context, status.state) == ("pulumi/queue", "failure")


def test_reusable_reports_for_the_stack_of_its_caller(start: Start) -> None:
    result = Run(start, "reusable", "failed-preview")()
    assert result.exit_code == 0
    assert "acme/web/dev" in result.comments[0]


def test_central_reports_for_a_workflow_that_knows_nothing_of_it(start: Start) -> None:
    run = Run(start, "central", "central", on="workflow_run")
    result = run()
    assert result.exit_code == 0
    assert "visibility_timeout_seconds" in result.comments[0]
    assert result.to("cloud") == []
    assert len(run(workflow_id="61000002").comments) == 2, "one comment for each workflow"


def test_ask_answers_on_the_pull_request_that_was_named(start: Start) -> None:
    run = Run(start, "ask", "ask", on="workflow_dispatch")
    result = run(pr_number="7")
    assert result.exit_code == 0
    assert "chooses the suffix once" in result.comments[0]
    assert "chooses the suffix once" in result.outputs["answer"]


def test_neo_looks_into_a_failed_deployment(start: Start) -> None:
    result = Run(start, "neo-task", "neo-answer", on="push")()
    assert result.exit_code == 0
    assert result.outputs["task-status"] == "finished"
    assert "bucketPrefix" in result.comments[0]
    (created,) = [r for r in result.to("cloud") if r.line == "POST /api/preview/agents/acme/tasks"]
    assert created.json["permissionMode"] == "read-only"
    assert created.json["approvalMode"] == "manual"


def test_an_agent_account_is_made_and_its_tokens_are_kept_for_the_next_steps(start: Start) -> None:
    run = Run(start, "account-signup", "account-signup", on="push")
    result = run()
    assert result.exit_code == 0
    (agent,) = run.job.world.extensions["accounts"].agents
    (job,) = run.workflow["jobs"].values()
    keep, deploy = (step for step in job["steps"] if "run" in step)
    outputs = {f"steps.agent.outputs.{name}": value for name, value in result.outputs.items()}
    path = resolve({"file": keep["env"]["CLAIM_FILE"]}, outputs)["file"]
    assert (result.machine.temp / path).read_text("utf-8") == agent.claim_token
    read = deploy["run"].partition("pulumi stack")[0] + 'printf %s "$PULUMI_ACCESS_TOKEN"'
    env = resolve(deploy["env"], outputs) | {"RUNNER_TEMP": str(result.machine.temp)}
    said = subprocess.run(
        ["bash", "-e", "-c", read],
        env={"PATH": "/usr/bin:/bin", **env},
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    ).stdout
    assert said == agent.access_token


def test_an_agent_account_is_claimed_from_the_actions_tab(start: Start) -> None:
    run = Run(start, "account-claim", "account-claim", on="workflow_dispatch")
    renames = '{"shop/prod": "prod-of-agent"}'
    given = {"inputs.operation": "preview-claim", "inputs.renames": renames}
    preview = run(more=given)
    assert (preview.exit_code, preview.outputs["claim-state"]) == (0, "ready")
    (word,) = re.findall(r"`confirm: (\S+)`", preview.summary)
    waiting = run(more=given | {"inputs.operation": "claim"})
    assert (waiting.exit_code, waiting.outputs["claim-state"]) == (0, "ready")
    result = run(more=given | {"inputs.operation": "claim", "inputs.confirm": word})
    assert (result.exit_code, result.outputs["claim-state"]) == (0, "done")
    assert result.to("github") == []


def test_drift_opens_an_issue_and_tells_slack(start: Start) -> None:
    result = Run(start, "drift", "nightly", on="schedule")()
    assert result.exit_code == 0
    (issue,) = result.issues
    assert "Drift in 1 resource" in issue.body
    assert "api-ingress" in issue.body
    (message,) = result.messages
    assert "Drift in 1 resource" in message.body["text"]
    assert result.comments == ()


def test_self_hosted_names_its_own_console(start: Start) -> None:
    run = Run(start, "self-hosted", "failed-preview")
    github, env = run.job.world.github_url, run.steps[0][1]["env"]
    workspace = "/github/workspace/"
    assert {value.removeprefix(workspace) for value in env.values()} == {"ci/authorities.pem"}
    authorities = Path(certifi.where())
    result = run(
        env={
            **dict.fromkeys(env, str(authorities)),
            "GITHUB_API_URL": f"{github}/api/v3",
            "GITHUB_GRAPHQL_URL": f"{github}/api/graphql",
            "GITHUB_SERVER_URL": "https://github.acme.example",
        }
    )
    assert result.exit_code == 0
    assert result.outputs["update-url"].startswith("https://pulumi.acme.example/acme/web/dev/")
    assert "https://pulumi.acme.example/acme/web/dev/" in result.comments[0]
    assert "app.pulumi.com" not in result.comments[0]
    assert result.outputs["backend-used"] == "local"


def test_template_replaces_blocks_of_the_comment(start: Start) -> None:
    run = Run(start, "template", "failed-preview")
    template = (FOLDER / "comment.md.j2").read_bytes()
    plain = Run(start, "preview", "failed-preview")()
    result = run(files={".trusted/examples/comment.md.j2": template})
    assert result.exit_code == 0
    assert result.warnings == plain.warnings
    assert result.comments != plain.comments
    assert "queue.arn.split is not a function" in result.comments[0]


def test_outputs_reach_the_job_that_reports(start: Start) -> None:
    run = Run(start, "outputs", "failed-update", on="push")
    result = run()
    assert result.exit_code == 0
    jobs = run.workflow["jobs"]
    told = resolve(
        jobs["up"]["outputs"], {f"steps.upshot.outputs.{k}": v for k, v in result.outputs.items()}
    )
    assert told["verdict"] == "failed"
    (step,) = jobs["tell"]["steps"]
    env = resolve(step["env"], {f"needs.up.outputs.{k}": v for k, v in told.items()})
    said = subprocess.run(
        ["bash", "-e", "-c", step["run"]], env=env, check=True, text=True, stdout=subprocess.PIPE
    ).stdout
    assert said == (
        "prod failed (permission-denied): 4 resources, "
        "https://app.pulumi.com/acme/web/prod/updates/41\n"
    )


def test_code_scanning_writes_alerts_and_test_results(start: Start) -> None:
    run = Run(start, "code-scanning", "policy-violation")
    result = run()
    assert result.exit_code == 0
    files = files_below(result.machine.temp)
    (alerts,) = json.loads(files["pulumi.sarif"])["runs"]
    assert {one["ruleId"].split("/")[0] for one in alerts["results"]} >= {"policy"}
    suites = ET.fromstring(files["pulumi.xml"])
    assert int(suites.attrib["failures"]) > 0
    assert suites[0].attrib["name"] in result.summary


@pytest.mark.parametrize(
    ("scenario", "is_risky"), [("replaces-database", True), ("no-changes", False)]
)
def test_risk_gate_sends_a_risky_change_to_a_person(
    start: Start, scenario: str, *, is_risky: bool
) -> None:
    run = Run(start, "risk-gate", scenario, on="push")
    result = run()
    assert result.exit_code == 0
    listed = re.search(r"fromJSON\('(.+?)'\)", run.workflow["jobs"]["up"]["environment"])
    assert listed
    assert set(json.loads(listed[1])) == NOT_RISKY
    assert (result.outputs["risk-level"] not in NOT_RISKY) is is_risky


def test_risk_gate_lets_nothing_through_without_evidence(start: Start) -> None:
    run = Run(start, "risk-gate", "no-changes", on="push")
    run.job.world.cloud.updates.clear()
    result = run()
    assert result.exit_code == 1


def test_the_readmes_quick_start_works_as_it_is_pasted(start: Start) -> None:
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    workflow = yaml.safe_load(readme.split("```yaml\n", 1)[1].split("```", 1)[0])
    (job,) = workflow["jobs"].values()
    assert job["env"] == {"PULUMI_ACCESS_TOKEN": "${{ secrets.PULUMI_ACCESS_TOKEN }}"}
    scenario = load_scenario("failed-preview")
    cloud = replace(scenario.cloud, organization="acme", project="web", stack="dev")
    world = start(replace(scenario, cloud=cloud, inputs={}, files={}))
    token = world.world.cloud.workflow_token
    (step,) = [step for step in job["steps"] if step["uses"].startswith(OURS)]
    given = {"pulumi-access-token": ""} | resolve(step["with"], {})
    result = world.run(inputs=given, env={"PULUMI_ACCESS_TOKEN": token})
    assert result.exit_code == 0
    assert result.outputs["backend-used"] == "copilot"
    assert "queue.arn.split is not a function" in result.comments[0]


def test_fleet_selects_and_explains(start: Start) -> None:
    run = Run(start, "fleet", "fleet", on="schedule")
    selected = run()
    legs = json.loads(selected.outputs["matrix"])["include"]
    assert sum(leg["count"] for leg in legs) == int(selected.outputs["fleet-count"]) > 4
    result = run(1, more={"matrix.stacks": legs[0]["stacks"]})
    assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
    kept = files_below(result.machine.temp / "upshot")
    assert [name for name in kept if name.endswith("report.json")]
    joined = run(2, files={f"{TEMP}/reports/{name}": body for name, body in kept.items()})
    assert joined.outputs["verdict"] == "failed"
    assert legs[0]["stacks"].split()[0] in joined.summary
    (issue,) = joined.issues
    assert legs[0]["stacks"].split()[0].rpartition("/")[2] in issue.body
    (message,) = joined.messages
    assert "failed" in message.body["text"]


def test_ask_from_slack_answers_in_the_channel(start: Start) -> None:
    run = Run(start, "ask-from-slack", "teams", on="repository_dispatch")
    (message,) = run().messages
    assert message.to == "slack"
    assert "was resized in place" in json.dumps(message.body)


def test_deployment_explains_the_one_that_a_webhook_sent_on(start: Start) -> None:
    result = Run(start, "deployment", "deployment-failed")()
    assert (result.exit_code, result.outputs["verdict"]) == (0, "failed")
    assert "in its step `Install dependencies`" in result.summary.replace("'", "`")


def test_gate_comment(start: Start) -> None:
    run = Run(start, "gate-comment", "gate-waiting")
    github = run.job.world.github
    asked = run(0)
    assert (asked.exit_code, asked.outputs["approval-state"]) == (0, "waiting")
    assert github.statuses[-1].state == "pending"
    words = f"/upshot approve {asked.outputs['approval-request-id']}"
    world = run.job.world
    event = EventPlan(name="issue_comment", actor="tomas-b", comment=words)
    world.scenario = replace(world.scenario, event=event)
    deployed = run(1)
    assert (deployed.exit_code, deployed.outputs["approved"]) == (0, "true")
    assert deployed.outputs["approved-sha"] == github.head_sha
    assert github.statuses[-1].state == "success"


def test_gate_status(start: Start) -> None:
    run = Run(start, "gate-status", "gate-waiting", on="pull_request_target")
    github = run.job.world.github
    asked = run()
    assert (asked.exit_code, asked.outputs["approval-state"]) == (0, "waiting")
    for login in ("tomas-b", "ines-k"):
        assert github.statuses[-1].state == "pending"
        words = f"/upshot approve {asked.outputs['approval-request-id']}"
        github.add(github.user(login), words)
        run()
    assert github.statuses[-1].state == "success"
    assert github.statuses[-1].context == "deploy/approved"


def test_gate_review(start: Start) -> None:
    run = Run(start, "gate-review", "gate-waiting", on="push")
    world = run.job.world
    assert run().exit_code == 1
    world.github_history.review("tomas-b", "APPROVED")
    result = run()
    assert (result.exit_code, result.outputs["approved-by"]) == (0, "tomas-b")


def test_gate_environment(start: Start) -> None:
    run = Run(start, "gate-environment", "gate-waiting")
    world = run.job.world
    assert run(1).exit_code == 1
    made = EnvironmentReview(world.github.user("ines-k"), "approved", "production")
    world.github_history.environment_reviews.append(made)
    result = run(1)
    assert (result.exit_code, result.outputs["approved-by"]) == (0, "ines-k")
    assert run(0).exit_code == 1  # no preview was made here, and `strict` says so


def test_chat_answers_a_person_who_may_write(start: Start) -> None:
    run = Run(start, "chat", "ask", on="issue_comment")
    result = run.comment("tomas-b", "/upshot ask Would the random suffix change?")
    assert result.exit_code == 0
    assert "Pulumi chooses the suffix once" in result.comments[-1]
    assert run.comment("ines-k", "/upshot ask Why?").outputs["reason-code"] == "not-allowed"


def test_neo_is_given_a_task_and_approved_by_comments_of_an_administrator(start: Start) -> None:
    run = Run(start, "neo-approval", "neo-approval", on="issue_comment")
    waiting = run.comment("ada-admin", "/upshot task Let Pulumi choose the name.")
    assert waiting.outputs["task-status"] == "awaiting-approval"
    asked = waiting.outputs["approval-request-id"]
    assert f"/upshot approve {asked}" in waiting.comments[-1]
    refused = run.comment("tomas-b", f"/upshot approve {asked}")
    assert refused.outputs["reason-code"] == "not-allowed"
    assert run.comment("ada-admin", f"/upshot approve {asked}").outputs["task-status"] == "finished"


def test_powabase_file_changes_the_file_in_the_repository(start: Start) -> None:
    run = Run(start, "powabase-file", "powabase-diff", on="workflow_dispatch")
    result = run(pr_number="7")
    assert (result.exit_code, result.outputs["apply-state"]) == (0, "applied")
    text = (result.machine.workspace / "workflows/support.json").read_text("utf-8")
    assert "name your sources" in text
    assert "Commit `workflows/support.json` to keep it." in result.comments[0]


def test_powabase_nightly_answers_in_the_summary(start: Start) -> None:
    result = Run(start, "powabase-nightly", "powabase-dangerous", on="schedule")()
    assert (result.exit_code, result.comments) == (0, ())
    assert "I removed the old orders." in result.summary


def test_powabase_approve_puts_the_change_in_the_second_run(start: Start) -> None:
    run = Run(start, "powabase-approve", "powabase-apply", on="workflow_dispatch")
    state = run.job.world.github
    state.permissions["sam-okafor"] = "write"
    first = run(pr_number="7")
    assert (first.exit_code, first.outputs["apply-state"]) == (0, "waiting")
    command = f"/upshot approve {first.outputs['approval-request-id']}"
    state.add(state.user("sam-okafor"), command)
    assert run(pr_number="7").outputs["apply-state"] == "applied"


def test_powabase_chat_puts_an_approved_change_and_undoes_it(start: Start) -> None:
    run = Run(start, "powabase-chat", "powabase-apply", on="issue_comment")
    asking = Run(start, "powabase-approve", "powabase-apply", on="workflow_dispatch")
    asking.job = run.job
    run.job.world.scenario = replace(
        run.job.world.scenario, event=EventPlan(name="workflow_dispatch")
    )
    waiting = asking(pr_number="7").outputs["approval-request-id"]
    approved = run.comment("tomas-b", f"/upshot approve {waiting}")
    assert (approved.exit_code, approved.outputs["apply-state"]) == (0, "applied")
    undone = run.comment("tomas-b", "/upshot undo")
    assert (undone.exit_code, undone.outputs["apply-state"]) == (0, "applied")
    assert "has the state before the newest change again" in undone.comments[-1]
