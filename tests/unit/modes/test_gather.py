"""Evidence: which sources are read, in which order, and what is said when they are missing."""

from __future__ import annotations

import httpx
import pytest
from tests.stage import Stage

from upshot.job import Job
from upshot.model import Outcome, ReasonCode, StackRef
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


def test_an_event_log_that_tells_the_end_leaves_nothing_to_ask_pulumi_cloud(stage: Stage) -> None:
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


def test_every_place_is_told_when_nothing_matches(stage: Stage) -> None:
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


def test_the_stack_that_the_inputs_name_wins_over_another_ones_link_in_the_log(
    stage: Stage,
) -> None:
    log = stage.write("pulumi.log", FAILED_LOG)
    named = gather(stage.job(log_file=log, stack_name="acme/web/dev"))
    assert named.subject is None
    assert named.stack == StackRef("acme", "web", "dev")
