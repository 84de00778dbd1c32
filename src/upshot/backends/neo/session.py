"""One Neo task while a run works with it: its settings, what was read of it, the state to report.

Listens to the task while it is followed and passes on what is worth showing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from upshot.backends.interface import TaskObserver, build_no_answer
from upshot.backends.neo.follow import complete, follow_turn
from upshot.backends.neo.progress import EditThrottle, build_log_line
from upshot.backends.neo.turn import Turn, advance
from upshot.errors import ServiceConflict, ServiceError, ServiceTimeout, ServiceUnavailable
from upshot.gate.proposal import digest_proposal
from upshot.http.retry import ONCE
from upshot.inputs.choices import ApiDialect, ApprovalMode, OnTimeout, PermissionMode
from upshot.model import BackendName, NoAnswer, TaskState, TaskStatus
from upshot.pulumi.neo.events import TaskEvent
from upshot.pulumi.neo.follow import EventReader, Seen
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import TaskRecord


class NeoSettings(Struct, frozen=True, kw_only=True):
    """The inputs that concern a task."""

    console: str = ""
    """Origin of the console, empty when unknown: then there is no link."""
    dialect: ApiDialect = ApiDialect.AUTO
    approval_mode: ApprovalMode = ApprovalMode.MANUAL
    permission_mode: PermissionMode = PermissionMode.READ_ONLY
    plan_mode: bool = False
    max_wait_s: float = 600.0
    on_timeout: OnTimeout = OnTimeout.REPORT
    cancel_on_interrupt: bool = True
    """`cancel-task-on-cancel`."""


class Session:
    """`task_id` is empty until a task was begun with."""

    def __init__(
        self,
        client: TaskClient,
        settings: NeoSettings,
        *,
        jitter: Callable[[], float],
        observer: TaskObserver,
    ) -> None:
        self.client = client
        self.task_id = ""
        self.turn = Turn()
        self.notes: list[str] = []
        self.until = client.deadline.earlier(settings.max_wait_s)
        """The end of `max-wait`, which began when we did."""
        self._settings = settings
        self._jitter = jitter
        self._observer = observer
        self._throttle = EditThrottle()
        self._seen = Seen()
        self._fault: ServiceError | None = None
        self.is_continued = False
        """A further message was sent to a task that there was."""

    def begin(self, task_id: str) -> None:
        """From here on it is about this task."""
        self.task_id = task_id
        self._observer.on_task(task_id, self._url())

    def forget(self) -> None:
        """What was read belongs to a task that is not ours any more."""
        self.task_id, self.turn, self._seen = "", Turn(), Seen()

    def read_new(self, task_id: str) -> Iterator[TaskEvent]:
        """The listed events that were not read yet, each folded into `turn` before it is given."""
        for event in EventReader(self.client, task_id, self._seen).read_new():
            self.turn = advance(self.turn, event)
            yield event

    @property
    def is_lost(self) -> bool:
        """The task exists, and we could not follow it."""
        return self._fault is not None

    def follow(self) -> None:
        """Until the turn is over, or `max-wait`, or it is lost; `report` says which."""
        try:
            self.turn = follow_turn(
                self.client,
                self.task_id,
                self.turn,
                self._seen,
                until=self.until,
                jitter=self._jitter,
                listener=self,
                may_lag=self.is_continued,
            )
        except ServiceError as error:
            self._fault = error

    def on_event(self, event: TaskEvent, turn: Turn) -> None:
        self.turn = turn
        line = build_log_line(event)
        if line:
            self._observer.on_event(line)
        self.on_tick(turn)

    def on_tick(self, turn: Turn) -> None:
        now_s = self.client.clock.monotonic()
        if not turn.is_over and self._throttle.is_due(turn, now_s=now_s):
            self._observer.on_state(self._state())

    def report(self) -> TaskState | NoAnswer:
        """Where the task stands; when it is out of time, cancelled if `on-timeout` says so."""
        if self._fault:
            return self._out_of_reach(self._fault)
        self._complete()
        if self.turn.is_over:
            return self._state()
        why = f"Neo was still working after {self._settings.max_wait_s:.0f} seconds"
        if self._settings.on_timeout is OnTimeout.CANCEL:
            self.notes.append(self._cancelled())
        else:
            self.notes.append(
                "The task goes on. To see what came of it, open its page, or run Upshot in mode "
                "`task` with this `task-id` and no prompt, or raise `max-wait`."
            )
        return self._state(status=TaskStatus.TIMED_OUT, why=why)

    def _out_of_reach(self, error: ServiceError) -> TaskState | NoAnswer:
        """We lost sight of the task: for good (4xx), whatever became of it, or for now."""
        if not (isinstance(error, ServiceTimeout | ServiceUnavailable) or not error.status):
            reply = build_no_answer(BackendName.NEO, error, calls=self.client.asks)
            return replace(reply, task_id=self.task_id, task_url=self._url())
        if error.hint:
            self.notes.append(error.hint)
        return self._state(status=TaskStatus.TIMED_OUT, why=" ".join(error.message.split()))

    def _complete(self) -> None:
        if not self.client.wire.is_live:
            return
        try:
            record = self.client.get(self.task_id, retry=ONCE)
        except ServiceError:
            return
        self.turn = complete(self.turn, record)
        self._compare_modes(record)

    def _compare_modes(self, record: TaskRecord) -> None:
        """Says so when an older task, or the service, allows more than the inputs do."""
        asked, has = str(self._settings.permission_mode), record.permission_mode
        if has and has != asked and asked == "read-only":
            self.notes.append(
                "The task runs with more permissions than `permission-mode: read-only`."
            )

    def _cancelled(self) -> str:
        try:
            self.client.cancel(self.task_id)
        except ServiceConflict:
            pass  # stopped, its status not reset [service description]
        except ServiceError as error:
            return f"The task could not be cancelled: {error.message}"
        return "The task was cancelled, as `on-timeout` says."

    def _url(self) -> str:
        return build_task_url(self._settings.console, self.client.organization, self.task_id)

    def _state(self, *, status: TaskStatus | None = None, why: str = "") -> TaskState:
        return build_state(
            self.turn,
            task_id=self.task_id,
            task_url=self._url(),
            calls=self.client.asks,
            notes=tuple(self.notes),
            status=status,
            why=why,
        )


def build_task_url(console: str, organization: str, task_id: str) -> str:
    """The task's page at the console [shipped client]; empty when the console is not known."""
    from urllib.parse import quote

    if not (console and organization and task_id):
        return ""
    return f"{console}/{quote(organization, safe='')}/neo/tasks/{quote(task_id, safe='')}"


def build_state(
    turn: Turn,
    *,
    task_id: str,
    task_url: str,
    calls: int,
    notes: tuple[str, ...] = (),
    status: TaskStatus | None = None,
    why: str = "",
) -> TaskState:
    """`status` and `why`, when given, come from us: out of time, or out of reach."""
    requests = turn.open if turn.status.is_waiting else ()
    return TaskState(
        status=status or turn.status,
        task_id=task_id,
        task_url=task_url,
        text=turn.text,
        requests=requests,
        proposals={one.id: digest_proposal(task_id, one) for one in requests},
        todos=turn.todos,
        tools=turn.tools,
        pull_requests=turn.pull_requests,
        tokens_used=turn.tokens or None,
        calls=calls,
        notes=notes,
        why=why or turn.why,
    )
