"""`log-from`: which jobs are read, what their end means, and what is said when one cannot be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from tests.stage import Stage
from tests.unit.evidence.test_job_log import BEFORE, GOOD, NOISY, UP, stamped

from upshot.actions.jobs import Step
from upshot.event import Event, read_event
from upshot.job import Job
from upshot.model import Facts, Outcome, ReasonCode, StackRef
from upshot.modes.explain import has_something_to_explain
from upshot.modes.joined.publish import name_sections
from upshot.modes.shared.gather import Case, gather_evidence
from upshot.modes.shared.job_logs import find_steps
from upshot.modes.shared.token import Access, connect_cloud
from upshot.secret import Secret

TOKEN = "ghs_0123456789abcdef"
STORE = "https://store.example"
START = 1_767_225_600
"""The first second of `stamped`."""


def step(name: str, conclusion: str, first: int, last: int) -> dict[str, Any]:
    def at(second: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + second))

    return {
        "name": name,
        "status": "completed",
        "conclusion": conclusion,
        "started_at": at(first),
        "completed_at": at(last),
    }


def job_of(name: str, conclusion: str | None = "success", **more: Any) -> dict[str, Any]:
    whole = [step("Run pulumi up", conclusion or "", 0, 3_000)]
    return {"name": name, "status": "completed", "conclusion": conclusion, "steps": whole} | more


class GitHub:
    """The jobs of a run with their logs; a number instead of a log is a status."""

    def __init__(self, *jobs: tuple[dict[str, Any], str | int]) -> None:
        self.jobs = [found | {"id": number} for number, (found, _) in enumerate(jobs, start=1)]
        self.logs = [log for _, log in jobs]
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.url.host == "store.example":
            assert "authorization" not in request.headers
            log = self.logs[int(path.strip("/")) - 1]
            assert isinstance(log, str)
            return httpx.Response(200, content=stamped(log))
        assert request.url.host == "api.github.com", f"asked {request.url}"
        self.asked.append(path)
        if path.endswith("/jobs"):
            return httpx.Response(200, json={"total_count": len(self.jobs), "jobs": self.jobs})
        number = path.split("/")[-2]
        log = self.logs[int(number) - 1]
        if isinstance(log, int):
            return httpx.Response(log, json={"message": "no"})
        return httpx.Response(302, headers={"location": f"{STORE}/{number}"})


def gather(
    stage: Stage,
    github: Callable[[httpx.Request], httpx.Response],
    log_from: str,
    *,
    event: Event | None = None,
    outcome: str = "",
    log_file: str = "",
) -> tuple[Job, tuple[Case, ...]]:
    job = stage.job(
        github,
        event=event,
        log_from=log_from,
        github_token=TOKEN,
        outcome=outcome,
        log_file=log_file,
    )
    assert has_something_to_explain(job)
    return job, gather_evidence(job, None, is_expected=True)


def stacks(cases: tuple[Case, ...]) -> list[tuple[str, Outcome]]:
    return [(str(case.stack or ""), case.facts.outcome) for case in cases]


def test_a_finished_job_is_evidence(stage: Stage) -> None:
    github = GitHub((job_of("test"), NOISY), (job_of("deploy", "failure"), BEFORE + UP))
    job, (case,) = gather(stage, github, "job:deploy")
    assert case.facts.outcome is Outcome.FAILED
    assert case.facts.sources == ("job-log",)
    assert case.stack == StackRef("acme", "web", "dev")
    assert case.subject is not None
    assert case.subject.version == 41
    assert github.asked == [
        "/repos/acme/web/actions/runs/77/attempts/1/jobs",
        "/repos/acme/web/actions/jobs/2/logs",
    ]
    assert not job.warnings.is_degraded


def test_the_jobs_of_a_matrix_are_sections(stage: Stage) -> None:
    github = GitHub(
        (job_of("deploy (dev)", "failure"), UP),
        (job_of("deploy (prod)"), GOOD.replace("dev", "prod")),
    )
    _, cases = gather(stage, github, "job:deploy")
    assert stacks(cases) == [
        ("acme/web/dev", Outcome.FAILED),
        ("web/prod", Outcome.SUCCEEDED),
    ]


def test_stacks_without_a_name_are_kept_apart_by_job(stage: Stage) -> None:
    nameless = "##[group]Run pulumi up\n##[endgroup]\nerror: no Pulumi.yaml project file found\n"
    github = GitHub(
        (job_of("deploy (a)", "failure"), nameless), (job_of("deploy (b)", "failure"), nameless)
    )
    _, cases = gather(stage, github, "job:deploy")
    assert name_sections(cases) == ("deploy (a)", "deploy (b)")


def test_two_jobs_with_a_stack_of_the_same_short_name_are_two_sections(stage: Stage) -> None:
    short = GOOD.replace("    pulumi:pulumi:Stack web-dev\n", "")
    github = GitHub((job_of("deploy (web)"), short), (job_of("deploy (api)"), short))
    _, cases = gather(stage, github, "job:deploy")
    assert name_sections(cases) == ("dev", "dev (deploy (api))")


def test_of_a_stack_that_two_jobs_ran_the_last_word_counts(stage: Stage) -> None:
    preview = GOOD.replace("Updating", "Previewing update")
    github = GitHub((job_of("preview"), preview), (job_of("up", "failure"), UP))
    _, (case,) = gather(stage, github, "run")
    assert stacks((case,)) == [("acme/web/dev", Outcome.FAILED)]


# -- the end of the step is the floor


def test_a_step_that_failed_is_no_success_whatever_its_log_says(stage: Stage) -> None:
    _, (case,) = gather(stage, GitHub((job_of("up", "failure"), GOOD)), "job:up")
    assert case.facts.outcome is Outcome.FAILED


def test_a_job_that_failed_after_its_update_leaves_the_update_a_success(stage: Stage) -> None:
    lines = len(GOOD.splitlines())
    steps = [step("Run pulumi up", "success", 0, lines), step("Run smoke", "failure", lines, 90)]
    deploy = job_of("up", "failure", steps=steps)
    _, (case,) = gather(stage, GitHub((deploy, GOOD + NOISY)), "job:up")
    assert case.facts.outcome is Outcome.SUCCEEDED
    assert case.facts.failures == ()


def test_a_better_source_does_not_outweigh_the_step_that_failed(stage: Stage) -> None:
    log = stage.write("pulumi.log", GOOD)
    github = GitHub((job_of("up", "failure"), GOOD))
    _, (case,) = gather(stage, github, "job:up", log_file=log)
    assert case.facts.sources == ("log-file", "job-log")
    assert case.facts.outcome is Outcome.FAILED


def test_an_outcome_that_is_given_comes_first(stage: Stage) -> None:
    github = GitHub((job_of("up", "failure"), GOOD))
    _, (case,) = gather(stage, github, "job:up", outcome="success")
    assert case.facts.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("conclusion", "outcome"),
    [
        ("failure", Outcome.FAILED),
        ("timed_out", Outcome.FAILED),
        ("cancelled", Outcome.CANCELLED),
        ("success", Outcome.UNKNOWN),
    ],
)
def test_a_job_that_ended_before_pulumi_spoke(
    stage: Stage, conclusion: str, outcome: Outcome
) -> None:
    log = "" if conclusion == "success" else BEFORE
    _, (case,) = gather(stage, GitHub((job_of("up", conclusion), log)), "job:up")
    expected = Outcome.SUCCEEDED if conclusion == "success" else outcome
    assert case.facts.outcome is expected


def test_steps_are_found_by_the_seconds_in_which_the_engine_spoke() -> None:
    steps = (
        Step("checkout", "success", 10.0, 12.0),
        Step("up", "success", 12.0, 20.0),
        Step("later", "skipped", 20.0, 20.0),
        Step("smoke", "failure", 20.0, 25.0),
    )
    assert find_steps(steps, (12.0, 15.0, 20.0)) == (steps[1],)
    assert find_steps(steps, (12.0,)) == steps[:2], "where nothing says more, both count"
    assert find_steps(steps, (99.0,)) == ()


# -- every job of the run


def test_of_a_whole_run_only_the_jobs_of_pulumi_are_sections(stage: Stage) -> None:
    lint = job_of("lint", "failure", steps=[step("Run npm run lint", "failure", 0, 99)])
    github = GitHub((lint, NOISY), (job_of("up"), GOOD))
    job, cases = gather(stage, github, "run")
    assert stacks(cases) == [("web/dev", Outcome.SUCCEEDED)]
    assert not job.warnings.notices


def test_a_job_of_pulumi_that_failed_before_it_is_a_section(stage: Stage) -> None:
    steps = [step("Run npm ci", "failure", 0, 99), step("Run pulumi up", "skipped", 99, 99)]
    github = GitHub((job_of("up", "failure", steps=steps), BEFORE))
    _, (case,) = gather(stage, github, "run")
    assert case.facts.outcome is Outcome.FAILED


def test_a_run_without_pulumi_is_no_fault(stage: Stage) -> None:
    github = GitHub((job_of("lint", steps=[step("Run lint", "success", 0, 99)]), NOISY))
    job, (case,) = gather(stage, github, "run")
    assert case.facts == Facts()
    assert not job.warnings.is_degraded
    assert "None of the run's jobs says anything about Pulumi" in stage.out.getvalue()


def test_a_run_with_very_many_jobs_is_read_to_a_bound(stage: Stage) -> None:
    plain = [
        (job_of(f"lint {n}", steps=[step("Run lint", "success", 0, 9)]), "") for n in range(70)
    ]
    github = GitHub(*plain, (job_of("up"), GOOD))
    job, cases = gather(stage, github, "run")
    assert stacks(cases) == [("web/dev", Outcome.SUCCEEDED)], "jobs that name Pulumi come first"
    assert len(github.asked) == 65
    assert "71 jobs with a log; 64 of them were read" in job.warnings.notices[0]


# -- what cannot be read


def notice_of(stage: Stage, github: GitHub, log_from: str = "job:up") -> str:
    job, cases = gather(stage, github, log_from)
    assert all(case.facts.outcome is not Outcome.SUCCEEDED for case in cases)
    (notice,) = job.warnings.notices
    assert ReasonCode.NO_SUBJECT not in job.warnings.codes, "the cause is said, and only once"
    return notice


def test_a_job_that_runs_still_says_what_to_add(stage: Stage) -> None:
    running = job_of("up", status="in_progress", conclusion=None)
    assert "has not ended" in notice_of(stage, GitHub((running, 404)))
    assert "needs: [ID]" in stage.out.getvalue()


def test_an_unknown_job_names_those_that_there_are(stage: Stage) -> None:
    notice = notice_of(stage, GitHub((job_of("deploy (dev)"), GOOD)))
    assert "no job called 'up'" in notice
    assert "'deploy (dev)'" in stage.out.getvalue()


def test_an_expired_log_leaves_what_github_says_of_the_end(stage: Stage) -> None:
    github = GitHub((job_of("up", "failure"), 410))
    job, (case,) = gather(stage, github, "job:up")
    assert "deleted or has expired" in job.warnings.notices[0]
    assert case.facts.outcome is Outcome.FAILED


def test_one_log_that_is_gone_does_not_cost_the_others(stage: Stage) -> None:
    github = GitHub((job_of("up (dev)"), GOOD), (job_of("up (prod)", "failure"), 410))
    job, cases = gather(stage, github, "job:up")
    assert [case.facts.outcome for case in cases] == [Outcome.SUCCEEDED, Outcome.FAILED]
    assert name_sections(cases) == ("web/dev", "up (prod)")
    assert job.warnings.is_degraded


def test_a_missing_permission_says_what_to_paste(stage: Stage) -> None:
    def refused(_: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"message": "Resource not accessible by integration"})

    job, _ = gather(stage, refused, "job:up")
    assert "may not read the run's jobs" in job.warnings.notices[0]
    assert "actions: read" in stage.out.getvalue()


def test_without_a_token_there_is_a_warning(stage: Stage) -> None:
    job = stage.job(GitHub(), log_from="run")
    gather_evidence(job, None, is_expected=True)
    assert "needs a 'github-token'" in job.warnings.notices[0]


def test_a_skipped_job_is_said_and_is_no_fault(stage: Stage) -> None:
    skipped = job_of("up", "skipped", steps=[])
    job, (case,) = gather(stage, GitHub((skipped, 404)), "job:up")
    assert case.facts.outcome is Outcome.UNKNOWN
    assert "did not run: GitHub says 'skipped'" in job.warnings.notices[0]
    assert not job.warnings.is_degraded


def test_a_job_of_an_earlier_attempt_is_named_as_that(stage: Stage) -> None:
    event = stage.event(GITHUB_RUN_ATTEMPT="2")
    github = GitHub((job_of("up", run_attempt=1), GOOD))
    job, _ = gather(stage, github, "job:up", event=event)
    assert "did not run again in attempt 2: its log is of attempt 1" in job.warnings.notices[0]
    assert github.asked[0].endswith("/attempts/2/jobs")


def test_t35_a_log_that_breaks_off_is_incomplete(stage: Stage) -> None:
    github = GitHub((job_of("up", "failure"), GOOD))

    def breaking(request: httpx.Request) -> httpx.Response:
        if request.url.host != "store.example":
            return github(request)

        class Broken(httpx.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                yield stamped(GOOD)[:-60]
                raise httpx.ReadError("gone")

        return httpx.Response(200, stream=Broken())

    job, (case,) = gather(stage, breaking, "job:up")
    assert case.facts.is_incomplete
    assert case.facts.outcome is Outcome.FAILED
    assert "was not read to its end" in job.warnings.notices[0]


# -- another run, perhaps of a stranger


def run_event(stage: Stage, *, fork: bool) -> Event:
    payload = {
        "repository": {"id": 1, "full_name": "acme/web"},
        "workflow_run": {
            "id": 4_711,
            "run_attempt": 3,
            "name": "Preview",
            "event": "pull_request",
            "head_sha": "b" * 40,
            "head_repository": {"full_name": "eve/web" if fork else "acme/web"},
            "run_started_at": "2026-01-01T00:00:00Z",
        },
    }
    env = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REPOSITORY": "acme/web"}
    return read_event(env | {"GITHUB_RUN_ID": "77"}, payload).of_source_run()


def test_a_workflow_run_event_names_the_run(stage: Stage) -> None:
    event = run_event(stage, fork=False)
    assert (event.run.run_id, event.run.attempt, event.run.workflow) == ("4711", 3, "Preview")
    github = GitHub((job_of("up", "failure"), UP))
    _, (case,) = gather(stage, github, "run", event=event)
    assert github.asked[0] == "/repos/acme/web/actions/runs/4711/attempts/3/jobs"
    assert case.subject is not None


def test_t36_a_strangers_log_does_not_lead_to_pulumi_cloud(stage: Stage) -> None:
    """A fork prints the address of a stack that only our token may see."""
    event = run_event(stage, fork=True)
    job = stage.job(
        GitHub((job_of("up", "failure"), UP)), event=event, log_from="run", github_token=TOKEN
    )
    cloud = connect_cloud(job, Access(Secret("pul-" + "a" * 40)))
    (case,) = gather_evidence(job, cloud, is_expected=True)
    assert case.facts.outcome is Outcome.FAILED
    assert case.subject is None
    assert case.organization == ""


def test_t36_an_unknown_origin_counts_as_a_strangers(stage: Stage) -> None:
    event = replace(run_event(stage, fork=False), is_fork=None)
    assert event.is_evidence_foreign
    assert not run_event(stage, fork=False).is_evidence_foreign


def test_t01_a_hostile_name_of_a_job_is_no_command(stage: Stage) -> None:
    github = GitHub((job_of("x\n::error::owned %0A::warning::"), GOOD))
    gather(stage, github, "job:up")
    lines = stage.out.getvalue().splitlines()
    assert not any(line.startswith("::error::owned") for line in lines)
