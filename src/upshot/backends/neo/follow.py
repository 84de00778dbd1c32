"""Follows a Neo task to the end of its turn and says on the way how it goes.

Stops by itself: at a final message, an error, a cancellation, or as soon as the task waits for a
person, so that no runner is held while a person thinks. It must not know how anything is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Final, Protocol

from msgspec.structs import replace

from upshot.backends.neo.turn import Turn, add_pull_requests, advance
from upshot.errors import ServiceError, ServiceNotFound
from upshot.http.retry import ONCE
from upshot.model import TaskStatus
from upshot.pulumi.neo.events import TaskEvent
from upshot.pulumi.neo.follow import EventReader, Seen, Tick, follow_task
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import TaskRecord
from upshot.timing import Deadline

QUIET_S: Final = 45.0
"""Seconds without an event after which the task's own status is asked for."""
OPEN_QUIET_S: Final = 5.0
"""The same, while a request is open that the task did not say it waits for."""
_LAG_S: Final = 15.0
"""Seconds after a message in which an end without an answer is that of the turn before."""
_IDLE_CHECKS: Final = 2
"""Consecutive idle checks, with no event missing, before the turn counts as ended."""


class Listener(Protocol):
    """Who wants to know; called in the thread that follows."""

    def on_event(self, event: TaskEvent, turn: Turn) -> None:
        """After each event, with where the task then stands."""
        ...

    def on_tick(self, turn: Turn) -> None:
        """Now and then while nothing happens."""
        ...


def follow_turn(
    client: TaskClient,
    task_id: str,
    turn: Turn,
    seen: Seen,
    *,
    until: Deadline,
    jitter: Callable[[], float],
    listener: Listener,
    may_lag: bool = False,
) -> Turn:
    """The turn when it is over, or as far as it came by `until` (then it is still running).

    `seen` and `turn` hold what was read of the task before. `may_lag`: a message was just sent to a
    task that had ended, and its status may say so for a while. Raises ServiceError.
    """
    watch = _IdleWatch(client, task_id, seen, listener, lag_s=_LAG_S if may_lag else 0.0)
    with closing(follow_task(client, task_id, seen, until=until, jitter=jitter)) as signals:
        for signal in signals:
            if isinstance(signal, Tick):
                turn = watch.look(turn, signal)
                listener.on_tick(turn)
            else:
                watch.wake()
                turn = advance(turn, signal)
                listener.on_event(signal, turn)
            if turn.is_over:
                break
    return turn


def complete(turn: Turn, record: TaskRecord) -> Turn:
    """With what only the task itself knows: tokens, and pull requests that no event named."""
    tokens = turn.tokens if record.tokens_used is None else record.tokens_used
    turn = replace(turn, tokens=tokens, name=turn.name or record.name[:200])
    return add_pull_requests(turn, record.entities)


class _IdleWatch:
    """Notices an end without an event, by the status of the task itself, when it is quiet."""

    def __init__(
        self, client: TaskClient, task_id: str, seen: Seen, listener: Listener, *, lag_s: float
    ) -> None:
        self._lag_until_s = client.clock.monotonic() + lag_s
        self._client = client
        self._task_id = task_id
        self._seen = seen
        self._listener = listener
        self._checks = 0
        self._quiet_since = client.clock.monotonic()

    def wake(self) -> None:
        self._checks = 0
        self._quiet_since = self._client.clock.monotonic()

    def look(self, turn: Turn, tick: Tick) -> Turn:
        if tick.status:
            is_old = not turn.text and self._client.clock.monotonic() < self._lag_until_s
            return turn if is_old else _by_status(turn, tick.status)
        quiet_s = OPEN_QUIET_S if turn.open else QUIET_S
        if self._client.clock.monotonic() - self._quiet_since < quiet_s:
            return turn
        self._quiet_since = self._client.clock.monotonic()
        try:
            status = self._client.get(self._task_id, retry=ONCE).status
            if status != "idle":
                self._checks = 0
                return turn
            turn = self._catch_up(turn)
        except ServiceNotFound:
            raise
        except ServiceError:
            return turn
        self._checks += 1
        if turn.is_over:
            return turn
        if turn.open:
            return replace(turn, is_waiting=True)
        return turn if self._checks < _IDLE_CHECKS else _gone_idle(turn)

    def _catch_up(self, turn: Turn) -> Turn:
        """With the events that the list has and the stream did not give."""
        for event in EventReader(self._client, self._task_id, self._seen).read_new():
            turn = advance(turn, event)
            self._listener.on_event(event, turn)
            self._checks = 0
        return turn


def _by_status(turn: Turn, status: str) -> Turn:
    """The documented wire shows the end by the task's status only."""
    if status == "completed":
        return replace(turn, ended=TaskStatus.FINISHED)
    if status == "failed":
        why = "Neo says that the task failed; the documented wire does not say why."
        return replace(turn, ended=TaskStatus.FAILED, why=why)
    return turn


def _gone_idle(turn: Turn) -> Turn:
    why = (
        "Neo stopped working without a final message; a token budget that ran out does this. "
        "See the task's page."
    )
    return replace(turn, ended=TaskStatus.FAILED, why=why)
