"""Every call of the documented page has its exact twin: method, path, query, body, headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from tests.unit.powabase.wire.seed_server import (
    MESSAGE,
    NO_BODY,
    SEED,
    SESSION,
    STATE,
    WORKFLOW,
    Asked,
    seed_server,
)

from upshot import __version__
from upshot.http.client import ServiceClient
from upshot.powabase.graph import Graph
from upshot.powabase.wire.client import PowabaseClient
from upshot.powabase.wire.events import Dialect
from upshot.powabase.wire.service import powabase
from upshot.powabase.wire.turn import ask_copilot
from upshot.secret import Secret
from upshot.timing import Deadline, SystemClock

KEY = "service-role-key-0123456789"
Call = Callable[[PowabaseClient], object]


def chat(client: PowabaseClient) -> object:
    message = "Build a workflow that..."
    return ask_copilot(client, SESSION, message, STATE, known=(), within_s=30)


CALLS: dict[str, Call] = {
    "create_session": lambda client: client.create_session(WORKFLOW),
    "get_session": lambda client: client.get_session(WORKFLOW),
    "delete_session": lambda client: client.delete_session(SESSION),
    "messages": lambda client: client.list_messages(SESSION),
    "snapshot": lambda client: client.save_snapshot(SESSION, MESSAGE, Graph()),
    "chat": chat,
    "get_model": lambda client: client.get_model(),
    "put_model": lambda client: client.put_model("gpt-4o"),
}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, list[Asked]]]:
    with seed_server() as found:
        yield found


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("name", sorted(SEED))
def test_each_call_is_the_pages_own(
    name: str, dialect: Dialect, served: tuple[str, list[Asked]]
) -> None:
    """The server's dialect differs in one call: it wants a body where the page shows none."""
    url, asked = served
    asked.clear()
    clock = SystemClock()
    with ServiceClient(
        url, Secret(KEY), service=powabase(), clock=clock, deadline=Deadline.after(clock, 30)
    ) as http:
        CALLS[name](PowabaseClient(http, dialect))
    documented = SEED[name]
    if name == "snapshot" and dialect is not Dialect.DOCUMENTED:
        documented = documented._replace(body={"pre_snapshot": {"nodes": [], "edges": []}})
    (request,) = asked
    path = documented.heading.replace("{id}", SESSION).replace("{mid}", MESSAGE)
    assert (request.call, request.line, request.query) == (name, path, documented.query)
    headers = request.headers
    assert headers["apikey"] == KEY
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["user-agent"] == f"upshot/{__version__}"
    assert headers["accept"] == ("text/event-stream" if documented.streams else "application/json")
    if documented.body is NO_BODY:
        assert request.body == b""
        assert "content-type" not in headers
    else:
        assert json.loads(request.body) == documented.body
        assert headers["content-type"] == "application/json"


def test_no_call_of_the_page_is_left_out() -> None:
    assert set(CALLS) == set(SEED)
