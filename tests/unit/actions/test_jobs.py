"""The jobs of a run: what is read of GitHub's answer, and which jobs a name means."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upshot.actions.jobs import RunJob, Step, find_jobs, list_jobs, parse_job
from upshot.actions.service import github_actions
from upshot.errors import ServiceForbidden
from upshot.http.client import ServiceClient
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

JOB = {
    "id": 54_000_000_001,
    "name": "deploy (dev)",
    "status": "completed",
    "conclusion": "failure",
    "run_attempt": 2,
    "completed_at": "2026-01-01T00:01:00Z",
    "steps": [
        {
            "name": "Run pulumi/actions@v6",
            "status": "completed",
            "conclusion": "failure",
            "number": 2,
            "started_at": "2026-01-01T00:00:02Z",
            "completed_at": "2026-01-01T00:00:08.500Z",
        }
    ],
}


def client(answer: httpx.MockTransport) -> ServiceClient:
    clock = SystemClock()
    return ServiceClient(
        "https://api.github.com",
        Secret("ghs_0123456789"),
        service=github_actions(),
        clock=clock,
        deadline=Deadline.after(clock, 60),
        http=answer,
    )


def test_a_job_with_its_steps_and_times() -> None:
    job = parse_job(JOB)
    assert job == RunJob(
        54_000_000_001,
        "deploy (dev)",
        status="completed",
        conclusion="failure",
        attempt=2,
        ended_at=1_767_225_660.0,
        steps=(Step("Run pulumi/actions@v6", "failure", 1_767_225_602.0, 1_767_225_608.5),),
    )
    assert job.has_ended
    assert job.has_log
    assert job.names_pulumi


@pytest.mark.parametrize("change", [{"conclusion": "skipped"}, {"steps": []}, {"status": "queued"}])
def test_a_job_that_never_ran_has_no_log(change: dict[str, object]) -> None:
    job = parse_job(JOB | change)
    assert job is not None
    assert not job.has_log


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(JOB)), inner),
    max_leaves=20,
)


@given(record=json)
def test_whatever_github_sends_is_a_job_or_none(record: object) -> None:
    job = parse_job(record)
    assert job is None or job.name.isprintable()


def test_a_hostile_name_is_one_short_line() -> None:
    job = parse_job(JOB | {"name": "x\n::error::y\x1b[31m" + "z" * 5_000})
    assert job is not None
    assert job.name.startswith("x::error::y[31mzzz")
    assert len(job.name) <= 300


def named(*names: str) -> tuple[RunJob, ...]:
    return tuple(RunJob(number, name) for number, name in enumerate(names, start=1))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("deploy", ["deploy"]),
        ("preview", ["preview (dev)", "preview (prod, eu)"]),
        ("preview (dev)", ["preview (dev)"]),
        ("release", ["release / up", "release / up (dev)"]),
        ("release / up", ["release / up"]),
        ("Deploy", []),
        ("dep", []),
        ("", []),
    ],
)
def test_a_name_means_the_whole_name_else_a_matrix_else_a_called_workflow(
    name: str, found: list[str]
) -> None:
    jobs = named(
        "deploy",
        "deploy (dev)",
        "preview (dev)",
        "preview (prod, eu)",
        "release / up",
        "release / up (dev)",
    )
    assert [job.name for job in find_jobs(jobs, name)] == found


def test_all_pages_are_read_and_the_attempt_is_named() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        assert request.headers["authorization"] == "Bearer ghs_0123456789"
        page = int(request.url.params["page"])
        jobs = [JOB | {"id": page * 1_000 + number} for number in range(100 if page == 1 else 3)]
        return httpx.Response(200, json={"total_count": 103, "jobs": jobs})

    with client(httpx.MockTransport(answer)) as api:
        jobs = list_jobs(api, "/api/v3", "acme/web", "77", "2")
    assert len(jobs) == 103
    assert seen[0] == (
        "https://api.github.com/api/v3/repos/acme/web/actions/runs/77/attempts/2/jobs"
        "?per_page=100&page=1"
    )


def test_a_run_without_end_is_read_to_a_bound() -> None:
    pages: list[int] = []

    def endless(request: httpx.Request) -> httpx.Response:
        pages.append(int(request.url.params["page"]))
        return httpx.Response(200, json={"jobs": [JOB] * 100})

    with client(httpx.MockTransport(endless)) as api:
        assert len(list_jobs(api, "", "acme/web", "77", "1")) == 1_000
    assert pages == list(range(1, 11))


def test_a_missing_permission_says_what_to_paste() -> None:
    def refused(_: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"message": "Resource not accessible by integration"})

    with client(httpx.MockTransport(refused)) as api, pytest.raises(ServiceForbidden) as caught:
        list_jobs(api, "", "acme/web", "77", "1")
    assert "permissions:\n  actions: read" in caught.value.hint
    assert caught.value.anchor == "job-logs"


def test_a_rate_limit_is_not_taken_for_a_missing_permission() -> None:
    def limited(_: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"message": "API rate limit exceeded for installation"})

    with client(httpx.MockTransport(limited)) as api, pytest.raises(ServiceForbidden) as caught:
        list_jobs(api, "", "acme/web", "77", "1")
    assert "permissions" not in caught.value.hint
    assert caught.value.hint.startswith("No action needed")
