"""The post stage of a cancelled run: stops the Neo task that the run could not stop itself.

A run that is killed has no time left. It has saved its task's id in the runner's state, and a run
that ends by itself removes it again, so a task that waits for a person, or goes on by `on-timeout:
report`, stays (threat T47). Never fails the job: what cannot be done is a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TextIO

from upshot.errors import InputErrors, UpshotError
from upshot.job import Job
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog, random_token
from upshot.runner.env_secrets import secrets_in_env
from upshot.runner.warnings import Warnings, format_message
from upshot.timing import Clock

if TYPE_CHECKING:
    from upshot.http.client import Transport

PATIENCE_S: Final = 20.0
"""For all of it; stopping the task itself has 5 s of it."""


def clean_up(
    env: Mapping[str, str], stream: TextIO, clock: Clock, *, http: Transport | None = None
) -> None:
    """Cancels the task in `STATE_task-id`, if there is one. `http` is a transport in tests."""
    task_id, organization = env.get("STATE_task-id", ""), env.get("STATE_task-organization", "")
    if not (task_id and organization):
        return
    from upshot.backends.neo.session import build_task_url

    redactor = Redactor(secrets_in_env(env))
    log = RunnerLog(stream, redact=redactor.redact, token=random_token)
    page = ""
    try:
        job = Job.from_env(
            env,
            log=log,
            redactor=redactor,
            warnings=Warnings(log),
            clock=clock,
            http=http,
            timeout_s=PATIENCE_S,
        )
        page = build_task_url(job.console, organization, task_id)
        fault, anchor = _cancel(job, task_id, organization), "pulumi-token"
    except InputErrors as error:
        fault, anchor = "; ".join(problem.message for problem in error.problems), error.anchor
    except UpshotError as error:
        fault, anchor = error.message, error.anchor
    if fault:
        where = f"on its page, {page}" if page else "on its page in Pulumi Cloud"
        said = f"Neo task {task_id} may still be running, it could not be stopped: {fault}"
        hint = f"The person who cancelled the run must act: stop the task {where}."
        log.warning(format_message(said, hint, anchor), title="Upshot")
    else:
        log.info(f"Neo task {task_id} was cancelled with the run.")


def _cancel(job: Job, task_id: str, organization: str) -> str:
    """Why it could not be tried, or nothing. Raises ServiceError."""
    from upshot.backends.neo.backend import cancel_task

    access = obtain_access(job)
    cloud = connect_cloud(job, access)
    if cloud is None:
        return access.fault.message if access.fault else "There is no Pulumi access token."
    with cloud:
        cancel_task(cloud, organization, task_id)
    return ""
