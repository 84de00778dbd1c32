"""The jobs of a workflow run: what GitHub says of each, and which of them a name means.

Names, conclusions and times are untrusted text of the run's workflow until they are checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from upshot.address import build_path
from upshot.http.calls import Call, decode_json
from upshot.http.client import ServiceClient
from upshot.lenient import as_dict, as_int, as_list, as_text

PAGE: Final = 100
MOST_PAGES: Final = 10
"""A run of more than 1,000 jobs is read to here."""
_MOST_STEPS: Final = 1_000
_LONGEST_NAME: Final = 300


class Step(Struct, frozen=True):
    """One step of a job."""

    name: str
    conclusion: str = ""
    """`success`, `failure`, `cancelled`, `skipped`, …; empty while it runs."""
    started_at: float | None = None
    """Seconds since the Unix epoch; GitHub gives whole seconds."""
    ended_at: float | None = None


class RunJob(Struct, frozen=True):
    """One job of a run."""

    id: int
    name: str
    """The job's `name`, with the matrix values: `deploy (dev)`; `CALLER / NAME` in a reusable workflow."""
    status: str = ""
    """`queued`, `in_progress`, `completed`, …"""
    conclusion: str = ""
    attempt: int | None = None
    """The attempt of the run in which it ran; an earlier one where only others ran again."""
    ended_at: float | None = None
    steps: tuple[Step, ...] = ()

    @property
    def has_ended(self) -> bool:
        return self.status == "completed"

    @property
    def has_log(self) -> bool:
        """A job that was skipped, or cancelled before a runner took it, has none."""
        return self.has_ended and self.conclusion != "skipped" and bool(self.steps)

    @property
    def names_pulumi(self) -> bool:
        """Whether a step's name says that it runs Pulumi: `Run pulumi/actions@v6`."""
        return any("pulumi" in step.name.lower() for step in self.steps)


def list_jobs(
    client: ServiceClient, root: str, repository: str, run_id: str, attempt: str
) -> tuple[RunJob, ...]:
    """The jobs of one attempt of a run, in GitHub's order. Needs `actions: read`.

    `root` is the path of the API on its host: empty, or `/api/v3`. Raises ServiceError.
    Source: `GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs`.
    """
    owner, _, name = repository.partition("/")
    path = root + build_path(
        "/repos/{}/{}/actions/runs/{}/attempts/{}/jobs", owner, name, run_id, attempt
    )
    found: list[RunJob] = []
    for page in range(1, MOST_PAGES + 1):
        params = (("per_page", str(PAGE)), ("page", str(page)))
        reply = as_dict(decode_json(client.send(Call(path=path, params=params)), object))
        records = as_list(reply.get("jobs"))[:PAGE]
        found += [job for record in records if (job := parse_job(record))]
        if len(records) < PAGE:
            break
    return tuple(found)


def parse_job(record: Any) -> RunJob | None:
    """A job of GitHub's REST API; None for what is none."""
    fields = as_dict(record)
    number = as_int(fields.get("id"))
    if number is None or number < 1:
        return None
    return RunJob(
        number,
        _clean(as_text(fields.get("name"))),
        status=as_text(fields.get("status")),
        conclusion=as_text(fields.get("conclusion")),
        attempt=as_int(fields.get("run_attempt")),
        ended_at=parse_time(fields.get("completed_at")),
        steps=tuple(_parse_step(step) for step in as_list(fields.get("steps"))[:_MOST_STEPS]),
    )


def find_jobs(jobs: Sequence[RunJob], name: str) -> tuple[RunJob, ...]:
    """The jobs that `name` means: by their whole name; else a matrix's; else a called workflow's.

    `deploy` means `deploy`, else each `deploy (…)`, else each `deploy / …`.
    """
    whole = tuple(job for job in jobs if job.name == name)
    matrix = tuple(job for job in jobs if job.name.partition(" (")[0] == name)
    called = tuple(job for job in jobs if job.name.startswith(f"{name} / "))
    return whole or matrix or called


def parse_time(value: object) -> float | None:
    """A time of GitHub's as seconds since the Unix epoch; None for anything else."""
    try:
        return datetime.fromisoformat(as_text(value)[:64]).timestamp()
    except (ValueError, OverflowError):
        return None


def _parse_step(record: Any) -> Step:
    fields = as_dict(record)
    return Step(
        _clean(as_text(fields.get("name"))),
        conclusion=as_text(fields.get("conclusion")),
        started_at=parse_time(fields.get("started_at")),
        ended_at=parse_time(fields.get("completed_at")),
    )


def _clean(name: str) -> str:
    """One line of printable characters: a name may come from a matrix that a stranger wrote."""
    return "".join(char for char in name[:_LONGEST_NAME] if char.isprintable())
