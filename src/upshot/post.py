"""The post stage of a cancelled run: stops the Neo task that the run could not stop itself.

A run that is killed has no time left. What it knew of its task is in the runner's state; a run that
came to an end has taken that back, so a task that waits for a person, or goes on by `on-timeout:
report`, stays (threat T47). Never fails the job: what cannot be done is a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TextIO

from upshot.errors import EventError, InputError, ServiceError
from upshot.event import read_event
from upshot.inputs import parse_inputs
from upshot.modes.job import Job
from upshot.modes.shared.token import connect_cloud, obtain_access
from upshot.report.redact.redact import Redactor
from upshot.runner.commands import RunnerLog
from upshot.runner.env_secrets import secrets_in_env
from upshot.runner.randomness import random_share, random_token
from upshot.runner.warnings import Warnings, told
from upshot.timing import Clock, Deadline
from upshot.workspace import Workspace

PATIENCE_S: Final = 20.0
"""For all of it; stopping the task itself has 5 s of it."""


def clean_up(env: Mapping[str, str], stream: TextIO, clock: Clock, *, http: Any = None) -> None:
    """Cancels the task in `STATE_task-id`, if there is one. `http` is a transport in tests."""
    task_id, organization = env.get("STATE_task-id", ""), env.get("STATE_task-organization", "")
    if not (task_id and organization):
        return
    redactor = Redactor(secrets_in_env(env))
    log = RunnerLog(stream, redact=redactor.redact, token=random_token)
    try:
        fault = _cancel(task_id, organization, _job(env, clock, log, redactor, http=http))
    except (InputError, EventError, ServiceError) as error:
        fault = told(error.message, error.hint, error.anchor)
    if fault:
        log.warning(f"Neo task {task_id} may still be running.\n{fault}", title="Upshot")
    else:
        log.info(f"Neo task {task_id} was cancelled with the run.")


def _cancel(task_id: str, organization: str, job: Job) -> str:
    """Why it could not be tried, or nothing. Raises ServiceError, InputError, EventError."""
    from upshot.backends.neo.backend import cancel_task

    inputs = parse_inputs(job.env, job.workspace)
    for secret in inputs.secrets:
        job.log.mask(secret)
        job.redactor.add(secret)
    access = obtain_access(inputs, read_event(job.env, {}), job)
    cloud = connect_cloud(inputs, access, job)
    if cloud is None:
        return access.fault.message if access.fault else "There is no Pulumi access token."
    with cloud:
        cancel_task(cloud, organization, task_id)
    return ""


def _job(
    env: Mapping[str, str], clock: Clock, log: RunnerLog, redactor: Redactor, *, http: Any
) -> Job:
    deadline = Deadline.after(clock, PATIENCE_S)
    return Job(
        env=env,
        workspace=Workspace.from_env(env),
        clock=clock,
        deadline=deadline,
        publish_deadline=deadline,
        console="",
        log=log,
        redactor=redactor,
        warnings=Warnings(log),
        started_at=clock.now(),
        token=random_token,
        jitter=random_share,
        http=http,
    )
