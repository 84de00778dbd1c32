"""Asks Pulumi Neo: a task is created or continued, followed to the end of its turn, reported.

The question's purpose says whether the final message is the answer or the task itself is wanted.
Must not know the report, GitHub, or how progress is shown (`TaskObserver`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from upshot.backends.interface import TaskObserver, build_no_answer
from upshot.backends.neo.asking import Asking
from upshot.backends.neo.session import NeoSettings
from upshot.errors import ServiceConflict, ServiceError
from upshot.http.client import ServiceClient
from upshot.job import Job
from upshot.model import BackendName, Question, Reply, Run
from upshot.pulumi.neo.create import choose_client
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import WIRES, Dialect

_NONCE_CHARS: Final = 16
CANCEL_WITHIN_S: Final = 5.0
"""A cancelled run has 7.5 s until the runner's next signal, and the comment is waiting."""


def cancel_task(cloud: ServiceClient, organization: str, task_id: str) -> None:
    """Stops a task by its id alone, within `CANCEL_WITHIN_S`: the post stage's second chance.

    Doing it twice does no harm. Raises ServiceError when it could not be stopped.
    """
    client = TaskClient(cloud, organization, WIRES[Dialect.CURRENT])
    client.limit_time(CANCEL_WITHIN_S)
    try:
        client.cancel(task_id)
    except ServiceConflict:
        return  # stopped, its status not reset [service description]


class NeoBackend:
    """Neo, behind one client. One instance asks one question."""

    def __init__(
        self,
        cloud: ServiceClient,
        settings: NeoSettings,
        run: Run,
        *,
        jitter: Callable[[], float],
        observer: TaskObserver,
        nonce: str,
    ) -> None:
        """`jitter` gives 0.0 up to 1.0; `nonce` is random text for the task's marker."""
        self._cloud = cloud
        self._settings = settings
        self._run = run
        self._jitter = jitter
        self._observer = observer
        self._nonce = nonce

    def ask(self, question: Question, *, on_sent: Callable[[], None]) -> Reply:
        """The task whose final message explains, or why there is none.

        With `Purpose.TASK` the task for `question.prompt`, or for a default one. With
        `question.task_id` that task goes on: with the prompt, or with the default one when this
        update and commit were not asked about yet; else it is only followed. A task that is gone
        or ended is replaced, which the notes say.
        """
        try:
            client = choose_client(self._cloud, question.organization, self._settings.dialect)
        except ServiceError as error:
            return build_no_answer(BackendName.NEO, error, calls=0)
        asking = Asking(
            client,
            self._cloud,
            question,
            settings=self._settings,
            run=self._run,
            jitter=self._jitter,
            observer=self._observer,
            nonce=self._nonce,
        )
        try:
            return asking.reply(on_sent)
        except BaseException as stop:
            if not isinstance(stop, Exception) and self._settings.cancel_on_interrupt:
                asking.abandon(within_s=CANCEL_WITHIN_S)
            raise


def build(job: Job, cloud: ServiceClient, progress: TaskObserver) -> NeoBackend:
    ask = job.inputs.ask
    settings = NeoSettings(
        console=job.console,
        dialect=ask.api_dialect,
        approval_mode=ask.approval_mode,
        permission_mode=ask.permission_mode,
        plan_mode=ask.plan_mode,
        max_wait_s=ask.max_wait_s,
        on_timeout=ask.on_timeout,
        cancel_on_interrupt=ask.cancel_task_on_cancel,
    )
    return NeoBackend(
        cloud,
        settings,
        job.event.run,
        jitter=job.jitter,
        observer=progress,
        nonce=job.token()[:_NONCE_CHARS],
    )
