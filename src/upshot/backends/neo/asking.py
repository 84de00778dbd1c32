"""One question on its way to Neo: which task, what is sent to it, what came of it.

In order: take up the earlier task or create one, follow it, report. A failure before a task exists
is a NoAnswer; a later one is the task's state, with what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from upshot.backends.interface import TaskObserver, build_no_answer
from upshot.backends.neo.prompt import build_prompt, is_same_matter
from upshot.backends.neo.session import NeoSettings, Session
from upshot.backends.neo.turn import begin
from upshot.errors import (
    ServiceBadRequest,
    ServiceConflict,
    ServiceError,
    ServiceForbidden,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.http.client import ServiceClient
from upshot.model import BackendName, NoAnswer, Purpose, Question, Reply, Run, TaskState, TaskStatus
from upshot.pulumi.neo.account import check_budget, find_budget, find_token_warning
from upshot.pulumi.neo.create import build_marker, create_task, find_ours
from upshot.pulumi.neo.events import TaskEvent, UserMessage
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import NewTask

_BROKEN_OFF: Final = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED})
_DOCUMENTED_ENDS: Final = frozenset({"completed", "failed"})
_WORKING: Final = frozenset({"running", "pending"})
_BUSY_WAITS_S: Final = (2.0, 4.0, 8.0, 16.0, 30.0, 30.0)
"""Before each new try to send a message to a task that still works (409)."""


class Asking:
    """Used once."""

    def __init__(
        self,
        client: TaskClient,
        cloud: ServiceClient,
        question: Question,
        *,
        settings: NeoSettings,
        run: Run,
        jitter: Callable[[], float],
        observer: TaskObserver,
        nonce: str,
    ) -> None:
        self._client = client
        self._cloud = cloud
        self._question = question
        self._settings = settings
        self._session = Session(client, settings, jitter=jitter, observer=observer)
        self._marker = build_marker(
            run_id=run.run_id, attempt=run.run_attempt, sha=run.sha, nonce=nonce
        )
        self._sha = run.sha
        self._started_s = client.clock.now()
        self._is_creating = False

    def reply(self, on_sent: Callable[[], None]) -> Reply:
        session = self._session
        try:
            settled = self._take_up(on_sent) if self._question.task_id else None
            if settled:
                return settled
            if not session.task_id:
                self._create(on_sent)
        except ServiceError as error:
            return self._no_answer(error)
        session.follow()
        return session.report()

    def abandon(self, *, within_s: float) -> None:
        """Our run is being cancelled: so is the task, also one whose id did not reach us yet."""
        self._client.limit_time(within_s)
        task_id = self._session.task_id
        try:
            if self._is_creating and not task_id:
                task_id = find_ours(self._client, self._marker, since_s=self._started_s)
            if task_id and self._client.wire.is_live:
                self._client.cancel(task_id)
        except ServiceError:
            return  # the post stage tries once more

    def _take_up(self, on_sent: Callable[[], None]) -> TaskState | NoAnswer | None:
        """Continues the task of `question.task_id`; its state when there is nothing to follow.

        Leaves no task id behind when the task has to be replaced.
        """
        session, task_id = self._session, self._question.task_id
        asked_already = False
        try:
            record = self._client.get(task_id)
            for event in session.read_new(task_id):
                asked_already = asked_already or self._is_this_matter(event)
        except ServiceNotFound:
            if self._question.only_follows:
                raise
            self._replace("The earlier task is gone; a new one was started.")
            return None
        only_follows = self._question.only_follows
        has_words = not only_follows and (
            bool(self._question.prompt.strip())
            or self._question.purpose is Purpose.EXPLAIN
            or not asked_already
        )
        is_closed = record.status in _DOCUMENTED_ENDS and has_words
        has_ended = is_closed or (session.turn.status in _BROKEN_OFF and not only_follows)
        if has_ended and not self._question.is_task_given:
            self._replace("The earlier task had ended; a new one was started.")
            return None
        session.begin(task_id)
        if record.status in _WORKING and not session.turn.is_over:
            session.follow()
        elif session.turn.open:
            session.turn = replace(session.turn, is_waiting=True)
        return self._go_on(on_sent) if has_words else self._look()

    def _is_this_matter(self, event: TaskEvent) -> bool:
        return isinstance(event, UserMessage) and is_same_matter(
            event.text, self._question, sha=self._sha
        )

    def _replace(self, note: str) -> None:
        """Gives the earlier task up: the next one is created."""
        self._session.notes.append(note)
        self._session.forget()

    def _look(self) -> TaskState | NoAnswer | None:
        """Nothing new is asked: where the task stands, or None to go on following it."""
        session = self._session
        return session.report() if session.is_lost or session.turn.is_over else None

    def _go_on(self, on_sent: Callable[[], None]) -> TaskState | NoAnswer | None:
        """Sends what there is to say to a task that can hear it."""
        session = self._session
        if session.is_lost:
            return session.report()
        if session.turn.open:
            session.notes.append("The new question was not sent: the task waits for a person.")
            return session.report()
        if session.until.passed:
            session.notes.append("The new question was not sent: the task did not get ready.")
            return session.report()
        try:
            self._send(on_sent)
        except (ServiceBadRequest, ServiceNotFound) as refused:
            self._replace(
                f"The task took no further question ({refused.message}); a new one was started."
            )
        return None

    def _create(self, on_sent: Callable[[], None]) -> None:
        settings, question, session = self._settings, self._question, self._session
        if self._client.wire.is_live:
            check_budget(find_budget(self._cloud, self._client.organization))
        self._is_creating = True
        created = create_task(
            self._client,
            NewTask(
                prompt=build_prompt(question, self._marker),
                stack=question.subject.stack if question.subject else question.stack,
                approval_mode=settings.approval_mode,
                permission_mode=settings.permission_mode,
                plan_mode=settings.plan_mode and question.purpose is Purpose.TASK,
            ),
            self._marker,
            on_sent=on_sent,
        )
        session.notes += created.notes
        if not self._client.wire.is_live:
            session.notes.append(
                "This server speaks the documented wire, which takes no approval mode and no "
                "permission mode: the task has the organization's own."
            )
        session.begin(created.id)
        self._warn_of_token()

    def _send(self, on_sent: Callable[[], None]) -> None:
        """The prompt as a further message. Raises ServiceError, ServiceConflict when it is busy."""
        session = self._session
        prompt = build_prompt(self._question, self._marker)
        waits = iter(_BUSY_WAITS_S)
        while True:
            try:
                self._client.send_message(session.task_id, prompt, on_sent=on_sent)
                break
            except ServiceConflict:
                wait_s = next(waits, None)
                if wait_s is None or wait_s >= session.until.remaining_s():
                    raise
                self._client.clock.sleep(wait_s)
            except (ServiceTimeout, ServiceUnavailable):
                if not self._arrived():
                    raise
                return
        session.turn, session.is_continued = begin(session.turn), True

    def _arrived(self) -> bool:
        """Whether a message whose answer was lost is among the task's events."""
        news = list(self._session.read_new(self._session.task_id))
        return any(isinstance(one, UserMessage) and self._marker in one.text for one in news)

    def _no_answer(self, error: ServiceError) -> NoAnswer:
        if isinstance(error, ServiceForbidden | ServiceNotFound):
            self._warn_of_token()
        answer = build_no_answer(BackendName.NEO, error, calls=self._client.asks)
        return replace(answer, hint=" ".join((answer.hint, *self._session.notes)).strip())

    def _warn_of_token(self) -> None:
        warning = find_token_warning(self._cloud)
        if warning:
            self._session.notes.append(warning)
