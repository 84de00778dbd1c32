"""Evidence: which sources are read, in which order, and what is said when they are missing."""

from __future__ import annotations

import httpx
import pytest
from tests.stage import Answer, Stage

from upshot.job import Job
from upshot.model import Outcome, ReasonCode, StackRef
from upshot.modes.shared.files import find_project
from upshot.modes.shared.gather import Case, gather_evidence
from upshot.modes.shared.token import Access, connect_cloud
from upshot.secret import Secret

TOKEN = Secret("pul-" + "a" * 40)
FAILED_LOG = """\
Updating (prod)

View Live: https://app.pulumi.com/acme/web/prod/updates/41

 +  aws:s3:Bucket assets creating (0s)
 +  aws:s3:Bucket assets **creating failed** error: creating S3 Bucket (assets): BucketAlreadyExists
Diagnostics:
  aws:s3:Bucket (assets):
    error: creating S3 Bucket (assets): BucketAlreadyExists: The name is taken.

Resources:
    3 unchanged

Duration: 3s
"""
ENDED = (
    '{"timestamp":1,"summaryEvent":{"durationSeconds":4,"resourceChanges":{"same":7},'
    '"result":"succeeded"}}\n'
)


def gather(job: Job, *, with_token: bool = False) -> Case:
    cloud = connect_cloud(job, Access(TOKEN)) if with_token else None
    [case] = gather_evidence(job, cloud, is_expected=True)
    return case


def never(request: httpx.Request) -> httpx.Response:
    pytest.fail(f"asked {request.url}")


def test_a_log_alone_names_the_update_and_what_failed(stage: Stage) -> None:
    log = stage.write("pulumi.log", FAILED_LOG)
    case = gather(stage.job(log_file=log))
    assert case.subject is not None
    assert case.subject.version == 41
    assert case.stack == StackRef("acme", "web", "prod")
    assert case.organization == "acme"
    assert case.facts.outcome is Outcome.FAILED
    assert case.facts.sources == ("log-file",)


def test_an_event_log_that_gives_the_end_leaves_nothing_to_ask_pulumi_cloud(stage: Stage) -> None:
    events = stage.write("events.json", ENDED)
    url = "https://app.pulumi.com/acme/web/prod/updates/41"
    job = stage.job(never, events_file=events, update_url=url)
    case = gather(job, with_token=True)
    assert case.facts.outcome is Outcome.SUCCEEDED
    assert case.facts.sources == ("events-file",)


def test_a_missing_evidence_file_is_a_warning_and_the_next_source_is_read(stage: Stage) -> None:
    log = stage.write("pulumi.log", FAILED_LOG)
    job = stage.job(events_file="never-written.json", log_file=log)
    case = gather(job)
    assert case.facts.sources == ("log-file",)
    assert job.warnings.is_degraded
    assert "'events-file' is not there" in job.warnings.notices[0]
    assert "::warning" in stage.out.getvalue()


def test_an_empty_log_is_as_good_as_none(stage: Stage) -> None:
    job = stage.job(log_file=stage.write("pulumi.log", ""))
    case = gather(job)
    assert case.facts.sources == ()
    assert "is empty" in job.warnings.notices[0]


def test_the_steps_outcome_counts_where_no_evidence_does(stage: Stage) -> None:
    case = gather(stage.job(outcome="failure"))
    assert case.facts.outcome is Outcome.FAILED


def test_every_place_is_reported_when_nothing_matches(stage: Stage) -> None:
    def empty(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/updates/latest"):
            return httpx.Response(404, json={"code": 404, "message": "not found"})
        return httpx.Response(200, json={"updates": []})

    job = stage.job(empty, stack_name="acme/web/prod")
    case = gather(job, with_token=True)
    assert case.subject is None
    assert case.looked_at[0].startswith("inputs:")
    assert any("latest update of acme/web/prod" in place for place in case.looked_at)
    assert any("previews of acme/web/prod" in place for place in case.looked_at)
    assert job.warnings.codes == (ReasonCode.NO_SUBJECT,), "which `strict` makes red"


@pytest.mark.parametrize("log", [FAILED_LOG, FAILED_LOG.replace("View Live: ", "")])
def test_no_place_is_reported_where_the_update_or_its_log_was_found(stage: Stage, log: str) -> None:
    nothing = httpx.Response(404, json={"code": 404, "message": "not found"})
    job = stage.job(
        lambda _: nothing, stack_name="acme/web/prod", log_file=stage.write("pulumi.log", log)
    )
    case = gather(job, with_token=True)
    assert case.facts.outcome is Outcome.FAILED
    assert case.looked_at == ()


def test_a_refused_token_is_noted_so_that_no_ai_is_asked_with_it(stage: Stage) -> None:
    def refused(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"code": 401, "message": "Unauthorized"})

    job = stage.job(refused, stack_name="acme/web/prod")
    case = gather(job, with_token=True)
    assert case.is_refused
    assert job.warnings.codes == (ReasonCode.PULUMI_UNAVAILABLE,)


def test_an_outage_leaves_the_facts_of_the_log(stage: Stage) -> None:
    def down(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, text="down")

    job = stage.job(down, log_file=stage.write("pulumi.log", FAILED_LOG))
    case = gather(job, with_token=True)
    assert case.facts.outcome is Outcome.FAILED
    assert case.facts.sources == ("log-file",)
    assert job.warnings.codes == (ReasonCode.PULUMI_UNAVAILABLE,)


def test_t09_secrets_are_taken_out_of_the_facts_where_they_come_in(stage: Stage) -> None:
    leaked = "pul-" + "0123456789abcdef" * 2 + "01234567"
    log = stage.write("pulumi.log", FAILED_LOG.replace("The name is taken.", f"used {leaked}"))
    case = gather(stage.job(log_file=log))
    assert leaked not in repr(case.facts)
    assert "[redacted]" in repr(case.facts)


def test_a_stack_name_that_the_evidence_contradicts_is_said_and_the_report_goes_out(
    stage: Stage,
) -> None:
    log = stage.write("pulumi.log", FAILED_LOG)
    named = gather(stage.job(log_file=log, stack_name="acme/web/dev"))
    assert named.subject is None
    assert named.stack == StackRef("acme", "web", "dev")
    assert named.facts.outcome is Outcome.FAILED
    assert named.facts.stack == StackRef("acme", "web", "prod")
    assert "about the stack acme/web/prod, and 'stack-name' means acme/web/dev" in named.notices[0]


SELF_MANAGED = FAILED_LOG.replace(
    "View Live: https://app.pulumi.com/acme/web/prod/updates/41\n\n",
    "     pulumi:pulumi:Stack web-prod **failed** 1 error\n",
)


@pytest.mark.parametrize(
    ("name", "log", "stack"),
    [
        (name, FAILED_LOG, "acme/web/prod")
        for name in ("", "prod", "acme/prod", "web/prod", "acme/web/prod")
    ]
    + [
        (name, SELF_MANAGED, "web/prod")
        for name in ("", "prod", "web/prod", "organization/web/prod")
    ]
    + [("acme/prod", SELF_MANAGED, "acme/web/prod"), ("acme/prod", "", "acme/shop/prod")],
)
def test_every_form_of_a_name_is_settled_by_the_evidence_and_pulumi_yaml(
    stage: Stage, name: str, log: str, stack: str
) -> None:
    stage.write("Pulumi.yaml", "name: shop\nruntime: yaml\n")
    log_file = stage.write("pulumi.log", log) if log else ""
    case = gather(stage.job(log_file=log_file, stack_name=name))
    assert str(case.stack) == stack
    assert case.notices == ()


@pytest.mark.parametrize(
    ("text", "project"),
    [
        ("name: shop\n", "shop"),
        ("runtime: yaml\nname: 'shop'  # ours\n", "shop"),
        ('{"name": "shop", "runtime": "yaml"}', "shop"),
        ("description: x\nconfig:\n  aws:name: other\n", ""),
        ("name: ${evil}\n", ""),
        ("name: a b\n", ""),
        ("\0" * 100, ""),
    ],
)
def test_the_project_is_read_from_pulumi_yaml(stage: Stage, text: str, project: str) -> None:
    stage.write("Pulumi.yaml", text)
    assert find_project(stage.job()) == project


def test_t37_a_pulumi_yaml_that_leads_out_of_the_workspace_is_not_read(stage: Stage) -> None:
    outside = stage.folder.parent / "outside.yaml"
    outside.write_text("name: stolen\n", encoding="utf-8")
    (stage.folder / "Pulumi.yaml").symlink_to(outside)
    assert find_project(stage.job()) == ""


def serving_stacks(*names: str) -> Answer:
    """A Pulumi Cloud that lists stacks and has no update."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/user/stacks":
            keys = ("orgName", "projectName", "stackName")
            stacks = [dict(zip(keys, name.split("/"), strict=True)) for name in names]
            return httpx.Response(200, json={"stacks": stacks, "continuationToken": None})
        if request.url.path.endswith("/updates/latest"):
            return httpx.Response(404, json={"code": 404, "message": "not found"})
        return httpx.Response(200, json={"updates": []})

    return answer


def test_what_is_still_missing_comes_from_pulumi_cloud(stage: Stage) -> None:
    job = stage.job(serving_stacks("acme/web/prod", "acme/web/dev"), stack_name="dev")
    assert str(gather(job, with_token=True).stack) == "acme/web/dev"


def test_a_name_that_several_stacks_have_is_not_guessed(stage: Stage) -> None:
    job = stage.job(serving_stacks("acme/web/dev", "acme/api/dev"), stack_name="dev")
    case = gather(job, with_token=True)
    assert case.subject is None
    assert "several stacks are called dev (acme/web/dev, acme/api/dev)" in case.looked_at[-1]


def serving_update(**environment: str) -> Answer:
    """A Pulumi Cloud whose newest update began at 1,000 s and failed."""
    info = {
        "kind": "update",
        "result": "failed",
        "startTime": 1_000,
        "endTime": 1_010,
        "environment": environment,
    }
    record = {"info": info, "updateID": "0b4cf1a7-4c3e-4a49-8d43-9a8f2f1f0f11", "version": 41}

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/updates/latest"):
            return httpx.Response(200, json=record)
        if path.endswith(("/previews", "/updates")):
            return httpx.Response(200, json={"updates": []})
        return httpx.Response(404, json={"code": 404, "message": "not found"})

    return answer


@pytest.mark.parametrize(
    ("began", "is_ours"), [(None, True), (900.0, True), (2_000.0, False)], ids=str
)
def test_an_update_counts_only_if_this_attempt_made_it(
    stage: Stage,
    began: float | None,
    is_ours: bool,  # noqa: FBT001 - a table
) -> None:
    answer = serving_update(**{"ci.build.id": "77"})
    job = stage.job(answer, stack_name="acme/web/prod", outcome="failure")
    cloud = connect_cloud(job, Access(TOKEN))
    [case] = gather_evidence(job, cloud, is_expected=True, attempt_start=lambda: began)
    assert case.facts.outcome is Outcome.FAILED, "the step's own outcome"
    assert (case.subject is not None) is is_ours
    if not is_ours:
        assert case.facts.sources == ()
        assert case.notices[0].startswith(
            "The newest update 41 of acme/web/prod (1970-01-01 00:16 UTC) was made before this "
        )


@pytest.mark.parametrize("outcome", ["failure", "cancelled", "skipped"])
def test_another_runs_update_of_the_commit_is_no_result_of_a_step_that_failed(
    stage: Stage, outcome: str
) -> None:
    answer = serving_update(**{"ci.build.id": "76", "git.head": "a" * 40})
    job = stage.job(answer, stack_name="acme/web/prod", outcome=outcome)
    case = gather(job, with_token=True)
    assert case.subject is None
    assert "is not reported as a result of it" in case.notices[0]


def test_two_stacks_in_one_log_are_two_cases_and_the_named_one_is_picked(stage: Stage) -> None:
    other = FAILED_LOG.replace("/prod/", "/dev/").replace("(prod)", "(dev)")
    log = stage.write("pulumi.log", FAILED_LOG + other)
    both = gather_evidence(stage.job(log_file=log), None, is_expected=True)
    assert [str(case.stack) for case in both] == ["acme/web/prod", "acme/web/dev"]
    one = gather_evidence(stage.job(log_file=log, stack_name="dev"), None, is_expected=True)
    assert [str(case.stack) for case in one] == ["acme/web/dev"]


def test_the_log_itself_may_be_an_input(stage: Stage) -> None:
    case = gather(stage.job(log=FAILED_LOG))
    assert (case.facts.outcome, case.facts.sources) == (Outcome.FAILED, ("log",))
