"""A Neo task: its settings from the inputs, and its progress in the job log and the comment."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import Final

from upshot.backends.neo.backend import NeoBackend
from upshot.backends.neo.interface import NeoSettings
from upshot.backends.neo.progress import LogLine
from upshot.event import Event
from upshot.http.client import ServiceClient
from upshot.inputs import Inputs
from upshot.inputs.choices import CommentMode, Mode
from upshot.model import Question, Reply, TaskState
from upshot.modes.job import Job
from upshot.modes.shared.gather import Case
from upshot.modes.shared.lookup import PullRequestLookup
from upshot.runner.files import save_state

_MOST_SHOWN: Final = 4_000
"""Characters of one event's text in the job log."""


def ask_neo(
    inputs: Inputs,
    event: Event,
    case: Case,
    job: Job,
    *,
    cloud: ServiceClient,
    question: Question,
    visit: PullRequestLookup,
) -> Reply:
    """A task of its own in mode `task`; elsewhere one whose final message explains."""
    with ExitStack() as groups:
        watcher = TaskWatcher(inputs, event, case, job, visit=visit, groups=groups)
        backend = NeoBackend(
            cloud, read_settings(inputs, job), event.run, jitter=job.jitter, observer=watcher
        )
        ask = backend.run_task if inputs.mode is Mode.TASK else backend.ask
        reply = ask(question, on_sent=visit.start)
        watcher.let_go()
        return reply


def read_settings(inputs: Inputs, job: Job) -> NeoSettings:
    """What the inputs say about a task."""
    ask = inputs.ask
    return NeoSettings(
        console=job.console,
        dialect=ask.api_dialect,
        approval_mode=ask.approval_mode,
        permission_mode=ask.permission_mode,
        plan_mode=ask.plan_mode,
        max_wait_s=ask.max_wait_s,
        on_timeout=ask.on_timeout,
        cancel_on_interrupt=ask.cancel_task_on_cancel,
    )


class TaskWatcher:
    """Shows a running task: a line an event in the log, the state in the sticky comment."""

    def __init__(
        self,
        inputs: Inputs,
        event: Event,
        case: Case,
        job: Job,
        *,
        visit: PullRequestLookup,
        groups: ExitStack,
    ) -> None:
        """`groups` holds the open group of the job log, one at a time."""
        self._inputs = inputs
        self._event = event
        self._case = case
        self._job = job
        self._visit = visit
        self._groups = groups
        self._is_kept = False

    def on_task(self, task_id: str, task_url: str) -> None:
        """Keeps the task's id for the post stage, should this run be killed (threat T47)."""
        job = self._job
        job.log.info(f"Pulumi Neo works on task {task_id} {task_url}".rstrip())
        if self._inputs.ask.cancel_task_on_cancel:
            self._keep("task-id", task_id)
            self._keep("task-organization", self._case.organization)
            self._is_kept = True

    def let_go(self) -> None:
        """The turn is over: from now on the task outlives this run, whatever becomes of it."""
        if self._is_kept:
            self._keep("task-id", "")

    def _keep(self, name: str, value: str) -> None:
        """The last value of a name counts. A state that cannot be written costs the second chance."""
        path = self._job.env.get("GITHUB_STATE", "")
        if path:
            with suppress(OSError):
                save_state(path, name, value, token=self._job.token)

    def on_event(self, line: LogLine) -> None:
        if line.opens_group:
            self._groups.close()
            self._groups.enter_context(self._job.log.group(line.ours))
        else:
            self._job.log.info(line.ours)
        if line.theirs:
            text = self._job.redactor.redact(line.theirs)
            self._job.log.untrusted(text[:_MOST_SHOWN])

    def on_state(self, state: TaskState) -> None:
        """Edits the one comment that is kept up to date; other modes get the end only."""
        if self._inputs.publish.comment_mode is not CommentMode.UPDATE:
            return
        from upshot.modes.shared.publish_report import ReportPublisher

        ReportPublisher(self._inputs, self._event, self._job).show(
            self._case, state, self._visit.result()
        )
        self._visit.invalidate()
