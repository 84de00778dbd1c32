"""The documented wire: each call of the published page has its exact twin; ours adds no more
than headers that say who asks.

The published calls are written down here as they stand there: method, address, body.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from upshot.http.client import ServiceClient
from upshot.pulumi.neo.create import find_ours
from upshot.pulumi.neo.events import ConsoleOutput, UserMessage
from upshot.pulumi.neo.tasks import TaskClient
from upshot.pulumi.neo.wire import WIRES, Dialect, NewTask
from upshot.pulumi.service import pulumi_cloud
from upshot.secret import Secret
from upshot.timing import Deadline
from upshot_sandbox.neo.virtual import VirtualClock

BASE = "https://api.pulumi.com/preview/agents/my-org/tasks"
TASK = {"id": "task_abc123", "name": "Task name", "status": "pending",
        "createdAt": "2025-01-15T00:00:00Z", "entities": []}  # fmt: skip
EVENTS = {
    "events": [
        {"type": "user_input", "timestamp": "2025-01-15T10:35:00Z",
         "content": "Continue with optimization", "sequence": 2},
        {"type": "console_output", "timestamp": "2025-01-15T10:30:00Z",
         "content": "Processing request...", "sequence": 1},
    ],
    "continuationToken": "next_page_token",
}  # fmt: skip

Call = Callable[[TaskClient], Any]
PUBLISHED: dict[str, tuple[Call, str, Any, tuple[int, Any]]] = {
    # What we call, the published line and body, the published reply.
    "create": (
        lambda client: client.create(NewTask(prompt="Help me optimize my Pulumi stack")),
        f"POST {BASE}",
        {"content": "Help me optimize my Pulumi stack", "timestamp": "2025-01-15T10:30:00Z"},
        (200, TASK),
    ),
    "get": (
        lambda client: client.get("task_abc123"),
        f"GET {BASE}/task_abc123",
        None,
        (200, TASK),
    ),
    "list": (
        lambda client: client.list_page(page_size=50),
        f"GET {BASE}?pageSize=50",
        None,
        (200, {"tasks": [TASK], "continuationToken": "next_page_token"}),
    ),
    "respond": (
        lambda client: client.send_message(
            "task_abc123", "Yes, please proceed with the optimization"
        ),
        f"POST {BASE}/task_abc123",
        {
            "event": {
                "type": "user_input",
                "content": "Yes, please proceed with the optimization",
                "timestamp": "2025-01-15T10:30:00Z",
            }
        },
        (202, None),
    ),
    "events": (
        lambda client: client.events_page("task_abc123", page_size=50),
        f"GET {BASE}/task_abc123/events?pageSize=50",
        None,
        (200, EVENTS),
    ),
}


class January(VirtualClock):
    """The time of the published example."""

    def now(self) -> float:
        return 1_736_937_000.0


def ask(call: Call, status: int, body: Any) -> tuple[httpx.Request, Any]:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, json=body) if body else httpx.Response(status)

    clock = January()
    cloud = ServiceClient(
        "https://api.pulumi.com",
        Secret("TOKEN"),
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, 60),
        http=httpx.MockTransport(answer),
    )
    result = call(TaskClient(cloud, "my-org", WIRES[Dialect.DOCUMENTED]))
    (request,) = requests
    return request, result


@pytest.mark.parametrize(
    ("call", "line", "sent", "reply"),
    PUBLISHED.values(),
    ids=PUBLISHED.keys(),
)
def test_each_published_call_has_its_twin(
    call: Call, line: str, sent: Any, reply: tuple[int, Any]
) -> None:
    request, _ = ask(call, *reply)
    assert f"{request.method} {request.url}" == line
    assert request.headers["authorization"] == "token TOKEN"
    if sent is None:
        assert request.content == b""
    else:
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == sent


@pytest.mark.parametrize("status", [200, 201])
def test_the_created_task_is_read_whatever_the_unstated_code_is(status: int) -> None:
    call = PUBLISHED["create"][0]
    assert ask(call, status, TASK)[1] == "task_abc123"


def test_entities_have_a_type_and_an_id() -> None:
    from upshot.model import StackRef

    new = NewTask(prompt="x", stack=StackRef("my-org", "web", "dev"))
    request, _ = ask(lambda client: client.create(new), 200, TASK)
    assert json.loads(request.content)["entity_diff"] == {
        "add": [{"type": "stack", "id": "dev"}],
        "remove": [],
    }


def test_the_replies_are_read() -> None:
    assert ask(PUBLISHED["get"][0], 200, TASK)[1].status == "pending"
    page = ask(PUBLISHED["list"][0], 200, PUBLISHED["list"][3][1])[1]
    assert (page.tasks[0].name, page.token) == ("Task name", "next_page_token")


def test_events_are_ordered_by_sequence() -> None:
    page = ask(PUBLISHED["events"][0], 200, EVENTS)[1]
    first, second = page.events
    assert isinstance(first, ConsoleOutput)
    assert (first.text, first.id) == ("Processing request...", "sequence:1")
    assert isinstance(second, UserMessage)
    assert page.token == "next_page_token"


def test_a_page_follows_by_its_token() -> None:
    def call(client: TaskClient) -> object:
        return client.events_page("task_abc123", page_size=50, token="next_page_token")

    request, _ = ask(call, 200, EVENTS)
    query = "pageSize=50&continuationToken=next_page_token"
    assert str(request.url) == f"{BASE}/task_abc123/events?{query}"


@pytest.mark.parametrize("hole", [{"tasks": None, "continuationToken": None}, {}])
def test_null_arrays_are_empty_ones(hole: dict[str, Any]) -> None:
    page = ask(lambda client: client.list_page(), 200, hole or {"tasks": None})[1]
    assert (page.tasks, page.token) == ((), "")


def test_a_task_is_found_on_the_last_page_of_a_list_in_any_order() -> None:
    """The documented wire lists tasks in no order that it names."""
    pages = {
        "": {"tasks": [task("old", 1)], "continuationToken": "2"},
        "2": {"tasks": [task("older", 2), task("ours", 15)], "continuationToken": None},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            event = {"type": "user_input", "content": "Why? MARK", "sequence": 1}
            return httpx.Response(200, json={"events": [event]})
        return httpx.Response(200, json=pages[request.url.params.get("continuationToken", "")])

    clock = January()
    cloud = ServiceClient(
        "https://api.pulumi.com",
        Secret("TOKEN"),
        service=pulumi_cloud(),
        clock=clock,
        deadline=Deadline.after(clock, 60),
        http=httpx.MockTransport(answer),
    )
    client = TaskClient(cloud, "my-org", WIRES[Dialect.DOCUMENTED])
    assert find_ours(client, "MARK", since_s=clock.now()) == "ours"


def task(name: str, day: int) -> dict[str, Any]:
    return {"id": name, "status": "pending", "createdAt": f"2025-01-{day:02}T23:59:00Z"}
