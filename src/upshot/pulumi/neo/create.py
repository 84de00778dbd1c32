"""A task created exactly once, and which wire a server speaks, found out without creating any.

Two tasks are worse than none: a create whose answer is lost is never sent again. The newest tasks
since our start are read instead, and the one whose first message carries our marker is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from upshot.errors import (
    ServiceBadReply,
    ServiceBadRequest,
    ServiceError,
    ServiceNotFound,
    ServiceTimeout,
    ServiceUnavailable,
)
from upshot.http.client import ServiceClient
from upshot.inputs.choices import ApiDialect
from upshot.pulumi.neo.events import UserMessage
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import WIRES, Dialect, NewTask, TaskRecord

NEWEST: Final = 5
"""How many of the newest tasks are searched for our marker."""
_LOOKS: Final = (0.0, 3.0, 6.0)
"""Seconds before each look: a slow create may show up a little later."""
_PAGE: Final = 1_000
_MOST_PAGES: Final = 20
_CLOCK_SKEW_S: Final = 300.0
_BAD_REQUEST: Final = 400


class CreatedTask(Struct, frozen=True):
    id: str
    notes: tuple[str, ...] = ()
    """Our own words about what was not as asked."""


def build_marker(*, run_id: str, attempt: str, sha: str, nonce: str) -> str:
    """The line that only our task has; `nonce` is random text, different in each run."""
    return f"Upshot reference: run {run_id or '-'}/{attempt or '1'}, commit {sha or '-'}, {nonce}"


def choose_client(cloud: ServiceClient, organization: str, dialect: ApiDialect) -> TaskClient:
    """A client for the wire that `dialect` names, or, for `auto`, that the server speaks.

    A list on today's path answers 200 where today's wire is spoken and 404, 405 or something
    other than JSON where it is not [inference]; 401 and 403 are refusals on both. Nothing is
    created. Raises ServiceError when neither wire answers.
    """
    if dialect is not ApiDialect.AUTO:
        return TaskClient(cloud, organization, WIRES[Dialect(dialect.value)])
    current = TaskClient(cloud, organization, WIRES[Dialect.CURRENT])
    try:
        current.list_page(page_size=1)
    except (ServiceNotFound, ServiceBadReply, ServiceBadRequest) as error:
        documented = TaskClient(cloud, organization, WIRES[Dialect.DOCUMENTED])
        documented.requests = current.requests
        try:
            documented.list_page(page_size=1)
        except (ServiceNotFound, ServiceBadReply, ServiceBadRequest):
            raise error from None
        return documented
    return current


def create_task(
    client: TaskClient,
    new: NewTask,
    marker: str,
    *,
    on_sent: Callable[[], None] | None = None,
) -> CreatedTask:
    """Creates the task, or finds the one that a lost answer left behind; never two.

    `marker` must be part of `new.prompt`. Raises ServiceError; after a ServiceTimeout a task may
    exist that could not be found.
    """
    started_s = client.clock.now()
    try:
        return CreatedTask(client.create(new, on_sent=on_sent))
    except ServiceBadRequest as error:
        if not (new.stack and error.status == _BAD_REQUEST and _names_entities(error)):
            raise
    except (ServiceTimeout, ServiceUnavailable, ServiceBadReply) as error:
        return _adopt(client, marker, started_s, error)
    note = "The stack could not be attached to the task; Neo was asked without it."
    try:
        return CreatedTask(client.create(replace(new, stack=None)), (note,))
    except (ServiceTimeout, ServiceUnavailable, ServiceBadReply) as error:
        adopted = _adopt(client, marker, started_s, error)
        return CreatedTask(adopted.id, (note, *adopted.notes))


def find_ours(client: TaskClient, marker: str, *, since_s: float) -> str:
    """The id of the task whose first message carries `marker`, or empty.

    Looks at the newest tasks that were created since `since_s` (Unix epoch), at most `NEWEST`.
    """
    if client.wire.is_live:
        newest_first = (("sortBy", "created"), ("sortDirection", "desc"))
        tasks = client.list_page(page_size=NEWEST, filters=newest_first).tasks
    else:
        tasks = _list_all(client)
    recent = [task for task in tasks if _created_s(task) >= since_s - _CLOCK_SKEW_S]
    recent.sort(key=_created_s, reverse=True)
    for task in recent[:NEWEST]:
        events = client.events_page(task.id, page_size=1).events
        if events and isinstance(events[0], UserMessage) and marker in events[0].text:
            return task.id
    return ""


def _list_all(client: TaskClient) -> tuple[TaskRecord, ...]:
    """Every task: the documented wire does not say in which order it lists them."""
    tasks: tuple[TaskRecord, ...] = ()
    token = ""
    for _ in range(_MOST_PAGES):
        page = client.list_page(page_size=_PAGE, token=token)
        tasks += page.tasks
        token = page.token
        if not token:
            break
    return tasks


def _adopt(client: TaskClient, marker: str, started_s: float, lost: ServiceError) -> CreatedTask:
    for wait_s in _LOOKS:
        if wait_s >= client.deadline.remaining_s():
            break
        client.clock.sleep(wait_s)
        try:
            found = find_ours(client, marker, since_s=started_s)
        except ServiceError:
            continue
        if found:
            return CreatedTask(found, ("Neo's answer was lost; the task that it made was found.",))
    raise lost


def _names_entities(error: ServiceBadRequest) -> bool:
    """The service says `invalid entities` or `invalid entity` [shipped client]."""
    return "invalid entit" in error.message.lower()


def _created_s(task: TaskRecord) -> float:
    from datetime import datetime

    try:
        return datetime.fromisoformat(task.created_at).timestamp()
    except (ValueError, OverflowError):
        return 0.0
