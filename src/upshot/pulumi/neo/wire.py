"""Neo's two wires, as two values with the same methods: paths, bodies and shapes, no requests.

`CurrentWire` is today's (service description of October 2026, shipped CLI 3.259), `DocumentedWire`
the one of the published Agent Tasks API page. The sender does not look at the dialect again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Protocol

from msgspec import Struct, field

from upshot.lenient import as_id
from upshot.model import StackRef
from upshot.pulumi.neo.decode import decode_current, decode_documented
from upshot.pulumi.neo.entities import (
    build_documented_entity,
    build_stack_entity,
    parse_entity,
)
from upshot.pulumi.neo.events import Entity, TaskEvent


class Dialect(StrEnum):
    """What `api-dialect` forces."""

    CURRENT = "current"
    DOCUMENTED = "documented"


class NewTask(Struct, frozen=True, kw_only=True):
    """What a task is created with; an empty mode is the organization's default."""

    prompt: str
    stack: StackRef | None = None
    """Attached as an entity; None when unknown, or when the service calls it invalid."""
    approval_mode: str = ""
    """`manual`, `balanced` or `auto`."""
    permission_mode: str = ""
    """`read-only` or `default`."""
    plan_mode: bool = False


class TaskRecord(Struct, frozen=True, kw_only=True):
    """A task as get and list give it."""

    id: str
    name: str = ""
    status: str = ""
    """Today `running` or `idle`; documented `pending`, `running`, `completed` or `failed`."""
    created_at: str = ""
    """RFC 3339."""
    entities: tuple[Entity, ...] = ()
    tokens_used: int | None = None
    approval_mode: str = ""
    permission_mode: str = ""


class TaskPage(Struct, frozen=True):
    tasks: tuple[TaskRecord, ...]
    token: str = ""
    """For the next page; empty at the end."""


class EventPage(Struct, frozen=True):
    events: tuple[TaskEvent, ...]
    """Oldest first."""
    token: str = ""


class RawTask(Struct, rename="camel"):
    """Both wires' task object, the fields that are used. Arrays may be null."""

    id: str = ""
    task_id: str = ""
    """The shipped CLI reads `taskId` where the description says `id`."""
    name: str | None = None
    status: str | None = None
    created_at: str | None = None
    entities: list[dict[str, Any]] | None = None
    tokens_used: int | None = None
    approval_mode: str | None = None
    permission_mode: str | None = None

    def record(self) -> TaskRecord:
        return TaskRecord(
            id=as_id(self.id) or as_id(self.task_id),
            name=self.name or "",
            status=self.status or "",
            created_at=self.created_at or "",
            entities=tuple(parse_entity(entity) for entity in self.entities or ()),
            tokens_used=self.tokens_used,
            approval_mode=self.approval_mode or "",
            permission_mode=self.permission_mode or "",
        )


class RawTaskPage(Struct, rename="camel"):
    tasks: list[RawTask] | None = None
    continuation_token: str | None = None


class RawEventPage(Struct, rename="camel"):
    events: list[dict[str, Any]] | None = field(default=None)
    continuation_token: str | None = None


class Wire(Protocol):
    """What differs between the two."""

    dialect: ClassVar[Dialect]
    tasks_path: ClassVar[str]
    """With one `{}` for the organization."""
    is_live: ClassVar[bool]
    """Streams, approvals, modes, cancel: all of them, or none."""

    def create_body(self, new: NewTask, at: str) -> dict[str, Any]: ...
    def message_event(self, text: str, at: str) -> dict[str, Any]: ...
    def decode_events(self, page: RawEventPage) -> tuple[TaskEvent, ...]: ...


class CurrentWire:
    dialect: ClassVar[Dialect] = Dialect.CURRENT
    tasks_path: ClassVar[str] = "/api/preview/agents/{}/tasks"
    is_live: ClassVar[bool] = True

    def create_body(self, new: NewTask, at: str) -> dict[str, Any]:
        message: dict[str, Any] = {"type": "user_message", "content": new.prompt, "timestamp": at}
        if new.stack:
            message["entity_diff"] = {"add": [build_stack_entity(new.stack)], "remove": []}
        body: dict[str, Any] = {"message": message}
        if new.approval_mode:
            body["approvalMode"] = new.approval_mode
        if new.permission_mode:
            body["permissionMode"] = new.permission_mode
        if new.plan_mode:
            body["planMode"] = True
        return body

    def message_event(self, text: str, at: str) -> dict[str, Any]:
        return {"type": "user_message", "content": text, "timestamp": at}

    def decode_events(self, page: RawEventPage) -> tuple[TaskEvent, ...]:
        """In the order of the page: oldest first."""
        return tuple(decode_current(raw) for raw in page.events or ())


class DocumentedWire:
    dialect: ClassVar[Dialect] = Dialect.DOCUMENTED
    tasks_path: ClassVar[str] = "/preview/agents/{}/tasks"
    is_live: ClassVar[bool] = False

    def create_body(self, new: NewTask, at: str) -> dict[str, Any]:
        body: dict[str, Any] = {"content": new.prompt, "timestamp": at}
        if new.stack:
            body["entity_diff"] = {"add": [build_documented_entity(new.stack)], "remove": []}
        return body

    def message_event(self, text: str, at: str) -> dict[str, Any]:
        return {"type": "user_input", "content": text, "timestamp": at}

    def decode_events(self, page: RawEventPage) -> tuple[TaskEvent, ...]:
        """By `sequence`, which the documentation says is for ordering."""
        raws = sorted(page.events or (), key=_sequence)
        return tuple(decode_documented(raw) for raw in raws)


def _sequence(raw: dict[str, Any]) -> int:
    value = raw.get("sequence")
    return value if isinstance(value, int) else 0


WIRES: dict[Dialect, Wire] = {
    Dialect.CURRENT: CurrentWire(),
    Dialect.DOCUMENTED: DocumentedWire(),
}


def build_timestamp(epoch_s: float) -> str:
    """RFC 3339 in UTC, to the second, as both wires write it: `2026-11-21T10:00:00Z`."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch_s))


def build_paging(page_size: int | None, token: str) -> tuple[tuple[str, str], ...]:
    """The query of one page; both wires page alike."""
    size = (("pageSize", str(page_size)),) if page_size else ()
    return (*size, ("continuationToken", token)) if token else size
