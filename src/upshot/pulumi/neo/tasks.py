"""Neo's Agent Tasks API: create, get, list, respond, cancel, change modes, events, stream.

One request a method, on either wire; what to do with a lost answer is decided above. Nothing that
creates or changes is repeated unless it was certainly not accepted. Not imported for a Copilot answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from msgspec.structs import replace

from upshot.address import build_path
from upshot.errors import ServiceBadReply, ServiceBadRequest, ServiceError, ServiceNotFound
from upshot.http.calls import Call, Response, Stream, decode_json
from upshot.http.client import ServiceClient
from upshot.http.retry import CREATE, ONCE, READ, RetryPolicy
from upshot.lenient import as_id
from upshot.pulumi.neo.wire import (
    EventPage,
    NewTask,
    RawEventPage,
    RawTask,
    RawTaskPage,
    TaskPage,
    TaskRecord,
    Wire,
    build_paging,
    build_timestamp,
)
from upshot.timing import Clock, Deadline

CREATE_TIMEOUT_S: Final = 120.0
"""For a create, which may include a cold start of Neo [shipped client]."""
CALL_TIMEOUT_S: Final = 20.0
"""Every other call [shipped client]."""
SILENCE_S: Final = 45.0
"""A stream without a byte for this long, keep-alives included, is opened again."""
EVENTS_A_PAGE: Final = 500
"""1000 is the most that the service gives, 100 its default."""
MAX_EVENTS_BYTES: Final = 32 * 1024 * 1024


class TaskClient:
    """The tasks of one organization, on one wire. Methods raise ServiceError."""

    def __init__(self, cloud: ServiceClient, organization: str, wire: Wire) -> None:
        self.organization = organization
        self.wire = wire
        self.requests = 0
        """Requests made so far, retries included."""
        self.asks = 0
        """Those of them that asked Neo something: creates and messages."""
        self._time_limit: Deadline | None = None
        self._cloud = cloud

    @property
    def clock(self) -> Clock:
        return self._cloud.clock

    @property
    def deadline(self) -> Deadline:
        """The end of the whole run; nothing here outlasts it."""
        return self._cloud.deadline

    def create(self, new: NewTask, *, on_sent: Callable[[], None] | None = None) -> str:
        """Creates a task; its id. Today 201 `{"taskId"}`, documented a task object.

        Raises ServiceTimeout when the answer was lost: the task may exist. Raises
        ServiceBadRequest `invalid entit…` when the stack cannot be attached.
        """
        call = Call(
            method="POST",
            path=self._path(),
            body=self.wire.create_body(new, self._timestamp()),
            retry=CREATE,
            read_timeout_s=CREATE_TIMEOUT_S,
        )
        created = decode_json(self._ask(call, on_sent), RawTask)
        task_id = as_id(created.task_id) or as_id(created.id)
        if not task_id:
            raise ServiceBadReply("Neo created a task and did not say which", method="POST")
        return task_id

    def get(self, task_id: str, *, retry: RetryPolicy = READ) -> TaskRecord:
        """One task. Raises ServiceNotFound when it is gone, or not for this token."""
        call = Call(path=self._path(task_id), retry=retry, read_timeout_s=CALL_TIMEOUT_S)
        return decode_json(self._send(call), RawTask).record()

    def list_page(
        self,
        *,
        page_size: int | None = None,
        token: str = "",
        filters: tuple[tuple[str, str], ...] = (),
    ) -> TaskPage:
        """One page of tasks. `page_size` 1-1000; a `token` comes from the page before.

        Today's wire takes as `filters`: `sortBy`, `sortDirection`, `taskType`, `status`, `query`,
        `agentDefinitionId`, `policyIssueId`, and `excludeSources` any number of times.
        """
        call = Call(
            path=self._path(),
            params=(*filters, *build_paging(page_size, token)),
            read_timeout_s=CALL_TIMEOUT_S,
        )
        page = decode_json(self._send(call), RawTaskPage)
        tasks = tuple(raw.record() for raw in page.tasks or ())
        return TaskPage(tasks, page.continuation_token or "")

    def events_page(
        self, task_id: str, *, page_size: int | None = EVENTS_A_PAGE, token: str = ""
    ) -> EventPage:
        """One page of a task's events. Raises ServiceNotFound when the task is gone."""
        call = Call(
            path=self._path(task_id, "/{}/events"),
            params=build_paging(page_size, token),
            read_timeout_s=CALL_TIMEOUT_S,
            max_bytes=MAX_EVENTS_BYTES,
        )
        page = decode_json(self._send(call), RawEventPage)
        return EventPage(self.wire.decode_events(page), page.continuation_token or "")

    def send_message(
        self, task_id: str, text: str, *, on_sent: Callable[[], None] | None = None
    ) -> None:
        """Continues the task. Raises ServiceConflict while it works, ServiceNotFound when gone."""
        event = self.wire.message_event(text, self._timestamp())
        self._ask(self._response_call(task_id, event), on_sent)

    def confirm(self, task_id: str, request_id: str, *, ok: bool, instructions: str = "") -> None:
        """Answers an approval request. `ok` is always sent: an absent one probably denies."""
        self._need_live("answer an approval")
        event: dict[str, Any] = {
            "type": "user_confirmation",
            "approval_request_id": request_id,
            "ok": ok,
            "timestamp": self._timestamp(),
        }
        if instructions:
            event["instructions"] = instructions
        self._send(self._response_call(task_id, event))

    def interrupt(self, task_id: str) -> None:
        """Asks the task to stop its turn; answered by an event. 409 while a local tool runs."""
        self._need_live("cancel a turn")
        event = {"type": "user_cancel", "timestamp": self._timestamp()}
        self._send(self._response_call(task_id, event))

    def cancel(self, task_id: str) -> None:
        """Stops the task by force (204); doing it twice does no harm.

        Raises ServiceConflict when it was stopped and its status was not reset.
        """
        self._need_live("cancel a task")
        call = Call(
            method="POST",
            path=self._path(task_id, "/{}/cancel"),
            body={"force": True},
            retry=READ,
            read_timeout_s=CALL_TIMEOUT_S,
        )
        self._send(call)

    def change(self, task_id: str, **changes: str | bool) -> TaskRecord:
        """Changes `approvalMode`, `permissionMode`, `name`, `isShared` or `role`; creator only."""
        self._need_live("change a task's modes")
        call = Call(
            method="PATCH",
            path=self._path(task_id),
            body=changes,
            retry=CREATE,
            read_timeout_s=CALL_TIMEOUT_S,
        )
        return decode_json(self._send(call), RawTask).record()

    @contextmanager
    def open_stream(
        self, task_id: str, *, last_event_id: str = "", within_s: float
    ) -> Iterator[Stream]:
        """The task's events as server-sent events: all of them, or those after an id, then live.

        An id that cannot stand in a header is left out: then everything comes again. The service keeps it open after the final message: the reader must leave by itself.
        """
        headers = {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "Cache-Control": "no-cache",
            "X-Pulumi-Source": "Upshot",
        }
        if last_event_id.isascii() and last_event_id.isprintable() and last_event_id:
            headers["Last-Event-ID"] = last_event_id
        call = Call(
            path=self._path(task_id, "/{}/events/stream"),
            headers=headers,
            read_timeout_s=SILENCE_S,
            within_s=within_s,
        )
        self.requests += 1
        with self._cloud.stream(call) as stream:
            yield stream

    def limit_time(self, within_s: float) -> None:
        """From now on one try a call, and all of them together within this time."""
        self._time_limit = self.deadline.earlier(within_s)

    def _response_call(self, task_id: str, event: dict[str, Any]) -> Call:
        return Call(
            method="POST",
            path=self._path(task_id),
            body={"event": event},
            retry=CREATE,
            read_timeout_s=CALL_TIMEOUT_S,
        )

    def _ask(self, call: Call, on_sent: Callable[[], None] | None) -> Response:
        before = self.requests
        try:
            return self._send(call, on_sent)
        finally:
            self.asks += self.requests - before

    def _send(self, call: Call, on_sent: Callable[[], None] | None = None) -> Response:
        if self._time_limit:
            call = replace(call, retry=ONCE, within_s=self._time_limit.remaining_s())
        try:
            response = self._cloud.send(call, on_sent=on_sent)
        except ServiceError as error:
            self.requests += error.tries
            raise
        self.requests += response.tries
        return response

    def _path(self, task_id: str = "", rest: str = "/{}") -> str:
        base = build_path(self.wire.tasks_path, self.organization)
        if task_id in {".", ".."}:
            raise ServiceNotFound(f"no Neo task can be called {task_id!r}")
        return base + build_path(rest, task_id) if task_id else base

    def _need_live(self, wish: str) -> None:
        if not self.wire.is_live:
            raise ServiceBadRequest(
                f"the documented Agent Tasks API has no way to {wish}",
                hint="The workflow's author may set `api-dialect: auto`, or act at the console.",
            )

    def _timestamp(self) -> str:
        return build_timestamp(self.clock.now())
