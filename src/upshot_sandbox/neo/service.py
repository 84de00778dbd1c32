"""Neo's Agent Tasks API on both wires, without a socket: a request in, a reply out.

Strict about paths, discriminators and codes. Used by the sandbox's server, and by tests that need
a virtual clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from upshot_sandbox.neo import shapes
from upshot_sandbox.neo.plan import NeoPlan
from upshot_sandbox.neo.task import Busy, Happened, NeoTask

T = TypeVar("T", bound=Struct)

TODAY = "/api/preview/agents"
DOCUMENTED = "/preview/agents"


class Denied(Exception):
    """The service says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Neo:
    """All tasks of one organization."""

    def __init__(
        self, plan: NeoPlan, *, now: Callable[[], float], wire: str, repository: str
    ) -> None:
        self.plan = plan
        self.wire = wire
        """`today` or `documented`; the other one answers 404."""
        self.tasks: dict[str, NeoTask] = {}
        """In the order of their creation."""
        self.broken_streams = 0
        self._now = now
        self._repository = repository
        for known in plan.known_tasks:
            self._add(known, {}).hear("An earlier question")

    def create(self, raw: bytes) -> NeoTask:
        """Raises Denied."""
        is_today = self.wire == "today"
        if is_today:
            body = self._read(raw, shapes.CreateToday)
            message = body.message or shapes.FirstMessage()
            if message.type != "user_message" or not message.content:
                raise Denied(400, "prompt is required")
            settings = {name: value for name, value in msgspec.to_builtins(body).items() if value}
            text, at, diff = message.content, message.timestamp, message.entity_diff
        else:
            flat = self._read(raw, shapes.CreateDocumented)
            settings, text, at, diff = {}, flat.content, flat.timestamp, flat.entity_diff
        if not (text and at):
            raise Denied(400, "content and timestamp are required")
        settings["entities"] = self._entities(diff)
        task = self._add(f"task-{len(self.tasks) + 1:04d}", settings)
        task.hear(text)
        return task

    def find(self, task_id: str) -> NeoTask:
        """The task, up to date. Raises Denied."""
        task = self.tasks.get(task_id)
        if task is None:
            raise Denied(404, "task not found or not owned by user")
        task.catch_up()
        return task

    def page(self, query: Mapping[str, str]) -> dict[str, Any]:
        """A page of tasks; newest first, as `sortBy=created` and the default order say."""
        for task in self.tasks.values():
            task.catch_up()
        listed = list(reversed(self.tasks.values()))
        if query.get("sortDirection") == "asc":
            listed.reverse()
        chosen, token = self._slice(listed, query)
        draw = shapes.task_today if self.wire == "today" else shapes.task_documented
        return {"tasks": [draw(task) for task in chosen], "continuationToken": token}

    def events(self, task_id: str, query: Mapping[str, str]) -> dict[str, Any]:
        """A page of events, oldest first."""
        chosen, token = self._slice(self.find(task_id).events, query)
        draw = shapes.event_today if self.wire == "today" else shapes.event_documented
        drawn = [shown for event in chosen if (shown := draw(event))]
        return {"events": drawn, "continuationToken": token}

    def respond(self, task_id: str, raw: bytes) -> None:
        """Raises Denied."""
        task, event = self.find(task_id), self._read(raw, shapes.Respond).event
        if event is None:
            raise Denied(400, "event field is required")
        kinds = {"user_message", "user_confirmation", "user_cancel"}
        if event.type not in (kinds if self.wire == "today" else {"user_input"}):
            raise Denied(400, f"unknown event type {event.type!r}")
        try:
            if event.type == "user_confirmation":
                ok = event.ok is True
                task.decide(event.approval_request_id, ok=ok, instructions=event.instructions)
            elif event.type == "user_cancel":
                task.interrupt()
            elif event.content:
                task.hear(event.content)
            else:
                raise Denied(400, "content is required")
        except Busy as error:
            raise Denied(409, str(error)) from error
        except KeyError as error:
            raise Denied(400, "no such approval request in this task") from error

    def cancel(self, task_id: str, raw: bytes) -> None:
        """Raises Denied."""
        task = self.find(task_id)
        if not self._read(raw, shapes.Cancel).force:
            raise Denied(400, "force must be true to cancel a task")
        if task.is_working or task.open:
            task.interrupt()

    def change(self, task_id: str, raw: bytes) -> NeoTask:
        """Raises Denied."""
        task, body = self.find(task_id), self._read(raw, shapes.Change)
        changes = {name: value for name, value in msgspec.to_builtins(body).items() if value}
        task.name = str(changes.pop("name", task.name))
        task.settings |= changes
        return task

    def budget(self) -> dict[str, Any]:
        """Raises Denied where it is not served."""
        if self.plan.budget == "unserved":
            raise Denied(404, "Not Found")
        is_exhausted = self.plan.budget == "exhausted"
        return {
            "windowKind": "org-dollar",
            "baseAllowanceTokens": 1_000_000,
            "effectiveAllowanceTokens": 1_000_000,
            "consumedTokens": 1_000_000 if is_exhausted else 1_234,
            "windowEnd": 1_796_083_200,
            "exhausted": is_exhausted,
        }

    def after(self, task: NeoTask, last_event_id: str) -> list[Happened]:
        """The events that a stream starts with; all of them for an id that it does not know."""
        task.catch_up()
        if not last_event_id or self.plan.forgets_resume:
            return list(task.events)
        seen = next((e.sequence for e in task.events if e.id == last_event_id), 0)
        return task.events[seen:]

    def breaks_at(self, given: int) -> bool:
        """Whether a stream that gave so many events breaks in the next one; counts the breaks."""
        plan = self.plan
        breaks = 0 < plan.drop_after <= given and not (0 < plan.drops <= self.broken_streams)
        self.broken_streams += breaks
        return breaks

    def _add(self, task_id: str, settings: dict[str, Any]) -> NeoTask:
        task = NeoTask(
            task_id, self.plan, now=self._now, settings=settings, repository=self._repository
        )
        self.tasks[task_id] = task
        return task

    def _entities(self, diff: shapes.EntityDiff | None) -> list[dict[str, Any]]:
        added = diff.add if diff else []
        key = "project" if self.wire == "today" else "id"
        if any(entity.get("type") == "stack" and not entity.get(key) for entity in added):
            raise Denied(400, "invalid entities: a stack without a name")
        if added and self.plan.entities == "invalid":
            raise Denied(400, "invalid entities: the stack cannot be read with this token")
        return added

    def _read(self, raw: bytes, shape: type[T]) -> T:
        try:
            return msgspec.convert(_without_nulls(json.loads(raw)), shape)
        except (ValueError, msgspec.ValidationError) as error:
            raise Denied(400, f"invalid request body: {error}") from error

    def _slice(self, listed: list[Any], query: Mapping[str, str]) -> tuple[list[Any], str | None]:
        size, token = query.get("pageSize", "100"), query.get("continuationToken", "0")
        if not (size.isdecimal() and 1 <= int(size) <= 1000):
            raise Denied(400, "pageSize must be between 1 and 1000")
        if not token.isdecimal():
            raise Denied(400, "invalid continuationToken")
        start, end = int(token), int(token) + int(size)
        return listed[start:end], str(end) if end < len(listed) else None


def _without_nulls(found: Any) -> Any:
    """Pulumi's own generated client sends `null` for what is not set."""
    if isinstance(found, dict):
        return {key: _without_nulls(value) for key, value in found.items() if value is not None}
    return [_without_nulls(value) for value in found] if isinstance(found, list) else found
