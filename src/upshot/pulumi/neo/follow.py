"""A task's events as they come, each exactly once: streamed, or polled where nothing is streamed.

Must not know what the events mean: the reader stops at the turn's end, which closes the stream
(the service keeps it open). Both ways share one memory of what was given, so a drop, a replay or a
change from one to the other neither loses nor doubles an event.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceError,
    ServiceNotFound,
    ServiceRateLimited,
    ServiceTimeout,
    ServiceUnavailable,
    ServiceUnreachable,
)
from upshot.http.calls import Stream
from upshot.http.sse import SseParser
from upshot.pulumi.neo.decode import parse_event
from upshot.pulumi.neo.events import TaskEvent
from upshot.pulumi.neo.tasks import TaskClient
from upshot.timing import Deadline

GIVE_UP_S: Final = 300.0
"""Give up after this many seconds without a byte [shipped client]."""
POLL_FIRST_S: Final = (0.5, 1.5, 3.0, 5.0)
"""Waits before the first polls: a task of half a second is not waited for longer than that."""
POLL_EVERY_S: Final = 2.5
_SILENT_OPENS: Final = 2
"""Streams that failed or ended before their first byte, after which polling takes over."""
_NOT_IMPLEMENTED: Final = 501
_EVENTS_EVERY_POLLS: Final = 12
"""Documented wire: how often the events are read for the progress alone."""

_TRANSIENT: Final = (ServiceTimeout, ServiceUnreachable, ServiceUnavailable, ServiceRateLimited)


class Tick(Struct, frozen=True):
    """Nothing new, but a sign of life; a chance to look at the clock."""

    status: str = ""
    """The task's status where a poll asked for it."""


Signal = TaskEvent | Tick


class StreamNotServed(Exception):
    """The server, or something before it, does not stream events: poll."""


class Seen:
    """Which events were given already, in bounded memory: the newest `limit` of them."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._keys: dict[int, None] = {}
        self.last_id = ""
        """The newest event's id, to resume from."""

    def is_new(self, event: TaskEvent, frame_id: str = "") -> bool:
        """True the first time; an event without any id is known by all that it says."""
        self.last_id = frame_id or event.id or self.last_id
        key = hash(event.id or frame_id or (type(event).__name__, msgspec.json.encode(event)))
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._limit:
            del self._keys[next(iter(self._keys))]
        return True


class EventReader:
    """Reads a task's event list from where it stopped the last time."""

    def __init__(self, client: TaskClient, task_id: str, seen: Seen) -> None:
        self._client = client
        self._task_id = task_id
        self._seen = seen
        self._token = ""

    def read_new(self) -> Iterator[TaskEvent]:
        """The events that were not given yet, page by page.

        A token names a page, so the last page is read again each time, and the first one when
        the service does not know the token any more. Raises ServiceError.
        """
        while True:
            try:
                page = self._client.events_page(self._task_id, token=self._token)
            except ServiceBadRequest:
                if not self._token:
                    raise
                self._token = ""
                continue
            for event in page.events:
                if self._seen.is_new(event):
                    yield event
            if not page.token or page.token == self._token:
                return
            self._token = page.token


def follow_task(
    client: TaskClient,
    task_id: str,
    seen: Seen,
    *,
    until: Deadline,
    jitter: Callable[[], float],
) -> Generator[Signal, None, None]:
    """The task's events that `seen` does not know, and ticks between them, until `until`.

    `jitter` gives 0.0 up to 1.0. Close the iterator at the turn's end. Raises ServiceError for
    what does not pass: the task is gone (404), the token refused, or nothing came for
    `GIVE_UP_S`.
    """
    if client.wire.is_live:
        try:
            yield from stream_events(client, task_id, seen, until=until, jitter=jitter)
        except StreamNotServed:
            pass
        else:
            return
    yield from poll_events(client, task_id, seen, until=until, jitter=jitter)


def stream_events(
    client: TaskClient,
    task_id: str,
    seen: Seen,
    *,
    until: Deadline,
    jitter: Callable[[], float],
) -> Iterator[Signal]:
    """As `follow_task`, streamed; raises StreamNotServed where that is not possible."""
    backoff = _Backoff(client, jitter)
    silent_opens = 0
    while not until.passed:
        fault: ServiceError | None = None
        try:
            with client.open_stream(
                task_id, last_event_id=seen.last_id, within_s=until.remaining_s()
            ) as stream:
                yield from _read(stream, seen, backoff)
        except _TRANSIENT as error:
            fault = error
        except ServiceNotFound:
            if backoff.signs_of_life:
                raise
            raise StreamNotServed from None
        except (ServiceBadReply, ServiceBadRequest):
            raise StreamNotServed from None
        silent_opens += not backoff.signs_of_life
        if silent_opens >= _SILENT_OPENS or (fault and fault.status == _NOT_IMPLEMENTED):
            raise StreamNotServed
        yield Tick()
        backoff.wait(fault, until)


def poll_events(
    client: TaskClient,
    task_id: str,
    seen: Seen,
    *,
    until: Deadline,
    jitter: Callable[[], float],
) -> Iterator[Signal]:
    """As `follow_task`, by asking: after 0.5, 2, 5 and 10 s, then every 2.5 s.

    On the documented wire the status shows the end, so it is asked for each time and the events
    now and then; today it is the other way round.
    """
    reader = EventReader(client, task_id, seen)
    backoff = _Backoff(client, jitter)
    clock, polls = client.clock, 0
    due_s = clock.monotonic() + POLL_FIRST_S[0]
    while (wait_s := due_s - clock.monotonic()) < until.remaining_s():
        clock.sleep(max(0.0, wait_s))
        status = ""
        # By the clock, not by the answers: a slow round trip does not stretch the rhythm.
        polls += 1
        every_s = POLL_FIRST_S[polls] if polls < len(POLL_FIRST_S) else POLL_EVERY_S
        due_s = max(due_s + every_s, clock.monotonic() + every_s / 4)
        try:
            if not client.wire.is_live:
                status = client.get(task_id).status
            if client.wire.is_live or _is_turn_of_events(polls) or _is_end(status):
                yield from reader.read_new()
        except _TRANSIENT as error:
            due_s = clock.monotonic() + backoff.next_wait_s(error)
        else:
            backoff.renew()
        yield Tick(status)
    clock.sleep(until.remaining_s())


def _is_turn_of_events(polls: int) -> bool:
    return polls % _EVENTS_EVERY_POLLS == _EVENTS_EVERY_POLLS // 2


def _is_end(status: str) -> bool:
    return status in {"completed", "failed"}


def _read(stream: Stream, seen: Seen, backoff: _Backoff) -> Iterator[Signal]:
    if not stream.headers.get("content-type", "").startswith("text/event-stream"):
        raise StreamNotServed
    parser = SseParser()
    for chunk in stream.chunks:
        backoff.renew()
        for frame in parser.feed(chunk):
            event = parse_event(frame.data)
            if seen.is_new(event, frame.id):
                yield event
        yield Tick()


class _Backoff:
    """Waits after each failure, 1 s doubling to 30 s and up to 25 % more, and when to give up."""

    def __init__(self, client: TaskClient, jitter: Callable[[], float]) -> None:
        self._clock = client.clock
        self._jitter = jitter
        self._failures = 0
        self._alive_at = self._clock.monotonic()
        self.signs_of_life = 0
        """Chunks and polls that brought something."""

    def renew(self) -> None:
        self.signs_of_life += 1
        self._failures = 0
        self._alive_at = self._clock.monotonic()

    def next_wait_s(self, error: ServiceError | None) -> float:
        """Seconds until the next try. Raises `error` when nothing came in for too long."""
        if error and self._clock.monotonic() - self._alive_at > GIVE_UP_S:
            raise error
        self._failures += 1
        back_off_s = min(2.0 ** (self._failures - 1), 30.0)
        asked_s = (error.retry_after_s or 0.0) if error else 0.0
        return max(back_off_s * (1 + 0.25 * self._jitter()), min(asked_s, 30.0))

    def wait(self, error: ServiceError | None, until: Deadline) -> None:
        self._clock.sleep(min(self.next_wait_s(error), until.remaining_s()))
