"""Evidence in the logs of jobs that have ended: `log-from`. The jobs themselves need no change.

What is said of a job that cannot be read is a warning that says who must act; the other jobs and
the other sources still count. GitHub's conclusion of the steps in which Pulumi ran is the floor of
the verdict, unless the input `outcome` is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from upshot import evidence  # its functions load when they are first used
from upshot.actions.jobs import RunJob, Step, find_jobs, list_jobs
from upshot.actions.logs import JobLogs
from upshot.actions.service import github_actions, log_store
from upshot.address import origin
from upshot.errors import InputError, ServiceError
from upshot.http.client import ServiceClient
from upshot.inputs.choices import StepOutcome
from upshot.job import Job
from upshot.model import Facts, Outcome, UpdateKind
from upshot.secret import Secret
from upshot.verdict import settle_outcome

if TYPE_CHECKING:
    from upshot.evidence.job_log import JobLogFilter

SOURCE: Final = "job-log"
_MOST_LOGS: Final = 64
_MOST_NAMES: Final = 10
"""Names of jobs in one message."""
_LOGS_WITHIN_S: Final = 240.0
"""For all logs together, waiting for them included."""
_ENDS: Final = {
    "success": StepOutcome.SUCCESS,
    "neutral": StepOutcome.SUCCESS,
    "failure": StepOutcome.FAILURE,
    "timed_out": StepOutcome.FAILURE,
    "startup_failure": StepOutcome.FAILURE,
    "cancelled": StepOutcome.CANCELLED,
}
"""GitHub's conclusion -> what it is as the outcome of a step."""
_WORST_FIRST: Final = (StepOutcome.FAILURE, StepOutcome.CANCELLED, StepOutcome.SUCCESS)
_WRONG: Final = frozenset({Outcome.FAILED, Outcome.CANCELLED})


class JobEvidence(Struct, frozen=True):
    """What one job's log says: an account for each stack, with the job's end as their floor."""

    job: str
    """Its name: untrusted text, one line."""
    accounts: tuple[Facts, ...]


class JobsRead(Struct, frozen=True):
    """What the logs gave."""

    found: tuple[JobEvidence, ...] = ()
    is_explained: bool = False
    """Why nothing was found is said already, or is no fault: none of the run's jobs ran Pulumi."""


def read_job_logs(job: Job) -> JobsRead:
    """The evidence of the jobs that `log-from` names; empty without that input.

    Raises nothing but bugs: what cannot be read is a warning.
    """
    if job.inputs.subject.log_from is None:
        return JobsRead()
    token = job.inputs.publish.github_token
    if token is None:
        job.warnings.degraded(
            None,
            "'log-from' needs a 'github-token' to read the log with; there is none.",
            hint="The workflow's author must act: leave 'github-token' out to use the job's own.",
            anchor="job-logs",
        )
        return JobsRead(is_explained=True)
    try:
        with _connect(job, job.event.addresses.api, token) as api:
            return _Reader(job, api).read()
    except (ServiceError, InputError) as error:
        job.warnings.degraded_by(None, "The jobs of the run could not be read", error)
        return JobsRead(is_explained=True)


def _connect(job: Job, base_url: str, token: Secret | None) -> ServiceClient:
    """A client for GitHub, or, without a token, for a log store."""
    return ServiceClient(
        origin(base_url),
        token,
        service=github_actions() if token else log_store(),
        clock=job.clock,
        deadline=job.deadline,
        http=job.http,
    )


class _Reader:
    def __init__(self, job: Job, api: ServiceClient) -> None:
        root = job.event.addresses.api.removeprefix(api.base_url)
        self._job = job
        self._api = api
        self._root = root
        self._logs = JobLogs(
            api, root, job.event.repository, open_store=lambda url: _connect(job, url, None)
        )
        self._until = job.deadline.earlier(_LOGS_WITHIN_S)
        self._is_explained = False

    def read(self) -> JobsRead:
        run, wanted = self._job.event.run, self._job.inputs.subject.log_from
        jobs = list_jobs(
            self._api, self._root, self._job.event.repository, run.run_id, run.run_attempt
        )
        name = wanted.job if wanted else ""
        chosen = self._choose(jobs, name) if name else self._all(jobs)
        found = tuple(filter(None, (self._read(each, is_named=bool(name)) for each in chosen)))
        if not (name or found or self._is_explained):
            self._job.log.info("None of the run's jobs says anything about Pulumi.")
            self._is_explained = True
        return JobsRead(found, self._is_explained)

    def _all(self, jobs: Sequence[RunJob]) -> Sequence[RunJob]:
        """Every job with a log, those first whose steps name Pulumi."""
        ended = sorted((job for job in jobs if job.has_log), key=lambda job: not job.names_pulumi)
        if len(ended) > _MOST_LOGS:
            self._job.warnings.remark(
                f"The run has {len(ended)} jobs with a log; {_MOST_LOGS} of them were read.",
                hint="The workflow's author may act: give 'log-from' as job:NAME.",
                anchor="job-logs",
            )
        return ended[:_MOST_LOGS]

    def _choose(self, jobs: Sequence[RunJob], name: str) -> Sequence[RunJob]:
        """The jobs of that name; a warning where there is none, or where one has not ended."""
        found = find_jobs(jobs, name)
        if not found:
            names = [f"'{job.name}'" for job in jobs[:_MOST_NAMES]]
            self._warn(
                f"The run has no job called '{name}'",
                f"The workflow's author must act: give the job's `name`; the run has "
                f"{', '.join(names) or 'no job at all'}{' and more' if len(jobs) > len(names) else ''}.",
            )
        for job in found:
            if not job.has_ended:
                self._warn(
                    f"The job '{job.name}' has not ended, so GitHub has no log of it yet",
                    "The workflow's author must act: in the job of this step, write "
                    "`needs: [ID]` with the id of that job, and `if: always()`.",
                )
        return [job for job in found[:_MOST_LOGS] if job.has_ended]

    def _read(self, job: RunJob, *, is_named: bool) -> JobEvidence | None:
        if not job.has_log:
            self._is_explained = True
            self._job.warnings.note(f"The job '{job.name}' did not run: {_end_of(job)}.")
            return _floored(job, (Facts(sources=(SOURCE,)),), _ENDS.get(job.conclusion))
        try:
            return self._read_log(job, is_named=is_named)
        except ServiceError as error:
            self._is_explained = True
            notice = f"The log of the job '{job.name}' could not be read"
            self._job.warnings.degraded_by(None, notice, error)
            facts = Facts(sources=(SOURCE,))
            is_of_pulumi = is_named or job.names_pulumi
            return _floored(job, (facts,), self._floor(job, ())) if is_of_pulumi else None

    def _read_log(self, job: RunJob, *, is_named: bool) -> JobEvidence | None:
        from upshot.evidence.job_log import JobLogFilter

        with self._logs.open(job, within_s=self._until.remaining_s()) as log:
            lines = JobLogFilter(log)
            accounts = evidence.accounts_from_console(lines)
        floor = self._floor(job, lines.times)
        if not is_named and not _is_of_pulumi(job, lines, accounts, floor):
            return None
        if log.error or log.is_cut:
            what = f": {log.error.message}" if log.error else ": it is too large"
            self._job.warnings.degraded(
                None, f"The log of the job '{job.name}' was not read to its end{what}"
            )
            accounts = (*accounts[:-1], replace(accounts[-1], is_incomplete=True))
        this = self._job.event.run.attempt
        if job.attempt is not None and job.attempt < this:
            self._job.warnings.note(
                f"The job '{job.name}' did not run again in attempt {this}: its log is of attempt "
                f"{job.attempt}."
            )
        return _floored(job, tuple(replace(each, sources=(SOURCE,)) for each in accounts), floor)

    def _floor(self, job: RunJob, times: Sequence[float]) -> StepOutcome | None:
        """How the steps ended that Pulumi ran in; the job, where that is not known."""
        if self._job.inputs.subject.outcome is not None:
            return None
        steps = find_steps(job.steps, times)
        ends = [_ENDS.get(step.conclusion) for step in steps] or [_ENDS.get(job.conclusion)]
        return next((outcome for outcome in _WORST_FIRST if outcome in ends), None)

    def _warn(self, what: str, hint: str) -> None:
        self._is_explained = True
        self._job.warnings.degraded(None, f"{what}.", hint=hint, anchor="job-logs")


def find_steps(steps: Sequence[Step], times: Iterable[float]) -> tuple[Step, ...]:
    """The steps in which something was printed at one of these seconds.

    GitHub gives whole seconds, so where one step ends and the next begins a second belongs to both:
    it counts for both only where no other second says more.
    """
    sure: dict[Step, None] = {}
    perhaps: dict[Step, None] = {}
    for at in times:
        fitting = [step for step in steps if _ran_at(step, at)]
        (sure if len(fitting) == 1 else perhaps).update(dict.fromkeys(fitting))
    return tuple(sure or perhaps)


def _ran_at(step: Step, at: float) -> bool:
    if step.started_at is None or step.conclusion == "skipped":
        return False
    return step.started_at <= at and (step.ended_at is None or at <= step.ended_at)


def _floored(job: RunJob, accounts: tuple[Facts, ...], floor: StepOutcome | None) -> JobEvidence:
    """The last account has the step's end as its floor, where no account explains it."""
    if len(accounts) == 1 or not any(facts.outcome in _WRONG for facts in accounts):
        accounts = (*accounts[:-1], settle_outcome(accounts[-1], floor))
    return JobEvidence(job.name, accounts)


def _is_of_pulumi(
    job: RunJob, lines: JobLogFilter, accounts: Sequence[Facts], floor: StepOutcome | None
) -> bool:
    """Whether a job of a run is worth a section: Pulumi ran in it, or failed to."""
    if lines.has_engine or any(_says_something(facts) for facts in accounts):
        return True
    return job.names_pulumi and floor in {StepOutcome.FAILURE, StepOutcome.CANCELLED}


def _says_something(facts: Facts) -> bool:
    return facts.kind is not UpdateKind.UNKNOWN or bool(facts.links) or facts.stack is not None


def _end_of(job: RunJob) -> str:
    return f"GitHub says '{job.conclusion}'" if job.conclusion else "GitHub does not say why"
