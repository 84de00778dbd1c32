"""`log-from`, as the runner would start it: GitHub, its redirect, and a log store on another origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from upshot_sandbox.events import build_payload
from upshot_sandbox.scenario import GitHubPlan, JobPlan, JobStepPlan, load_scenario

if TYPE_CHECKING:
    from tests.process.conftest import Play, Start

JOBS = "GET /repos/acme/shop/actions/runs/19283746501/attempts/1/jobs"


def plan(*jobs: JobPlan) -> GitHubPlan:
    return replace(load_scenario("job-log").github, jobs=jobs)


def test_each_job_of_a_matrix_has_a_section(play: Play) -> None:
    result = play("job-log")
    (comment,) = result.comments
    assert "Update failed for 1 of 2 stacks" in comment
    assert "acme/shop/prod" in comment
    assert result.outputs["verdict"] == "failed"
    assert result.outputs["to-create"] == "1"
    assert "this is what a failing test expects" not in comment
    assert "the page says error" not in comment


def test_t31_the_token_goes_to_github_and_to_no_log_store(play: Play) -> None:
    result = play("job-log")
    assert result.lines[0] == JOBS
    github, store = result.to("github"), result.to("logs")
    assert len(store) == 2
    assert all("authorization" in request.headers for request in github)
    for request in store:
        assert "authorization" not in request.headers
        assert "ghs_" not in repr(request.headers)


def test_t34_the_signed_address_is_nowhere(start: Start) -> None:
    job = start("job-log")
    job.world.github.plan = plan()
    lost = tuple(replace(each, log="expired") for each in load_scenario("job-log").github.jobs)
    job = start("job-log", github=plan(*lost))
    result = job.run()
    shown = [result.log, result.summary, *result.comments, *result.outputs.values()]
    assert not any("sig=" in text or "actions-results" in text for text in shown)
    assert result.exit_code == 0
    assert any("deleted or has expired" in warning for warning in result.warnings)


def test_the_central_workflow_shows_the_run_that_it_is_about(play: Play) -> None:
    result = play("central")
    (comment,) = result.comments
    assert "actions/runs/19283700001" in comment
    assert "actions/runs/19283746501" not in comment
    assert "3 problems" not in comment


def test_a_central_workflow_says_nothing_of_a_run_without_pulumi(start: Start) -> None:
    lint = JobPlan("lint", conclusion="failure", steps=(JobStepPlan("npm run lint", output="no"),))
    result = start("central", github=plan(lint)).run()
    assert result.exit_code == 0
    assert result.comments == ()
    assert result.warnings == []
    assert result.outputs["reason-code"] == "no-subject"


def test_t36_a_fork_cannot_point_at_a_stack_of_ours(start: Start) -> None:
    """Its log names an update that only our Pulumi token may see; nothing of it is asked for."""
    central = load_scenario("central")
    github = replace(central.github, fork=True, author="eve")
    cloud = replace(central.cloud, token="valid")
    inputs = {"log-from": "run"}
    result = start("central", github=github, cloud=cloud, inputs=inputs).run()
    assert result.to("cloud") == []
    assert result.outputs["update-url"] == ""
    assert "visibility_timeout_seconds" in result.comments[0]


def test_a_missing_permission_says_what_to_paste_and_is_green(start: Start) -> None:
    job = start("job-log")
    job.world.github.tokens[job.world.github.workflow_token].permissions.pop("actions")
    result = job.run()
    assert result.exit_code == 0
    (warning,) = result.warnings
    assert "actions: read" in warning
    assert "#job-logs" in warning
    assert result.outputs["reason-code"] == "no-subject"


def test_strict_makes_a_log_that_cannot_be_read_red(start: Start) -> None:
    running = JobPlan("deploy", status="in_progress")
    result = start("job-log", github=plan(running)).run(inputs={"strict": "true"})
    assert result.exit_code == 1
    assert "needs: [ID]" in result.warnings[0]


def test_the_log_is_found_on_github_enterprise_server(start: Start) -> None:
    job = start("job-log")
    url = job.world.github_url
    env = {"GITHUB_API_URL": f"{url}/api/v3", "GITHUB_GRAPHQL_URL": f"{url}/api/graphql"}
    result = job.run(env=env)
    assert result.lines[0] == JOBS.replace("/repos", "/api/v3/repos")
    assert "Update failed for 1 of 2 stacks" in result.comments[0]


def test_a_wrong_word_names_what_is_allowed_and_costs_no_report(start: Start) -> None:
    result = start("log-only").run(inputs={"log-from": "jobs:deploy"})
    assert result.exit_code == 1
    assert any("'job:' and the name of a job" in error for error in result.errors)
    assert len(result.comments) == 1


def test_a_later_attempt_of_the_other_run_is_asked_for(start: Start) -> None:
    job = start("central")
    payload = build_payload(job.world)
    payload["workflow_run"]["run_attempt"] = 4
    result = job.run(event=payload)
    assert result.lines[0].endswith("/runs/19283700001/attempts/4/jobs")
    assert "did not run again in attempt 4" in result.comments[0]


def test_a_path_of_a_job_in_a_container_is_understood(start: Start) -> None:
    result = start("log-only").run(inputs={"log-file": "/__w/shop/shop/pulumi.log"})
    assert result.exit_code == 0
    assert "BucketAlreadyExists" in result.comments[0]
